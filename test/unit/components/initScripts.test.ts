import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, readInitScripts } from "../../../components";

const folder = mkdtempSync(join(tmpdir(), "init-"));
afterAll(() => rmSync(folder, { recursive: true }));

const read = (initScripts: string) => {
  const primary = { kind: "managed", version: 17, port: 5432, databases: ["app"], initScripts };
  const raw = { primary, standbys: [{ name: "standby", port: 5433 }] };
  return readInitScripts(parseConfig(raw, "Pulumi.dev.yaml").primary, "Pulumi.dev.yaml");
};

it("keeps every byte of a script, in the order of the names, and leaves empty ones out", () => {
  const bytes = {
    "20-latin1.sql": Buffer.from([0x27, 0x53, 0xe3, 0x6f, 0x27]),
    "10-mark.sql": Buffer.from([0xef, 0xbb, 0xbf, 0x0d, 0x0a]),
    "30-utf16.sql": Buffer.from("ÿþ", "utf16le"),
    "40-zero.sh": Buffer.from([0, 0xff]),
  };
  for (const [name, content] of Object.entries(bytes)) writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, "05-empty.sql"), "");
  writeFileSync(join(folder, "notes.txt"), "not a script");
  expect(read(folder)).toEqual([
    { name: "10-mark.sql", content: bytes["10-mark.sql"] },
    { name: "20-latin1.sql", content: bytes["20-latin1.sql"] },
    { name: "30-utf16.sql", content: bytes["30-utf16.sql"] },
    { name: "40-zero.sh", content: bytes["40-zero.sh"] },
  ]);
});

it("refuses a folder that is not there, and one with what cannot be read", () => {
  const expected = "must be a folder of *.sql and *.sh that can be read";
  expect(() => read(join(folder, "none"))).toThrow(expected);
  mkdirSync(join(folder, "50-folder.sql"));
  expect(() => read(folder)).toThrow(expected);
});
