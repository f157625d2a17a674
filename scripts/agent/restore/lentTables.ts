import { type Client, escapeIdentifier as name } from "pg";
import { Failure } from "../kit/failure";
import type { Part } from "./parts";
import { quoted } from "../../../contract/quoting";

/**
 * Gives tables of others to an owner whose tables inherit from them, because PostgreSQL lets only the
 * owner of a table do that. Being a member of the other owner would let its code change everything of
 * that owner. What it changes in these tables is found when they are given back.
 *
 * @returns what gives them back
 */
export async function lendTables(
  session: Client,
  grantee: string,
  tables: Part["inherits"],
): Promise<() => Promise<void>> {
  if (tables.length === 0) return () => Promise.resolve();
  const lent = await lookAt(session, tables);
  const give = (to: (owner: string) => string) =>
    lent.map(({ table, owner }) => `ALTER TABLE ${table} OWNER TO ${name(to(owner))}`).join("; ");
  await session.query(give(() => grantee));
  return async () => {
    await session.query(give((owner) => owner));
    const now = await lookAt(session, tables);
    const changed = lent.find(({ state }, index) => state !== now[index]?.state);
    if (!changed) return;
    throw new Failure(
      `Code of ${quoted(grantee)} in the dump changed the table ${changed.table}, from which a table of it inherits.`,
    );
  };
}

interface LentTable {
  /** Quoted, with its schema. */
  table: string;
  owner: string;
  /** A sum over everything that is defined on it. */
  state: string;
}

/** Where PostgreSQL keeps what is defined on a table. */
const CATALOGS = {
  pg_attribute: "attrelid",
  pg_attrdef: "adrelid",
  pg_constraint: "conrelid",
  pg_index: "indrelid",
  pg_inherits: "inhrelid",
  pg_policy: "polrelid",
  pg_publication_rel: "prrelid",
  pg_rewrite: "ev_class",
  pg_statistic_ext: "stxrelid",
  pg_trigger: "tgrelid",
};

/** Of pg_class, without what changes when another table inherits, and without statistics. */
const COLUMNS = [
  ...["relname", "relnamespace", "reltype", "reloftype", "relowner", "relam", "reltablespace"],
  ...["relpersistence", "relkind", "relnatts", "relchecks", "relrowsecurity"],
  ...["relforcerowsecurity", "relreplident", "relacl", "reloptions", "relpartbound"],
];

async function lookAt(session: Client, tables: Part["inherits"]): Promise<LentTable[]> {
  const lines = [
    `SELECT format('%s', ROW(${COLUMNS.map((column) => `c.${column}`).join(", ")}))`,
    // format calls the output functions of types. A cast may be somebody's.
    ...Object.entries(CATALOGS).map(
      ([catalog, key]) => `SELECT format('%s', x) FROM ${catalog} x WHERE x.${key} = c.oid`,
    ),
  ];
  const { rows } = await session.query<LentTable>(
    `SELECT format('%I.%I', nspname, relname) AS table, pg_get_userbyid(relowner) AS owner,
            (SELECT md5(string_agg(line, ' ' ORDER BY line COLLATE "C"))
               FROM (${lines.join(" UNION ALL ")}) AS lines(line)) AS state
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE EXISTS (SELECT FROM json_to_recordset($1) AS t(schema text, name text)
                     WHERE t.schema = nspname AND t.name = relname)
      ORDER BY c.oid`,
    [JSON.stringify(tables)],
  );
  return rows;
}
