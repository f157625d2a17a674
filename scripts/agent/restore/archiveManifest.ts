import { join } from "node:path";
import type { DatabaseProperties, Manifest, Omission } from "../../../contract/manifest";
import { describeFiles } from "../dump/publish";
import { dumpedSequences } from "../dump/sequences";
import { Failure } from "../kit/failure";
import { archiveRows } from "./archiveRows";
import { readStatements } from "./archiveProperties";
import { type Entry, readHeader, readToc } from "../dump/toc";

/** Encodings in which the rows of an archive are the bytes that a server sends. */
const comparable = new Set(["UTF8", "SQL_ASCII"]);

/**
 * A manifest for an archive that came without one: what the archive says of its database, and its rows.
 *
 * @param name the archive's name in the folder
 * @param major of our own pg_restore
 */
export async function manifestOf(
  folder: string,
  name: string,
  major: number,
  signal: AbortSignal,
): Promise<Manifest> {
  const file = join(folder, name);
  const header = readHeader(file);
  const entries = readToc(file);
  const { database, notRead } = propertiesOf(header.database, entries);
  if (parseInt(header.tool, 10) > major) {
    throw new Failure(
      `The dump was written by pg_dump ${header.tool}, and this stack's pg_restore is of ${major}: restore it on a stack of that major.`,
    );
  }
  const encoding = /'(\w+)'/.exec(
    entries.find(({ kind }) => kind === "ENCODING")?.definition ?? "",
  );
  const rows = comparable.has(encoding?.[1] ?? "") ? await archiveRows(file, signal) : [];
  // An archive has no entry of its own for a table of an extension, which may bring rows itself.
  const own = new Set(entries.filter(({ kind }) => kind === "TABLE").map(keyOf));
  const tables = rows.filter((table) => own.has(keyOf(table)));
  return {
    format: 1,
    stack: "another place",
    takenAt: header.takenAt.toISOString(),
    database,
    source: { server: "primary", version: header.server, systemIdentifier: "" },
    role: { name: "unknown", superuser: false },
    tool: `pg_dump (PostgreSQL) ${header.tool}`,
    files: await describeFiles(folder, [{ kind: "dump", name }], signal),
    tables,
    sequences: dumpedSequences(file, []),
    largeObjects: { count: 0, checksum: "0" },
    fromArchive: true,
    leftOut: leftOutOf(entries, tables, notRead),
  };
}

const keyOf = ({ schema, name }: { schema: string; name: string }) =>
  JSON.stringify([schema, name]);

const LITERAL = "'((?:[^']|'')*)'";
const NAME = '(?:"((?:[^"]|"")+)"|(\\S+?))(?=[ ;]|$)';

/**
 * What the archive says of its database: pg_restore gives it to no database of another name.
 *
 * @returns the properties, and which kinds of entries hold more than was understood
 */
export function propertiesOf(
  name: string,
  entries: readonly Entry[],
): { database: DatabaseProperties; notRead: string[] } {
  const created = entries.find(({ kind }) => kind === "DATABASE");
  // The name may hold the words that follow it.
  const words = created?.definition.replace(new RegExp(`^CREATE DATABASE ${NAME}`), "") ?? "";
  const literal = (key: string) =>
    new RegExp(` ${key} = ${LITERAL}`).exec(words)?.[1]?.replace(/''/g, "'");
  const provider = / LOCALE_PROVIDER = (\w+)/.exec(words)?.[1] ?? "libc";
  const both = literal("LOCALE");
  const collate = literal("LC_COLLATE") ?? both ?? "C";
  const icuRules = literal("ICU_RULES");
  const [, quotedSpace, space] = new RegExp(` TABLESPACE = ${NAME}`).exec(words) ?? [];
  const tablespace = quotedSpace?.replace(/""/g, '"') ?? space;
  const owner = created?.owner || "postgres";
  const { found, notRead } = readStatements(owner, entries);
  const database: DatabaseProperties = {
    name: name || created?.name || "restored",
    owner,
    encoding: literal("ENCODING") ?? "UTF8",
    collate,
    ctype: literal("LC_CTYPE") ?? both ?? collate,
    localeProvider: provider === "icu" ? "i" : provider === "builtin" ? "b" : "c",
    locale: literal("ICU_LOCALE") ?? literal("BUILTIN_LOCALE") ?? null,
    ...(icuRules === undefined ? {} : { icuRules }),
    ...(tablespace === undefined ? {} : { tablespace }),
    ...found,
  };
  return { database, notRead };
}

/** What such a dump does not bring back, or nobody can compare. */
function leftOutOf(
  entries: readonly Entry[],
  tables: Manifest["tables"],
  notRead: readonly string[],
): Omission[] {
  const compared = new Set(tables.filter(({ checksum }) => checksum !== null).map(keyOf));
  const others = entries.filter(
    (entry) => entry.kind === "TABLE DATA" && !compared.has(keyOf(entry)),
  );
  return [
    ...notRead.map((kind) => ({
      what: `something of the database itself (${kind} in the archive)`,
      why: "only a manifest brings it to a database of another name",
    })),
    ...others.map(({ schema, name }) => ({
      what: `a comparison of the rows of ${schema}.${name}`,
      why:
        "the archive does not hold them as COPY prints them in UTF-8, a row is too wide for it, or an extension " +
        "makes the table",
    })),
  ];
}
