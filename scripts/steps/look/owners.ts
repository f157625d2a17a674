import type { OwnerLook } from "../../../contract/looks";
import { visible } from "../../../contract/visible";
import { applicationRefusals } from "../../primary/applicationRefusals";
import { recordPattern } from "../../primary/recordPattern";

/** What a server has of a role that is to own a database. */
export interface SeenOwner {
  /** Whether others made a role of that name. */
  taken: boolean;
  /** The role of others that the database belongs to. Null where it is free, ours, or not there. */
  owner: string | null;
}

/**
 * Asks about these roles. They travel as the hexadecimal digits of JSON, so that no name is a part of the statement.
 *
 * @param owner the stack as an owner without its number, such as `laterbase/dev`
 */
export function ownersQuery(owner: string, owners: readonly OwnerLook[]): string {
  const hex = Buffer.from(JSON.stringify({ owner, owners, record: recordPattern })).toString("hex");
  return `WITH args AS (
  SELECT pg_catalog.convert_from(pg_catalog.decode('${hex}', 'hex'), 'UTF8')::pg_catalog.jsonb AS a),
roles AS (
  SELECT oid, rolname, CASE WHEN note ~ (a->>'record') THEN note::pg_catalog.jsonb END AS note
    FROM args, (SELECT oid, rolname, pg_catalog.shobj_description(oid, 'pg_authid') AS note FROM pg_catalog.pg_roles) r)
SELECT pg_catalog.json_agg(pg_catalog.json_build_object(
    'taken', EXISTS (SELECT FROM roles WHERE rolname = w->>'role' AND note IS NULL),
    'owner', (SELECT r.rolname FROM pg_catalog.pg_database d JOIN roles r ON r.oid = d.datdba
      WHERE d.datname = w->>'database' AND r.oid <> 10 AND NOT (r.note IS NOT NULL AND r.note ? 'application'
        AND pg_catalog.starts_with(r.note->>'owner', (a->>'owner') || '#')))
  ) ORDER BY nth)
  FROM args, pg_catalog.jsonb_array_elements(a->'owners') WITH ORDINALITY AS o (w, nth)`;
}

/** A sentence for each role and each database of others. */
export function ownersTaken(owners: readonly OwnerLook[], seen: readonly SeenOwner[]): string[] {
  return owners.flatMap((one, i) => {
    const { taken = false, owner = null } = seen[i] ?? {};
    const { applicationOfOthers = "", databaseOfOthers = "" } = applicationRefusals(one);
    const found = [
      ...(taken ? [applicationOfOthers] : []),
      ...(owner === null ? [] : [formatted(databaseOfOthers, visible(owner))]),
    ];
    return found.map((sentence) => sentence.replace(/\.$/, ""));
  });
}

/** As `format` of SQL does it, for these sentences. */
const formatted = (sentence: string, value: string): string =>
  sentence.replace(/%1\$s|%%/g, (found) => (found === "%%" ? "%" : value));
