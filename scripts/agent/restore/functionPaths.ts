import type { Client } from "pg";

/**
 * What PostgreSQL 17 and newer make under a search_path of their own, whatever the session has. The
 * functions that they call can still have one.
 */
export const HAS_OWN_PATH: ReadonlySet<string> = new Set([
  ...["INDEX", "CONSTRAINT", "MATERIALIZED VIEW DATA"],
]);

const FUNCTIONS = `
FOR one IN
  SELECT pg_catalog.format('ALTER ROUTINE %I.%I(%s) ', n.nspname, p.proname,
                           pg_catalog.pg_get_function_identity_arguments(p.oid)) AS alter
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   WHERE p.proowner = (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = current_user)
     AND p.prokind = 'f' AND p.oid >= 16384 AND NOT EXISTS (
       SELECT FROM pg_catalog.unnest(p.proconfig) AS c WHERE c OPERATOR(pg_catalog.~) '^search_path=')
     AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
       WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e')
LOOP`;

/**
 * Runs a statement while each function of the session's role has the session's search_path as its own.
 * All of it is one transaction, after which the functions are as before.
 */
export async function withFunctionPaths(session: Client, statement: string): Promise<void> {
  const marker = "laterbase.altered";
  await session.query("BEGIN");
  await session.query(`DO $do$ DECLARE one record; done text := '[]'; BEGIN ${FUNCTIONS}
    EXECUTE one.alter OPERATOR(pg_catalog.||) 'SET search_path FROM CURRENT';
    done := (done::pg_catalog.jsonb OPERATOR(pg_catalog.||) pg_catalog.to_jsonb(one.alter))::pg_catalog.text;
    END LOOP; PERFORM pg_catalog.set_config('${marker}', done, true); END $do$`);
  await session.query(statement);
  await session.query(`DO $do$ DECLARE one text; BEGIN
    FOR one IN SELECT pg_catalog.jsonb_array_elements_text(pg_catalog.current_setting('${marker}')::pg_catalog.jsonb)
    LOOP EXECUTE one OPERATOR(pg_catalog.||) 'RESET search_path'; END LOOP; END $do$`);
  await session.query("COMMIT");
}
