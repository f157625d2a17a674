import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { refuseOtherFiles } from "../../../scripts/agent/dump/otherFiles";
import type { Context } from "../../../scripts/agent/kit/context";

const base = mkdtempSync(join(tmpdir(), "lbt-other-"));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(base, "dumps-"));
});
afterAll(() => rmSync(base, { recursive: true }));

const contextOf = (path: string | undefined) =>
  ({
    config: { dumps: { ...(path === undefined ? {} : { path }) } },
    paths: { backups: folder },
  }) as unknown as Context;

/** What the entry point of the image changes in the folder, as root. */
function changes(): string[] {
  const bin = mkdtempSync(join(base, "bin-"));
  const log = join(bin, "log");
  writeFileSync(log, "");
  const note = `echo "$0 $*" | sed 's|.*/||' >>'${log}'`;
  const programs = {
    id: "echo 0",
    find: `[ "$2" = -maxdepth ] || [ "$2" = -mindepth ] && ${note}`,
    // The agent itself is not started.
    setpriv: `case $* in *agent.cjs*) exit 0 ;; esac; ${note}`,
  };
  for (const [name, body] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const file = join(__dirname, "../../../images/agent/bin/laterbase-agent");
  const script = readFileSync(file, "utf8").replaceAll("/backups", folder);
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
  const { status, stderr } = spawnSync("bash", ["-c", script, "laterbase-agent", "serve"], { env });
  expect([status, stderr.toString()]).toEqual([0, ""]);
  return readFileSync(log, "utf8")
    .split("\n")
    .filter((line) => line !== "");
}

it("refuses a folder of other files, and changes nothing in it", async () => {
  mkdirSync(join(folder, ".ssh"));
  writeFileSync(join(folder, "letter.txt"), "");
  await expect(refuseOtherFiles(contextOf("/home/anna"))).rejects.toThrow(
    'laterbase:dumps.path, "/home/anna", holds other files, such as .ssh, which the agent would give another group and other modes. Give the dumps a folder of their own, or move the other files away and restart the agent\'s container.',
  );
  expect(changes()).toEqual([]);
  // The volume is ours.
  await refuseOtherFiles(contextOf(undefined));
});

it.each([
  ["a hidden folder", ".config", []],
  ["a folder of other files", "photos", ["one.jpg"]],
  ["a folder with a hidden file", "photos", [".one"]],
])("refuses %s, and changes nothing in it", async (_what, name, files) => {
  mkdirSync(join(folder, name));
  for (const file of files) writeFileSync(join(folder, name, file), "");
  await expect(refuseOtherFiles(contextOf("/srv/dumps"))).rejects.toThrow(`such as ${name}, `);
  expect(changes()).toEqual([]);
});

it.each([
  ["that is empty", []],
  ["with what a system puts there", ["lost+found", ".Trash-1000", "$RECYCLE.BIN"]],
  ["of a Mac", ["._.DS_Store", ".TemporaryItems", ".apdisk", ".DocumentRevisions-V100"]],
  ["of Windows", ["Thumbs.db", "desktop.ini", "System Volume Information"]],
  ["of a NAS", ["@Recycle", ".@__thumb", ".stfolder", "#recycle"]],
  ["with dumps that came from elsewhere", ["my app/20261121T030000Z-2", ".partial"]],
  ["whose last dump of a database was deleted", ["homelab_jarvis"]],
  ["of a stack, with files that came later", [".stack", "letter"]],
])("takes a folder %s", async (_what, folders) => {
  for (const one of folders) {
    mkdirSync(join(folder, one), { recursive: true });
    // An empty folder may be a database's.
    if (!one.startsWith("my app") && one !== "homelab_jarvis")
      writeFileSync(join(folder, one, "file"), "");
  }
  await refuseOtherFiles(contextOf("/srv/dumps"));
  expect(changes().length).toBeGreaterThan(0);
});
