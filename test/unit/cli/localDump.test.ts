import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localDump } from "../../../scripts/cli/servers/localDump";
import { wholeManifest } from "../../support/unit/wholeManifest";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lbt-local-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const archive = Buffer.concat([
  Buffer.from("PGDMP"),
  Buffer.from([1, 16, 0, 4, 8, 1]),
  Buffer.alloc(600),
]);
const write = (name: string, content: string | Buffer) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const named = {
  kind: "dump" as const,
  name: "app.backup",
  bytes: archive.length,
  sha256: "0".repeat(64),
};
const manifest = JSON.stringify({ ...wholeManifest, files: [named] });
const names = async (path: string) => (await localDump(path)).files.map(({ name }) => name);

it("takes a folder with its manifest, and the signature where there is one", async () => {
  write("app.backup", archive);
  write("globals.sql", "x");
  write("manifest.json", manifest);
  expect(await names(folder)).toEqual(["app.backup", "manifest.json"]);
  write("manifest.sig", "x");
  const { from, files } = await localDump(join(folder, "app.backup"));
  expect(from).toBe(join(folder, "app.backup"));
  expect(files).toEqual([
    { name: "app.backup", path: join(folder, "app.backup"), bytes: archive.length },
    {
      name: "manifest.json",
      path: join(folder, "manifest.json"),
      bytes: Buffer.byteLength(manifest),
    },
    { name: "manifest.sig", path: join(folder, "manifest.sig"), bytes: 1 },
  ]);
});

it("takes an archive that no manifest names, and the only one of a folder", async () => {
  const path = write("other.dump", archive);
  const alone = [{ name: "archive.backup", path, bytes: archive.length }];
  write("globals.sql", "x");
  expect((await localDump(folder)).files).toEqual(alone);
  write("app.backup", archive);
  write("manifest.json", manifest);
  expect((await localDump(path)).files).toEqual(alone);
});

it.each<[string, () => string, RegExp]>([
  ["nothing", () => join(folder, "gone"), /^There is no file and no folder .*gone\.$/],
  [
    "plain SQL",
    () => write("a.sql", "CREATE"),
    /a\.sql is not an archive of pg_dump -Fc\. If it is plain SQL, psql restores it\.$/,
  ],
  ["an empty file", () => write("a", ""), /a is not an archive of pg_dump -Fc/],
  [
    "a tar",
    () => write("a.tar", Buffer.concat([Buffer.alloc(257), Buffer.from("ustar")])),
    /is a tar archive: make a dump by pg_dump -Fc\.$/,
  ],
  [
    "a tar of pg_dump",
    () => write("a", Buffer.concat([archive.subarray(0, 10), Buffer.from([3])])),
    /is no dump in custom format/,
  ],
  [
    "an empty folder",
    () => folder,
    /holds neither a manifest\.json nor an archive of pg_dump -Fc\.$/,
  ],
  [
    "two archives",
    () => (write("a", archive), write("b", archive), folder),
    /holds 2 archives and no manifest\.json: name one of them\.$/,
  ],
  [
    "a dump of many files",
    () => (write("toc.dat", "x"), folder),
    /is a dump in pg_dump's directory format: make one by pg_dump -Fc\.$/,
  ],
  [
    "a broken manifest",
    () => (write("manifest.json", "{}"), folder),
    /manifest\.json, format must be 1/,
  ],
  [
    "a damaged dump",
    () => (write("manifest.json", manifest), folder),
    /is damaged: it lacks app\.backup\.$/,
  ],
])("refuses %s in one sentence", async (_what, path, sentence) => {
  const error = await localDump(path()).catch((one: Error) => one);
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringMatching(sentence) });
});

it("does not take a folder for an archive", async () => {
  mkdirSync(join(folder, "sub"));
  await expect(localDump(folder)).rejects.toThrow("holds neither");
});
