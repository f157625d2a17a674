import { type ClientBase, escapeIdentifier } from "pg";
import type { Manifest, TableContent } from "../../../contract/manifest";
import { copiedRows, copyStatement } from "./copiedRows";

/** A table as the catalog describes it. `columns` are the ones that a dump holds, by name. */
export interface CatalogTable {
  oid: string;
  schema: string;
  name: string;
  kind: "table" | "foreign table" | "materialized view";
  unlogged: boolean;
  /** Of a partitioned table. */
  partition: boolean;
  /** The extension that it belongs to. */
  extension: string | null;
  /**
   * Nothing of a user is planned or called when a query reads it: `FROM_A_USER` finds nothing, and its
   * owner is a superuser, so nobody else can add something meanwhile.
   */
  builtInOnly: boolean;
  /**
   * Planning a query on it takes longer than reading it: it has few pages and many indexes, which the planner
   * opens. COPY opens none.
   */
  costlyToPlan: boolean;
  /** The database's encoding, such as "UTF8". */
  encoding: string;
  columns: CatalogColumn[];
}

/** A column that a dump holds. */
export interface CatalogColumn {
  name: string;
  /** A restored value has the same hash. The hash of an enum, for example, is its OID's. */
  hashes: boolean;
  /** Its type is one of PostgreSQL's own, or a domain over one, so nobody can have given it a cast. */
  builtIn: boolean;
}

const HASHED = [
  "bool,bytea,char,name,int8,int2,int4,text,oid,bpchar,varchar,date,time,timestamp,timestamptz",
  "interval,timetz,numeric,uuid,jsonb,float4,float8,inet,cidr,macaddr,macaddr8,pg_lsn",
].join(",");

/** Objects that a database is created with have lower OIDs. */
const FIRST_OF_A_USER = 16384;

/**
 * What of a user a query on table `c` could meet, in its columns or while it is planned. Planning computes
 * what is constant in indexes, partition keys and statistics, and calls what the index methods offer.
 */
const FROM_A_USER = `
       c.relam >= ${FIRST_OF_A_USER}
       OR EXISTS (SELECT FROM pg_catalog.pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             AND (a.attgenerated <> '' OR a.atttypid >= ${FIRST_OF_A_USER} OR a.atttypid IN (
                  SELECT castsource FROM pg_catalog.pg_cast
                   WHERE oid >= ${FIRST_OF_A_USER} AND casttarget = 'pg_catalog.text'::regtype)))
       OR EXISTS (SELECT FROM pg_catalog.pg_index i
           WHERE i.indrelid = c.oid AND (i.indexprs IS NOT NULL OR EXISTS (
                 SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                    AND d.refobjid >= ${FIRST_OF_A_USER} AND d.refclassid IN (
                        'pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass,
                        'pg_catalog.pg_opclass'::regclass, 'pg_catalog.pg_opfamily'::regclass,
                        'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_am'::regclass))))
       OR EXISTS (SELECT FROM pg_catalog.pg_policy WHERE polrelid = c.oid)
       OR EXISTS (SELECT FROM pg_catalog.pg_statistic_ext WHERE stxrelid = c.oid)
       OR c.relispartition AND EXISTS (
           SELECT FROM pg_catalog.pg_partition_ancestors(c.oid) AS above
             JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = above.relid
            WHERE p.partexprs IS NOT NULL OR ${FIRST_OF_A_USER} <= ANY (p.partclass::oid[]))`;

// Columns are sorted by name: pg_dump may restore an inherited column at another position.
const TABLES = `
WITH RECURSIVE base(oid, id) AS (
  SELECT oid, oid FROM pg_catalog.pg_type WHERE typtype <> 'd'
  UNION ALL
  SELECT t.oid, b.id FROM pg_catalog.pg_type t JOIN base b ON b.oid = t.typbasetype WHERE t.typtype = 'd'
), own(oid) AS (
  SELECT b.oid FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.id
   WHERE t.typnamespace = 'pg_catalog'::regnamespace
), plain(oid) AS (
  SELECT oid FROM pg_catalog.pg_type
   WHERE typnamespace = 'pg_catalog'::regnamespace AND typname = ANY (string_to_array($1, ','))
), hashed(oid) AS (
  SELECT b.oid FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.id
   WHERE t.oid IN (SELECT oid FROM plain)
      OR EXISTS (SELECT FROM pg_catalog.pg_type e JOIN base eb ON eb.oid = e.oid
                  WHERE e.typarray = t.oid AND eb.id IN (SELECT oid FROM plain))
)
SELECT c.oid::text, n.nspname AS schema, c.relname AS name,
       CASE c.relkind WHEN 'f' THEN 'foreign table' WHEN 'm' THEN 'materialized view' ELSE 'table' END AS kind,
       c.relpersistence = 'u' AS unlogged,
       c.relispartition AS partition,
       (SELECT rolsuper FROM pg_catalog.pg_roles r WHERE r.oid = c.relowner)
         AND NOT (${FROM_A_USER}) AS "builtInOnly",
       c.relkind = 'r' AND c.relhasindex AND pg_catalog.pg_relation_size(c.oid) <= 65536
         AND (SELECT pg_catalog.count(*) FROM pg_catalog.pg_index WHERE indrelid = c.oid) > 2 AS "costlyToPlan",
       pg_catalog.getdatabaseencoding() AS encoding,
       (SELECT e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
         WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
           AND d.refclassid = 'pg_catalog.pg_extension'::regclass) AS extension,
       coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', a.attname, 'hashes',
                          a.atttypid IN (SELECT oid FROM hashed), 'builtIn',
                          a.atttypid IN (SELECT oid FROM own)) ORDER BY a.attname COLLATE "C")
                   FROM pg_catalog.pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND a.attgenerated = ''), '[]') AS columns
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind::text = ANY ($2) AND c.relispopulated AND c.relpersistence <> 't'
   AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
 ORDER BY c.relpages DESC, c.oid`;

/**
 * Every table that has rows of its own. The largest comes first.
 *
 * @param kinds of pg_class. Default: tables and foreign tables
 */
export async function catalogTables(
  client: ClientBase,
  kinds: readonly string[] = ["r", "f"],
): Promise<CatalogTable[]> {
  return (await client.query<CatalogTable>(TABLES, [HASHED, kinds])).rows;
}

/** PostgreSQL 13 cannot hash a record, so the text of its columns is hashed there. */
export function algorithmOf(major: number): ServerAlgorithm {
  return major >= 14 ? "record" : "text";
}

/** How the server itself sums rows. */
export type ServerAlgorithm = "record" | "text";

/** How a dump sums a table: in the server only where a query can run nothing that a user made. */
export function algorithmFor(
  {
    builtInOnly,
    costlyToPlan,
    encoding,
  }: Pick<CatalogTable, "builtInOnly" | "costlyToPlan" | "encoding">,
  major: number,
): TableContent["algorithm"] {
  return builtInOnly && !costlyToPlan ? algorithmOf(major) : copyAlgorithm({ encoding });
}

/** How a table is summed by COPY, which runs nothing that a user made, whatever the table has become meanwhile. */
export function copyAlgorithm({
  encoding,
}: Pick<CatalogTable, "encoding">): Exclude<TableContent["algorithm"], ServerAlgorithm> {
  return encoding === "UTF8" || encoding === NO_ENCODING ? "copy" : "bytes";
}

/** A database whose bytes have no known meaning, so nothing can convert them. */
const NO_ENCODING = "SQL_ASCII";

/** What has to be known of a table to sum it. */
type SummedTable = Pick<CatalogTable, "schema" | "name" | "columns" | "encoding">;

/**
 * The rows and the checksum of one table: the sum of the rows' hashes, so their order does not
 * matter. The session needs the settings of `openSession`.
 */
export async function contentOf(
  client: ClientBase,
  { schema, name, columns, encoding }: SummedTable,
  algorithm: TableContent["algorithm"],
): Promise<TableContent> {
  if (algorithm === "copy" || algorithm === "bytes") {
    const statement = copyOf({ schema, name, columns, encoding }, algorithm);
    return { schema, name, ...(await copiedRows(client, statement)), algorithm };
  }
  const { rows, checksum } = await one(client, sumStatement({ schema, name, columns }, algorithm));
  return { schema, name, rows: Number(rows), checksum, algorithm };
}

/** The COPY that prints the rows of a table as they are summed. */
export function copyOf(
  { schema, name, columns, encoding }: SummedTable,
  algorithm: Exclude<TableContent["algorithm"], ServerAlgorithm>,
): string {
  const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
  const printed = columns.map((column) => escapeIdentifier(column.name));
  const converted = encoding === NO_ENCODING ? NO_ENCODING : "UTF8";
  return copyStatement(table, printed, algorithm === "bytes" ? encoding : converted);
}

/** The statement by which the server sums a table. It returns one row, `rows` and `checksum`. */
export function sumStatement(
  { schema, name, columns }: Omit<SummedTable, "encoding">,
  algorithm: ServerAlgorithm,
): string {
  const row = columns.map((column) => {
    const value = `t.${escapeIdentifier(column.name)}`;
    return column.hashes || algorithm === "text" ? value : textOf(value, column);
  });
  const hash = {
    record: `pg_catalog.hash_record_extended(ROW(${row.join(", ")}), 0)`,
    // The text of a row is made of the output functions of its columns' types.
    text: `pg_catalog.hashtextextended(ROW(${row.join(", ")})::text, 0)`,
  };
  return `SELECT pg_catalog.count(*)::text AS rows,
                 coalesce(pg_catalog.sum(${hash[algorithm]}), 0)::text AS checksum
            FROM ONLY ${escapeIdentifier(schema)}.${escapeIdentifier(name)} AS t`;
}

/**
 * A value as its type writes it. `::text` would call a cast that the type's owner made; format() calls
 * the output function, which only a superuser can make. num_nulls, because a composite value with a
 * null in it is also NULL for IS NULL.
 */
function textOf(value: string, { builtIn }: CatalogColumn): string {
  if (builtIn) return `${value}::text`;
  return `CASE WHEN pg_catalog.num_nulls(${value}) = 0 THEN pg_catalog.format('%s', ${value}) END`;
}

/**
 * The number of large objects and the sum of their pages' hashes. Zeros at the end of a page and
 * pages of zeros do not count: a restore writes them where the original has a hole.
 */
export async function largeObjectsOf(
  client: ClientBase,
  algorithm: ServerAlgorithm,
): Promise<Manifest["largeObjects"]> {
  // PostgreSQL 13 has no hash of a record, but one of an array, which is made from its elements.
  const hash = {
    record: "hash_record_extended(ROW(loid, pageno, data), 0)",
    text: "pg_catalog.hashint8extended((loid::int8 << 32) + pageno, pg_catalog.hash_array_extended(ARRAY[data], 0))",
  };
  const { rows, checksum } = await one(
    client,
    `SELECT (SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata)::text AS rows,
            coalesce(sum(${hash[algorithm]}), 0)::text AS checksum
       FROM (SELECT loid, pageno, pg_catalog.btrim('\\x01'::bytea || data, '\\x00'::bytea) AS data
               FROM pg_catalog.pg_largeobject) page
      WHERE data <> '\\x01'::bytea`,
  );
  return { count: Number(rows), checksum };
}

async function one(client: ClientBase, query: string): Promise<{ rows: string; checksum: string }> {
  const [row] = (await client.query<{ rows: string; checksum: string }>(query)).rows;
  if (!row) throw new Error(`no row from ${query}`);
  return row;
}
