import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginDump } from "../../../../scripts/cli/restore/dumpFile";
import { localDump } from "../../../../scripts/cli/servers/localDump";

const now = new Date("2026-11-29T13:00:00.000Z");
const name = "a_b-restored-20261129T130000Z.dump";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbt-dump-"));
  process.env["LATERBASE_CALLED_FROM"] = folder;
});
afterEach(() => {
  delete process.env["LATERBASE_CALLED_FROM"];
  rmSync(folder, { recursive: true });
});

it("makes the unfinished file in the operator's folder, for its owner alone", async () => {
  expect(await beginDump("a/b", now)).toBe(join(folder, name));
  expect(readdirSync(folder)).toEqual([`${name}.partial`]);
  expect(statSync(join(folder, `${name}.partial`)).mode & 0o777).toBe(0o600);
});

it.each([name, `${name}.partial`])("overwrites nothing: %s", async (there) => {
  writeFileSync(join(folder, there), "kept");
  await expect(beginDump("a/b", now)).rejects.toMatchObject({
    exitCode: 4,
    message: `There is a file ${join(folder, there)} already: remove it.`,
  });
});

it("says that a folder takes no file, also to root", async () => {
  process.env["LATERBASE_CALLED_FROM"] = join(folder, "gone");
  await expect(beginDump("a/b", now)).rejects.toMatchObject({
    exitCode: 4,
    message: `The dump cannot be written into ${join(folder, "gone")} (ENOENT): call the command from a folder that takes files.`,
  });
});

it("finds a dump by a path that starts in the operator's folder", async () => {
  mkdirSync(join(folder, "x"));
  await expect(localDump("./x")).rejects.toThrow(`${join(folder, "x")} holds neither`);
});
