import type { ClientBase } from "pg";
import type { CatalogTable } from "./contents";

/** What these print is not much longer than what is stored. A number of twelve bytes may print a hundred thousand digits. */
const PLAIN = [
  "bool,bytea,char,name,int8,int2,int4,text,oid,bpchar,varchar,date,time,timestamp,timestamptz",
  "interval,timetz,uuid,json,float4,float8,inet,cidr,macaddr,macaddr8,pg_lsn",
].join(",");

/**
 * The tables, by OID, of which COPY prints a few megabytes at most: they have few pages, nothing beside them, and
 * columns of plain types only. They are locked, so they stay so.
 */
export async function smallTables(
  client: ClientBase,
  tables: readonly CatalogTable[],
): Promise<Set<string>> {
  const { rows } = await client.query<{ oid: string }>(
    `SELECT c.oid::text
       FROM pg_catalog.pg_class c JOIN pg_catalog.unnest($1::oid[]) AS wanted (oid) ON wanted.oid = c.oid
      WHERE c.relkind = 'r' AND pg_catalog.pg_relation_size(c.oid) <= 65536
        AND (c.reltoastrelid = 0 OR pg_catalog.pg_relation_size(c.reltoastrelid) = 0)
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid NOT IN (
                   SELECT oid FROM pg_catalog.pg_type
                    WHERE typnamespace = 'pg_catalog'::regnamespace
                      AND typname = ANY (string_to_array($2, ','))))`,
    [tables.map(({ oid }) => oid), PLAIN],
  );
  return new Set(rows.map(({ oid }) => oid));
}
