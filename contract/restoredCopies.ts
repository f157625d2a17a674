import { z } from "zod";
import { asciiJson } from "./quoting";

/**
 * The databases that restores left beside others, as the role that dumps has them in a setting of its own.
 * The server keeps it, and no property of the databases themselves changes.
 */
export const copiesSetting = "laterbase.copies";

/** A copy. One that has another name by now is a database like any other. */
export interface RestoredCopy {
  oid: string;
  name: string;
  /** The database that it is a copy of. When that is gone, the copy is dumped. */
  of: string;
}

const shape = z.array(z.tuple([z.string(), z.string(), z.string()]));

/** Reads the setting. What is not as we write it names no copy: then more is dumped, and not less. */
export function readCopies(value: string | null | undefined): RestoredCopy[] {
  try {
    return shape.parse(JSON.parse(value ?? "[]")).map(([oid, name, of]) => ({ oid, name, of }));
  } catch {
    return [];
  }
}

/** In ASCII, because the server's own tables have no encoding. */
export function writeCopies(copies: readonly RestoredCopy[]): string {
  return asciiJson(copies.map(({ oid, name, of }) => [oid, name, of]));
}

/** Reads the setting of a role, which is its parameter. */
export const selectCopies = `
SELECT pg_catalog.substr(one, pg_catalog.length('${copiesSetting}=') + 1) AS copies
  FROM pg_catalog.pg_db_role_setting s, pg_catalog.unnest(s.setconfig) AS one
 WHERE s.setdatabase = 0 AND pg_catalog.starts_with(one, '${copiesSetting}=')
   AND s.setrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1)`;
