import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groupScript } from "../../../scripts/engine/folderGroups";

// No file system without groups can be made here, so chown and stat say what they say on one.
const folder = mkdtempSync(join(tmpdir(), "laterbase-groups-"));
const dumps = join(folder, "my dumps");
mkdirSync(dumps);
afterAll(() => rmSync(folder, { recursive: true }));

function ended(programs: Record<string, string>, target = dumps): number | null {
  const bin = mkdtempSync(join(folder, "bin-"));
  for (const [name, body] of Object.entries(programs))
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
  return spawnSync("bash", ["-c", groupScript, "bash", target], { env }).status;
}

it.each([
  ["keeps both", { chown: "exit 0", stat: "echo 12345:640" }, 0],
  ["refuses a change, as exFAT does", { chown: "exit 1", stat: "echo 12345:640" }, 1],
  ["ignores a change, as a share does", { chown: "exit 0", stat: "echo 0:777" }, 1],
  ["keeps the group and not the mode", { chown: "exit 0", stat: "echo 12345:777" }, 1],
])("knows a file system that %s", (_what, programs, code) => {
  expect(ended(programs)).toBe(code);
  expect(readdirSync(dumps)).toEqual([]);
});

it("says nothing about a folder in which no file can be made", () => {
  expect(ended({}, join(folder, "nowhere"))).toBe(2);
});
