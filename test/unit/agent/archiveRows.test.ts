import { createHash } from "node:crypto";
import { propertiesOf } from "../../../scripts/agent/restore/archiveManifest";
import { rowsOf } from "../../../scripts/agent/restore/archiveRows";
import { sumOfLines } from "../../../scripts/agent/dump/copiedRows";
import { otherMajor } from "../../../scripts/agent/restore/server";
import type { Entry } from "../../../scripts/agent/dump/toc";

/** A stream of pieces of this size, which end anywhere. */
async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

/** What COPY of a server prints, summed. */
const summed = (...lines: string[]) =>
  sumOfLines(pieces(lines.map((line) => `${line}\n`).join(""), 1000));

const script = String.raw`--
-- PostgreSQL database dump
SET client_encoding = 'UTF8';
-- Data for Name: t; Type: TABLE DATA

COPY public."Z ""z""" (b, a, "A", "é, x") FROM stdin;
one	1	\\x00	x
COPY public.trap (a) FROM stdin;	2	\N	y
\\.	3		z
\.

COPY s.nothing  FROM stdin;


\.
COPY public.empty (n) FROM stdin;
\.
SELECT pg_catalog.setval('s', 5);
COPY public."Z ""z""" (b, a, "A", "é, x") FROM stdin;
two	4	w	v
\.
`;

test.each([1, 7, 100_000])(
  "the rows of an archive have the sums of a server's, in pieces of %i bytes",
  async (size) => {
    const trap = "COPY public.trap (a) FROM stdin;";
    // By name: "A", then a, b and "é, x".
    const lines = ["\\\\x00\t1\tone\tx", `\\N\t2\t${trap}\ty`, "\t3\t\\\\.\tz", "w\t4\ttwo\tv"];
    expect(await rowsOf(pieces(script, size))).toEqual([
      { schema: "public", name: 'Z "z"', algorithm: "copy", ...(await summed(...lines)) },
      { schema: "s", name: "nothing", algorithm: "copy", ...(await summed("", "")) },
      { schema: "public", name: "empty", algorithm: "copy", rows: 0, checksum: "0" },
    ]);
  },
);

test("a row that is not the same has another sum", async () => {
  const [first] = await rowsOf(pieces("COPY a.b (c) FROM stdin;\nx\n\\.\n", 9));
  const sum = createHash("sha256").update("x").digest().readBigUInt64BE();
  expect(first).toEqual({
    ...{ schema: "a", name: "b", rows: 1, algorithm: "copy" },
    checksum: String(sum),
  });
  expect((await rowsOf(pieces("COPY a.b (c) FROM stdin;\ny\n\\.\n", 9)))[0]?.checksum).not.toBe(
    String(sum),
  );
});

test.each([1, 100])("a row that is too wide is counted, in pieces of %i bytes", async (size) => {
  const wide = "x".repeat(50);
  const copy = (table: string, ...rows: string[]) =>
    `COPY a.${table} (c) FROM stdin;\n${rows.map((row) => `${row}\n`).join("")}\\.\n`;
  const text = `-- ${wide}\n${copy("b", "y", wide, "z")}${copy("d", "y")}`;
  const rows = await rowsOf(pieces(text, size), 40);
  expect(rows.map((one) => [one.name, one.rows, one.checksum === null])).toEqual([
    ["b", 3, true],
    ["d", 1, false],
  ]);
});

const created = (definition: string): Entry =>
  ({ kind: "DATABASE", name: "app", owner: "it's me", definition }) as Entry;

test.each([
  [
    "CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = libc LOCALE = 'en_US.utf8';",
    {
      encoding: "UTF8",
      collate: "en_US.utf8",
      ctype: "en_US.utf8",
      localeProvider: "c",
      locale: null,
    },
  ],
  [
    "CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'LATIN1' LC_COLLATE = 'C' LC_CTYPE = 'de_DE';",
    { encoding: "LATIN1", collate: "C", ctype: "de_DE", localeProvider: "c", locale: null },
  ],
  [
    "CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'de-u-co-''x';",
    { encoding: "UTF8", collate: "C", ctype: "C", localeProvider: "i", locale: "de-u-co-'x" },
  ],
  [
    "CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = builtin LOCALE = 'C' BUILTIN_LOCALE = 'C.UTF-8';",
    { encoding: "UTF8", collate: "C", ctype: "C", localeProvider: "b", locale: "C.UTF-8" },
  ],
  [
    `CREATE DATABASE "a ENCODING = 'SQL_ASCII'" WITH TEMPLATE = template0 ENCODING = 'UTF8' LOCALE_PROVIDER = icu LOCALE = 'C' ICU_LOCALE = 'en' ICU_RULES = '&V << w''' TABLESPACE = "My ""disk""";`,
    { encoding: "UTF8", locale: "en", icuRules: "&V << w'", tablespace: 'My "disk"' },
  ],
  [
    "CREATE DATABASE app WITH TEMPLATE = template0 ENCODING = 'UTF8' LC_COLLATE = 'C' LC_CTYPE = 'C' TABLESPACE = fast;",
    { collate: "C", tablespace: "fast" },
  ],
])("an archive says of its database: %s", (definition, properties) => {
  expect(propertiesOf("app", [created(definition)])).toMatchObject({
    database: { name: "app", owner: "it's me", ...properties },
    notRead: [],
  });
});

test("a dump of another major is refused with what to do", () => {
  expect(otherMajor(13, 17)).toBe(
    "The dump was written by PostgreSQL 13 and the primary is 17: --newer-major restores it there, and docs/dumps.md says what to test afterwards.",
  );
  expect(otherMajor(17, 13)).toBe(
    "The dump was written by PostgreSQL 17 and the primary is 13: restore it on a server of the same major or a newer one, because an older one misreads it.",
  );
});
