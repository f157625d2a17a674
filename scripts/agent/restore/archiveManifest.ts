import { join } from "node:path";
import type { DatabaseProperties, Manifest, Omission } from "../../../contract/manifest";
import { describeFiles } from "../dump/publish";
import { Failure } from "../kit/failure";
import { archiveRows } from "./archiveRows";
import { type Entry, readHeader, readToc } from "./toc";

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
  const database = propertiesOf(header.database, entries);
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
    largeObjects: { count: 0, checksum: "0" },
    fromArchive: true,
    leftOut: leftOutOf(entries, tables),
  };
}

const keyOf = ({ schema, name }: { schema: string; name: string }) =>
  JSON.stringify([schema, name]);

const LITERAL = "'((?:[^']|'')*)'";

/** What the archive's CREATE DATABASE says. pg_restore gives it to no database of another name. */
export function propertiesOf(name: string, entries: readonly Entry[]): DatabaseProperties {
  const created = entries.find(({ kind }) => kind === "DATABASE");
  const words = created?.definition ?? "";
  const literal = (key: string) =>
    new RegExp(` ${key} = ${LITERAL}`).exec(words)?.[1]?.replace(/''/g, "'");
  const provider = / LOCALE_PROVIDER = (\w+)/.exec(words)?.[1] ?? "libc";
  const both = literal("LOCALE");
  const collate = literal("LC_COLLATE") ?? both ?? "C";
  return {
    name: name || created?.name || "restored",
    owner: created?.owner || "postgres",
    encoding: literal("ENCODING") ?? "UTF8",
    collate,
    ctype: literal("LC_CTYPE") ?? both ?? collate,
    localeProvider: provider === "icu" ? "i" : provider === "builtin" ? "b" : "c",
    locale: literal("ICU_LOCALE") ?? literal("BUILTIN_LOCALE") ?? null,
    comment: null,
    connectionLimit: -1,
    privileges: null,
    settings: [],
  };
}

/** What such a dump does not bring back, or nobody can compare. */
function leftOutOf(entries: readonly Entry[], tables: Manifest["tables"]): Omission[] {
  const ofDatabase: Record<string, string> = {
    "DATABASE PROPERTIES": "the settings of the database",
    ACL: "the privileges on the database",
    COMMENT: "the comment on the database",
    "SECURITY LABEL": "the security label of the database",
  };
  const found = entries.flatMap(({ kind, name }) =>
    kind === "DATABASE PROPERTIES" || name.startsWith("DATABASE ") ? [ofDatabase[kind] ?? ""] : [],
  );
  const compared = new Set(tables.map(keyOf));
  const others = entries.filter(
    (entry) => entry.kind === "TABLE DATA" && !compared.has(keyOf(entry)),
  );
  return [
    ...[...new Set(found)]
      .filter((what) => what !== "")
      .map((what) => ({ what, why: "only a manifest brings it to a database of another name" })),
    ...others.map(({ schema, name }) => ({
      what: `a comparison of the rows of ${schema}.${name}`,
      why: "the archive does not hold them as COPY prints them in UTF-8, or an extension makes the table",
    })),
  ];
}
