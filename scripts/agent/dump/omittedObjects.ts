import type { ClientBase } from "pg";
import type { Omission } from "../../../contract/manifest";

/** Schemas that pg_dump leaves out, with everything in them. Nobody else can make one of these names. */
const SYSTEM = `(n.nspname = 'information_schema' OR n.nspname ~ '^pg_')
  AND n.nspname !~ '^pg_(toast|temp_|toast_temp_)'`;

/** The first OID that is not of the server's own objects. */
const FIRST_OF_USERS = 16384;

/** Catalogs of objects in schemas, with the column that names the schema. */
const CATALOGS: [catalog: string, schema: string, which: string][] = [
  ["pg_class", "relnamespace", "relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')"],
  ["pg_proc", "pronamespace", "true"],
  // Not the types of tables, arrays and multiranges, which come with others.
  ["pg_type", "typnamespace", "typrelid = 0 AND typelem = 0 AND typtype <> 'm'"],
  ["pg_operator", "oprnamespace", "true"],
  ["pg_collation", "collnamespace", "true"],
  ["pg_conversion", "connamespace", "true"],
  ["pg_ts_config", "cfgnamespace", "true"],
  ["pg_ts_dict", "dictnamespace", "true"],
];

/** User objects in system schemas, as a superuser can make them. */
const inSystemSchemas = `
  SELECT pg_catalog.format('the %s %s', about.type, about.identity) AS what,
         'pg_dump dumps nothing in the schema ' || n.nspname AS why
    FROM (${CATALOGS.map(
      ([catalog, schema, which]) =>
        `SELECT 'pg_catalog.${catalog}'::regclass AS class, oid, ${schema} AS namespace
           FROM pg_catalog.${catalog} WHERE ${which}`,
    ).join(" UNION ALL ")}) o
    JOIN pg_catalog.pg_namespace n ON n.oid = o.namespace,
         pg_catalog.pg_identify_object(o.class, o.oid, 0) about
   WHERE o.oid >= ${FIRST_OF_USERS} AND ${SYSTEM}
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
           WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype IN ('e', 'i'))`;

/** Materialized views without rows, and those that read one: pg_dump fills neither. */
const neverFilled = `
  SELECT pg_catalog.format('rows of %s.%s', n.nspname, c.relname) AS what,
         CASE WHEN NOT c.relispopulated THEN 'the materialized view is not filled: REFRESH MATERIALIZED VIEW fills it'
              ELSE pg_catalog.format('it reads the materialized view %s.%s, which is not filled', rn.nspname, r.relname)
         END AS why
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN LATERAL (
      WITH RECURSIVE reads(oid) AS (
        SELECT c.oid
        UNION
        SELECT d.refobjid FROM reads
          JOIN pg_catalog.pg_rewrite w ON w.ev_class = reads.oid
          JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
           AND d.refclassid = 'pg_catalog.pg_class'::regclass
      ) SELECT m.oid, m.relname, m.relnamespace FROM reads JOIN pg_catalog.pg_class m ON m.oid = reads.oid
         WHERE m.relkind = 'm' AND NOT m.relispopulated AND m.oid <> c.oid
         ORDER BY m.oid LIMIT 1
    ) r ON c.relispopulated
    LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
   WHERE c.relkind = 'm' AND (NOT c.relispopulated OR r.oid IS NOT NULL)
     AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`;

/** Indexes as a CREATE INDEX CONCURRENTLY leaves them that failed. */
const invalidIndexes = `
  SELECT pg_catalog.format('the index %s.%s', n.nspname, c.relname) AS what,
         'it is invalid: REINDEX INDEX makes it usable' AS why
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE NOT ((i.indisvalid OR t.relkind = 'p') AND i.indisready)
     AND t.relpersistence <> 't' AND n.nspname !~ '^pg_'`;

/** The rows that only sessions see. A standby's catalog lists the primary's. */
const temporaryTables = `
  SELECT pg_catalog.count(*)::text || ' temporary table' || CASE WHEN pg_catalog.count(*) > 1 THEN 's' ELSE '' END,
         'each belongs to a session and ends with it'
    FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p') AND relpersistence = 't' HAVING pg_catalog.count(*) > 0`;

const preparedTransactions = `
  SELECT pg_catalog.format('the changes of the prepared transaction "%s"', gid),
         'it is neither committed nor rolled back'
    FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database()`;

const logicalSlots = `
  SELECT pg_catalog.format('the replication slot %s', slot_name), 'pg_dump dumps no replication slots'
    FROM pg_catalog.pg_replication_slots
   WHERE slot_type = 'logical' AND NOT temporary AND database = pg_catalog.current_database()`;

/** pg_dump writes every subscription without a connection, so that a copy takes nothing from a publisher. */
const enabledSubscriptions = `
  SELECT pg_catalog.format('that the subscription %s is enabled', s.subname),
         'a restored subscription waits for ALTER SUBSCRIPTION ENABLE'
    FROM pg_catalog.pg_subscription s
    JOIN pg_catalog.pg_database d ON d.oid = s.subdbid AND d.datname = pg_catalog.current_database()
   WHERE s.subenabled`;

/** What pg_dump leaves out of the connected database without a word, also when a superuser runs it. */
export async function omittedObjects(
  client: ClientBase,
  { superuser }: { superuser: boolean },
): Promise<Omission[]> {
  const parts = [
    ...[neverFilled, invalidIndexes, inSystemSchemas, temporaryTables, preparedTransactions],
    logicalSlots,
    // Others cannot dump a subscription at all, and the manifest says so.
    ...(superuser ? [enabledSubscriptions] : []),
  ];
  const { rows } = await client.query<Omission>(
    parts
      .map((part, place) => `SELECT what, why, ${place} AS place FROM (${part}) AS p (what, why)`)
      .join(" UNION ALL ") + " ORDER BY place, what",
  );
  return rows.map(({ what, why }) => ({ what, why }));
}
