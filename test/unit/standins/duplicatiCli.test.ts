import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeVersion } from "../../../scripts/standins/duplicati/archive";
import { cli } from "../../../scripts/standins/duplicati/cli";

let folder: string;
const content = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251));
const old = "20261121T030000Z";
const young = "20261122T030000Z";

/** A version with these dumps, as the stand-in writes it. The paths begin in a folder named backups. */
async function version(passphrase: string, ...stamps: string[]): Promise<void> {
  const files = stamps.flatMap((stamp) =>
    ["app", 'My "L" é'].map((database) => {
      const path = join(folder, "backups", database, stamp, "x.backup");
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, content);
      return { path, size: content.length, mtime: new Date(), mode: 0o640, uid: 0, gid: 0 };
    }),
  );
  // A tar has the paths without their first slash; in the container they begin with backups.
  process.chdir(folder);
  const relative = files.map((file) => ({ ...file, path: file.path.slice(folder.length + 1) }));
  await writeVersion(join(folder, "archive"), relative, { passphrase, onFile: () => undefined });
}

const before = process.cwd();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbt-cli-"));
});
afterEach(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

async function restore(filter: string, options: Record<string, string>, env: object = {}) {
  const said: string[] = [];
  const keep = (line: unknown) => void said.push(String(line));
  const log = jest.spyOn(console, "log").mockImplementation(keep);
  const error = jest.spyOn(console, "error").mockImplementation(keep);
  const parameters = join(folder, "parameters");
  const lines = Object.entries({ target: `file://${folder}/archive`, ...options });
  writeFileSync(parameters, lines.map(([name, value]) => `--${name}=${value}\n`).join(""));
  const words = ["restore", "none", filter, `--parameters-file=${parameters}`];
  const code = await cli([...words, `--restore-path=${folder}/back`], env as never).finally(() => {
    log.mockRestore();
    error.mockRestore();
  });
  return { code, said: said.join("\n") };
}

const back = (...path: string[]) => readFileSync(join(folder, "back", ...path));

it.each(["", 'Tr0ub4dor "é'])(
  "restores byte for byte, with the passphrase %p",
  async (passphrase) => {
    await version(passphrase, old);
    expect((await restore("*", { passphrase })).code).toBe(0);
    for (const database of ["app", 'My "L" é']) {
      expect(back(database, old, "x.backup").equals(content)).toBe(true);
    }
  },
);

it("restores the newest version, an older one, and what a filter names", async () => {
  await version("p", old);
  await version("p", old, young);
  await restore(`*/app/${young}/*`, { passphrase: "p" });
  expect(back("app", young, "x.backup").equals(content)).toBe(true);
  expect(() => back("app", old, "x.backup")).toThrow("ENOENT");
  expect((await restore("*", { passphrase: "p", version: "1" })).code).toBe(0);
  expect(back("app", old, "x.backup").equals(content)).toBe(true);
});

it.each([
  ["the wrong passphrase", { passphrase: "q" }, /passphrase is wrong/],
  [
    "no such version",
    { passphrase: "p", version: "7" },
    "There is no version 7: the target has 1.",
  ],
  [
    "a target that it does not know",
    { passphrase: "p", target: "s3://b" },
    /file:\/\/ targets only/,
  ],
])("says that it failed: %s", async (_what, options, sentence) => {
  await version("p", old);
  const { code, said } = await restore("*", options);
  expect(code).toBe(100);
  if (typeof sentence === "string") expect(said).toBe(sentence);
  else expect(said).toMatch(sentence);
});
