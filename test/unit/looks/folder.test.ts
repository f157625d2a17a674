import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { folderTrial } from "../../../scripts/steps/look/folder";

// chown and setpriv need root, so here they say what they would.
const base = mkdtempSync(join(tmpdir(), "laterbase-folder-"));
const folder = join(base, "my dumps");
const file = join(base, "a file");
mkdirSync(folder);
writeFileSync(file, "");
afterAll(() => rmSync(base, { recursive: true }));

/** As another user: bash comes after its four options. */
const asUser = 'while [ "$1" != bash ]; do shift; done; exec "$@"';
const closed = 'echo "mktemp: failed to create directory: Permission denied" >&2; exit 1';

function said(place: string, programs: Record<string, string>, kind = "it"): string {
  const bin = mkdtempSync(join(base, "bin-"));
  for (const [name, body] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
  return spawnSync("bash", ["-c", folderTrial, "bash", place, kind], { env }).stdout.toString();
}

it.each([
  ["the agent takes over", folder, { chown: "exit 0" }, ""],
  [
    "keeps no owners and is mounted for the agent",
    folder,
    { chown: "exit 1", setpriv: asUser },
    "",
  ],
  [
    "keeps no owners and belongs to others",
    folder,
    { chown: "exit 1", setpriv: closed },
    "cannot be written by the agent, whose user is 999 (Permission denied)\n",
  ],
  ["is a file", file, {}, "is not a folder\n"],
])("says of a folder that %s what it is", (_what, place, programs, expected) => {
  expect(said(place, programs)).toBe(expected);
  expect(readdirSync(folder)).toEqual([]);
});

it("says that nothing can be made among the kernel's own files", () => {
  expect(said("/proc", {}, "above")).toBe(
    "cannot be made, because the folder above it is the kernel's\n",
  );
});

it("writes nothing above a folder that is still to be made", () => {
  expect(said(folder, { mktemp: "exit 9", setpriv: "exit 9" }, "above")).toBe("");
});
