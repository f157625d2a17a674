import type { Client } from "pg";
import { Failure } from "../kit/failure";
import type { RestoreArgs } from "./args";
import type { Needs } from "./needs";
import { checkName, derivedName } from "./names";
import { exists, missing } from "./server";
import { type DatabaseProperties, isPublic } from "../../../contract/manifest";
import { quoted } from "../../../contract/quoting";

/** Which databases a restore makes and renames. */
export interface Plan {
  /** The database that pg_restore fills. */
  fresh: string;
  /** In place only: the name to take over, and the new name of the database that has it. */
  inPlace?: { target: string; kept: string };
}

/** Chooses the names. A restore in place fills a database of another name first. */
export function planRestore(wanted: RestoreArgs, database: string, at: Date): Plan {
  if (!wanted.inPlace) return { fresh: wanted.as ?? derivedName(database, "restored", at) };
  const target = wanted.as ?? checkName(database);
  return {
    fresh: derivedName(target, "restored", at),
    inPlace: { target, kept: derivedName(target, "before_restore", at) },
  };
}

/** Checks, before anything is made, what would stop the restore half-way. */
export async function checkNames(client: Client, { fresh, inPlace }: Plan): Promise<void> {
  if (await exists(client, fresh)) {
    const how = inPlace
      ? "try again in a second"
      : "give another name with --as, or use --in-place";
    throw new Failure(`There is a database ${quoted(fresh)} already: ${how}.`);
  }
  if (!inPlace) return;
  const { target, kept } = inPlace;
  if (["template0", "template1"].includes(target)) {
    throw new Failure(`${quoted(target)} is a template of the server and is not replaced.`);
  }
  if (!(await exists(client, target))) {
    throw new Failure(
      `There is no database ${quoted(target)} to replace: leave --in-place out and say --as with its name.`,
    );
  }
  if (await exists(client, kept)) {
    throw new Failure(`There is a database ${quoted(kept)} already: try again in a second.`);
  }
  const prepared = await client.query("SELECT FROM pg_prepared_xacts WHERE database = $1", [
    target,
  ]);
  if (prepared.rowCount) {
    throw new Failure(
      `${quoted(target)} has a prepared transaction, so it cannot be renamed: commit it or roll it back first.`,
    );
  }
}

/** What the dump needs and the server lacks. Without `createRoles` a missing role is refused. */
export async function checkNeeds(
  client: Client,
  needs: Needs,
  properties: DatabaseProperties,
  { createRoles }: RestoreArgs,
): Promise<{ roles: string[]; tablespaces: string[] }> {
  for (const role of rolesOf(properties)) needs.roles.add(role);
  if (properties.tablespace !== undefined) needs.tablespaces.add(properties.tablespace);
  const lacking = await missing(client, needs);
  if (lacking.roles.length > 0 && !createRoles) {
    const names = lacking.roles.map((role) => quoted(role)).join(", ");
    throw new Failure(
      `The primary lacks roles that the dump names: ${names}; make them, or say --create-roles to have them made without the right to log in.`,
    );
  }
  return lacking;
}

function rolesOf({ owner, privileges, settings, publicSchema }: DatabaseProperties): string[] {
  const granted = (privileges ?? []).flatMap(({ grantee, grantor }) => [grantee, grantor]);
  const set = settings.flatMap(({ role }) => (role === null ? [] : [role]));
  const ofSchema = publicSchema ? [publicSchema.owner] : [];
  return [owner, ...ofSchema, ...granted.filter((role) => !isPublic(role)), ...set];
}
