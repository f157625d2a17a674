import type { ApplicationRole } from "../settings";
import { isOf, type Observation, type OwnerRecord, recordOf } from "./observation";

/**
 * How a role that owns a database differs from what this stack gave it, in one sentence. A role that the note beside
 * the data does not name was not made yet.
 *
 * @param record the stack's own record; undefined when it is lost
 */
export function applicationDrift(
  { role: name, database }: ApplicationRole,
  owner: string,
  { applications, logins }: Observation,
  record: OwnerRecord | undefined,
): string | undefined {
  const observed = applications?.[name];
  if (!observed) return undefined;
  const noted = notedIn(logins)[Buffer.from(name).toString("hex")];
  if (noted === undefined && record) return undefined;
  const role = `role ${name}`;
  if (!observed.role) return `${role} is gone`;
  const own = recordOf(observed.role.comment);
  // It belongs to another stack: the step refuses it.
  if (own && !isOf(own, owner)) return undefined;
  if (!own) return `${role} lost its ownership record`;
  if (!observed.role.sound) return `${role} has other attributes`;
  if (observed.role.verifier !== own.verifier) return `${role} has another password`;
  if (noted !== own.verifier) return `${role} has the password of other data`;
  if (observed.owner === null) return lostDatabase(database);
  if (observed.owner !== name) return `database ${database} belongs to ${observed.owner}`;
  if (observed.anybody) return `everybody may connect to database ${database}`;
  return undefined;
}

/** The step makes the database again, and nothing gives its rows back. */
export function lostDatabase(database: string): string {
  return `database ${database} is gone, and 'up' makes an EMPTY one`;
}

/** The note, by the names of the roles in hexadecimal digits. One that was written half notes nothing. */
function notedIn(text: string | null | undefined): Record<string, unknown> {
  try {
    return JSON.parse(text ?? "{}") as Record<string, unknown>;
  } catch {
    return {};
  }
}
