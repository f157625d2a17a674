import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbt-passphrase-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const needPassphrase = (file: string) =>
  spawnSync(
    "bash",
    [
      "-c",
      '. scripts/setup/lib.sh; . scripts/setup/state.sh; stack_file=$0/none; need_dev_passphrase "$1" "$0/none"',
      ...[folder, file],
    ],
    // The user may have a stack dev, with a state.
    {
      encoding: "utf8",
      env: { ...process.env, HOME: folder, XDG_DATA_HOME: join(folder, "data") },
    },
  );

it("is drawn once, and then stays", () => {
  const file = join(folder, "passphrase");
  expect(needPassphrase(file).status).toBe(0);
  const drawn = readFileSync(file, "utf8");
  expect(drawn).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
  needPassphrase(file);
  expect(readFileSync(file, "utf8")).toBe(drawn);
});

it("names its place where it cannot be written, and not a program that is there", () => {
  const file = join(folder, "no-folder/passphrase");
  const { status, stderr } = needPassphrase(file);
  expect(status).toBe(1);
  expect(stderr).toContain(
    `laterbase: the passphrase of stack dev cannot be written: is there room where ${file} is, and is the folder yours?`,
  );
  expect(stderr).not.toContain("openssl is missing");
});
