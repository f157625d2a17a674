import type { ReaderKind } from "../readers";
import { isOf, type Observation, type OwnerRecord, recordOf } from "./observation";

/**
 * How a role that writes nothing differs from what this stack gave it, in one sentence.
 *
 * @param kind the role that dumps, the one that pgAdmin connects by, the one that backs up, or the monitor's
 * @param record the stack's own record, which promises the role; undefined when it is lost
 */
export function readerDrift(
  kind: ReaderKind,
  name: string,
  owner: string,
  { [kind]: observed }: Observation,
  record: OwnerRecord | undefined,
): string | undefined {
  const own = recordOf(observed?.comment);
  // It belongs to another stack: the step refuses it.
  if (own && !isOf(own, owner)) return undefined;
  const role = `role ${name}`;
  if (record && !record[kind]) return observed ? `${role} is not recorded as ours` : undefined;
  if (!observed) return `${role} is gone`;
  if (!own) return `${role} lost its ownership record`;
  if (!record) return `the record of ${role} is lost`;
  if (!observed.sound) return `${role} has other attributes`;
  if (observed.verifier !== own.verifier) return `${role} has another password`;
  if (observed.lacks.length > 0) return `${role} lacks the rights of ${observed.lacks.join(", ")}`;
  if (observed.unset.length > 0) return `${role} lost its setting ${observed.unset.join(", ")}`;
  if (observed.denied.length > 0) return `${role} may not call ${observed.denied.join(", ")}`;
  if (observed.closed.length > 0) {
    return `${role} may not connect to ${observed.closed.map((database) => `"${database}"`).join(", ")}`;
  }
  return undefined;
}

/** How the monitor's table differs from what this stack made, in one sentence. */
export function heartbeatDrift(
  { heartbeat }: Observation,
  record: OwnerRecord | undefined,
): string | undefined {
  // Without a record of the role, its step has not run yet, or it is that which drifted.
  if (!record?.health || !heartbeat) return undefined;
  const { sound, open } = heartbeat;
  if (sound === undefined) return "the table laterbase.heartbeat is gone";
  if (!sound) return "the table laterbase.heartbeat is not as it was made";
  return open ? undefined : "the monitor may not update laterbase.heartbeat";
}
