import { quoted } from "../../contract/quoting";
import type { LocalPrimary } from "./localPrimary";

/** What became of the extensions of a database. */
export interface CreatedExtensions {
  created: string[];
  /** A sentence each, for people. */
  failed: { extension: string; why: string }[];
}

/** What is in the way of one extension. `reason` decides, the rest is for people. */
interface Obstacle {
  name: string;
  reason: "schema" | "foreign";
  role: string | null;
}

/**
 * Creates extensions in a database as the superuser: those that are missing there, and that nobody else may create.
 *
 * The script of an extension runs with the rights of the superuser and finds functions and operators in the schema
 * `public` too, where the owner of the database may have put some with the same names. So it only runs where there are
 * none of roles that are no superusers, and none can come meanwhile.
 */
export async function createMissing(
  server: LocalPrimary,
  database: string,
  extensions: readonly string[],
): Promise<CreatedExtensions> {
  const done: CreatedExtensions = { created: [], failed: [] };
  const missing = await server.json<string[]>(missingQuery(extensions), database);
  for (const extension of missing) {
    const [obstacle] = await server.json<Obstacle[]>(obstacleQuery(extension), database);
    if (obstacle) {
      done.failed.push({ extension, why: inWords(obstacle) });
      continue;
    }
    try {
      await server.run(createStatements(extension), database);
      done.created.push(extension);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      done.failed.push({ extension, why: `${why.replace(/\.?$/, ".")} ${byHand(extension)}` });
    }
  }
  return done;
}

function inWords({ name, reason, role }: Obstacle): string {
  if (reason === "schema") return `there is no schema "public". ${byHand(name)}`;
  return (
    `the role ${quoted(role ?? "")} has functions or operators in the schema "public", which could run with the superuser's ` +
    `rights meanwhile. Look at them first. ${byHand(name)}`
  );
}

const byHand = (extension: string) =>
  `Create it there as the superuser: CREATE EXTENSION ${extension}.`;

/** A name of ours or of a package, as text in SQL. It holds no quote. */
const literal = (name: string) => `'${name.replace(/'/g, "''")}'`;

const missingQuery = (extensions: readonly string[]) =>
  `SELECT coalesce(json_agg(e.name ORDER BY e.name), '[]')
     FROM pg_available_extensions e
     JOIN pg_available_extension_versions v ON v.name = e.name AND v.version = e.default_version
    WHERE e.name = ANY (ARRAY[${extensions.map(literal).join(", ")}]::name[])
      AND e.installed_version IS NULL AND v.superuser AND NOT v.trusted`;

/** Functions and operators in `public` that are owned by a role without a superuser's rights. */
const foreign = `SELECT o.rolname
     FROM (SELECT proowner AS owner FROM pg_proc WHERE pronamespace = to_regnamespace('public')
           UNION ALL SELECT oprowner FROM pg_operator WHERE oprnamespace = to_regnamespace('public')) f
     JOIN pg_roles o ON o.oid = f.owner WHERE NOT o.rolsuper`;

const obstacleQuery = (extension: string) =>
  `SELECT coalesce(json_agg(o), '[]') FROM (
     SELECT ${literal(extension)} AS name, 'schema' AS reason, NULL AS role WHERE to_regnamespace('public') IS NULL
     UNION ALL (SELECT ${literal(extension)}, 'foreign', f.rolname FROM (${foreign}) f LIMIT 1)) o`;

/** The locks keep functions and operators from being made until it is done. */
const createStatements = (extension: string) => `DO $laterbase$
DECLARE
  fixed constant name := (SELECT v.schema FROM pg_available_extensions e
     JOIN pg_available_extension_versions v ON v.name = e.name AND v.version = e.default_version
    WHERE e.name = ${literal(extension)});
BEGIN
  LOCK TABLE pg_proc, pg_operator IN SHARE ROW EXCLUSIVE MODE;
  IF EXISTS (${foreign}) THEN
    RAISE EXCEPTION 'a role made functions or operators in the schema "public" meanwhile';
  END IF;
  EXECUTE format('CREATE EXTENSION %I %s CASCADE', ${literal(extension)},
    CASE WHEN fixed IS NULL THEN 'SCHEMA public' ELSE '' END);
END
$laterbase$`;
