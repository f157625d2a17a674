import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHeader, readToc } from "../../../scripts/agent/dump/toc";

const folder = mkdtempSync(join(tmpdir(), "lbt-toc-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Numbers and texts as pg_dump writes them. */
const int = (value: number) => {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt8(value < 0 ? 1 : 0);
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
};
const text = (value: string | undefined, encoding: BufferEncoding = "utf8") => {
  if (value === undefined) return int(-1);
  const bytes = Buffer.from(value, encoding);
  return Buffer.concat([int(bytes.length), bytes]);
};

/** The beginning of an archive of version 1.`minor` with these entries. */
function archive(minor: number, entries: Buffer[]): string {
  const head = [Buffer.from("PGDMP"), Buffer.from([1, minor, 0, 4, 8, 1])];
  head.push(minor >= 15 ? Buffer.from([2]) : int(-1));
  for (let part = 0; part < 7; part++) head.push(int(part));
  head.push(text("app"), text("17.6"), text("17.6"), int(entries.length));
  const file = join(folder, `${minor}.backup`);
  writeFileSync(file, Buffer.concat([...head, ...entries, Buffer.alloc(100)]));
  return file;
}

function entry(
  minor: number,
  [id, kind, section]: [number, string, number],
  [schema, name, owner, definition]: [string | undefined, string, string, string],
  needs: number[] = [],
  encoding: BufferEncoding = "utf8",
): Buffer {
  const word = (value: string | undefined) => text(value, encoding);
  return Buffer.concat([
    ...[int(id), int(1), text("1259"), text("16384"), word(name), text(kind), int(section)],
    ...[word(definition), word("DROP"), word(undefined), word(schema), word("fast"), word("heap")],
    ...(minor >= 16 ? [int(114)] : []),
    ...[word(owner), text("false"), ...needs.map((need) => text(String(need))), int(-1)],
    ...[Buffer.from([2]), Buffer.alloc(8)],
  ]);
}

it.each([14, 15, 16])("reads what version 1.%i says of itself", (minor) => {
  expect(readHeader(archive(minor, []))).toMatchObject({
    ...{ database: "app", server: "17.6", tool: "17.6" },
    takenAt: new Date(Date.UTC(1905, 4, 3, 2, 1, 0)),
  });
});

it.each([14, 15, 16])("reads version 1.%i: whose each entry is, whatever names hold", (minor) => {
  const file = archive(minor, [
    entry(
      minor,
      [7, "ENCODING", 2],
      [undefined, "ENCODING", "", "SET client_encoding = 'UTF8';\n"],
    ),
    entry(minor, [8, "TABLE", 2], ["my schema", "a b\nc", "it's me é", "CREATE TABLE"], [7, 12]),
    entry(minor, [9, "ACL", 1], ["s", "TABLE t", "o", "GRANT"]),
  ]);
  expect(readToc(file)).toEqual([
    {
      ...{ id: 7, kind: "ENCODING", section: "pre-data", schema: "", name: "ENCODING", owner: "" },
      ...{
        tablespace: "fast",
        accessMethod: "heap",
        copy: "",
        definition: "SET client_encoding = 'UTF8';\n",
        needs: [],
      },
    },
    {
      ...{ id: 8, kind: "TABLE", section: "pre-data", schema: "my schema", name: "a b\nc" },
      ...{
        owner: "it's me é",
        tablespace: "fast",
        accessMethod: "heap",
        copy: "",
        definition: "CREATE TABLE",
        needs: [7, 12],
      },
    },
    {
      ...{ id: 9, kind: "ACL", section: "none", schema: "s", name: "TABLE t", owner: "o" },
      ...{ tablespace: "fast", accessMethod: "heap", copy: "", definition: "GRANT", needs: [] },
    },
  ]);
});

it("passes over entries of other kinds, also where a text is larger than what is read at once", () => {
  const long = "é".repeat(1_500_000);
  for (const minor of [14, 15, 16]) {
    const file = archive(minor, [
      entry(minor, [1, "TABLE", 2], ["s", "t", "o", long], [5, 6]),
      entry(minor, [2, "SEQUENCE SET", 3], ["s", "q", "o", "SELECT 1"], [1]),
      entry(minor, [3, "TABLE", 2], ["s", "u", "o", "CREATE"]),
      entry(minor, [4, "SEQUENCE SET", 3], ["s", "r", "o", long]),
    ]);
    const all = readToc(file);
    expect(all.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect(readToc(file, new Set(["SEQUENCE SET"]))).toEqual([all[1], all[3]]);
    expect(all[3]).toMatchObject({ name: "r", definition: long, needs: [] });
  }
});

it("reads names in the encoding of the archive", () => {
  const encoding = "SET client_encoding = 'LATIN1';\n";
  const file = archive(16, [
    entry(16, [1, "ENCODING", 2], [undefined, "ENCODING", "", encoding]),
    entry(16, [2, "TABLE", 2], ["s", "tä", "Öwner", ""], [], "latin1"),
  ]);
  expect(readToc(file)[1]).toMatchObject({ name: "tä", owner: "Öwner" });
});

it.each([
  ["LATIN9", "\xa4", "€"],
  ["LATIN7", "\xa5", "„"],
  ["LATIN5", "\xfd", "ı"],
  ["WIN866", "\xe0", "р"],
  ["UHC", "\xb0\xa1", "가"],
  ["EUC_CN", "\xb0\xa1", "啊"],
])("reads names in %s, which the web names otherwise", (encoding, bytes, name) => {
  const file = archive(16, [
    entry(
      16,
      [1, "ENCODING", 2],
      [undefined, "ENCODING", "", `SET client_encoding = '${encoding}';\n`],
    ),
    entry(16, [2, "TABLE", 2], ["s", bytes, "o", ""], [], "latin1"),
  ]);
  expect(readToc(file)[1]).toMatchObject({ name });
});

it.each([
  ["not a dump at all", /is not an archive of pg_dump that can be restored/],
  ["PGDMP", /ends within its table of contents/],
  [
    "PGDMP\x01\x0d\x00\x04\x08\x01\x00\x00\x00",
    /is not an archive of pg_dump that can be restored/,
  ],
])("refuses %j", (content, said) => {
  const file = join(folder, "wrong");
  writeFileSync(file, content, "latin1");
  expect(() => readToc(file)).toThrow(said);
});
