import { applicationDrift, lostDatabase } from "./applicationDrift";
import { heartbeatDrift, readerDrift } from "./readerDrift";
import { hbaBlock, hbaRules, identBlock, socketRule } from "../hba";
import {
  applicationKey,
  backupRoleBeside,
  dumpRoleBeside,
  healthRoleBeside,
  pgAdminRoleBeside,
  restoreRoleBeside,
} from "../../../contract/names";
import type { ApplicationRole } from "../settings";
import { configurationDrift } from "./configurationDrift";
import { isOf, type Observation, type OwnerRecord, recordOf } from "./observation";

/** What the configuration alone says about our objects; no secret is needed to compare. */
export interface Expected {
  /** The owner without the random number: `laterbase/dev`. */
  owner: string;
  role: string;
  /** The role that dumps. Absent where the stack has none. */
  dumpRole?: string;
  /** The role that pgAdmin connects by. Absent where the stack has none. */
  pgAdminRole?: string;
  /** The role that backs up. Absent where the stack has none. */
  backupRole?: string;
  /** The monitor's role. Absent where the stack has none. */
  healthRole?: string;
  /** The roles that own databases. Default: none. */
  applications?: readonly ApplicationRole[];
  /** Slot by standby. */
  slots: Record<string, string>;
}

/**
 * What others have changed, a sentence by step (`role`, `dumps`, `pgAdmin`, `backups`, `health`, `slotWalLimit`,
 * `configuration`, `settings`, `hba`, `slot-<standby>`, `application-<role>`, `extensions`, `login`). Only what the record on the primary promises is compared: a step that
 * never ran has no drift.
 */
export function drift(expected: Expected, observation: Observation): Record<string, string> {
  const record = recordOf(observation.role?.comment);
  const found: Record<string, string> = {};
  if (record && !isOf(record, expected.owner)) return found;

  if (observation.login === false) found.login = "the superuser has another password";
  if (!observation.role) found.role = `role ${expected.role} is gone`;
  else if (!record) found.role = `role ${expected.role} lost its ownership record`;
  else if (!observation.role.sound) found.role = `role ${expected.role} has other attributes`;
  else if (observation.role.verifier !== record.verifier) {
    found.role = `role ${expected.role} has another password`;
  }

  for (const [kind, name] of [
    ["dumps", expected.dumpRole],
    ["pgAdmin", expected.pgAdminRole],
    ["backups", expected.backupRole],
    ["health", expected.healthRole],
  ] as const) {
    const sentence = name && readerDrift(kind, name, expected.owner, observation, record);
    if (sentence) found[kind] = sentence;
  }

  const heartbeat = expected.healthRole && heartbeatDrift(observation, record);
  if (heartbeat) found.health ??= heartbeat;

  for (const one of expected.applications ?? []) {
    const sentence = applicationDrift(one, expected.owner, observation, record);
    if (!sentence) continue;
    found[applicationKey(one.role)] = sentence;
    // The one that is made again has none of them.
    if (observation.applications?.[one.role]?.owner === null)
      found.extensions ??= lostDatabase(one.database);
  }

  const limit = slotWalLimitDrift(observation, record);
  if (limit) found.slotWalLimit = limit;

  for (const [standby, slot] of Object.entries(expected.slots)) {
    const sentence = slotDrift(slot, observation.slots[slot], record);
    if (sentence) found[`slot-${standby}`] = sentence;
  }
  const hba = hbaDrift(expected.role, observation, record);
  if (hba) found.hba = hba;
  const overruled = observation.overruled ?? [];
  if (overruled.length > 0) found.settings = `ALTER SYSTEM has set ${overruled.join(", ")}`;
  const configuration = configurationDrift(observation, record);
  if (configuration) found.configuration = configuration;
  return found;
}

/** When several stacks limit one server, the largest limit is in force. */
function slotWalLimitDrift(
  { slotWalLimit, otherSlotWalLimit }: Observation,
  record?: OwnerRecord,
): string | undefined {
  if (!record) return "the record of max_slot_wal_keep_size is lost";
  if (!record.cap) return undefined;
  const promised = Math.max(record.cap.set, otherSlotWalLimit ?? -1);
  return slotWalLimit === promised
    ? undefined
    : `max_slot_wal_keep_size is ${slotWalLimit} MB instead of ${promised} MB`;
}

function slotDrift(
  slot: string,
  observation: Observation["slots"][string] | undefined,
  record?: OwnerRecord,
) {
  if (record && !record.slots?.includes(slot)) {
    return observation ? `slot ${slot} is not recorded as ours` : undefined;
  }
  if (!observation) return `slot ${slot} is gone`;
  if (observation.status === "lost" || !observation.reserved) return `slot ${slot} lost its WAL`;
  return record ? undefined : `the record of slot ${slot} is lost`;
}

/** Lines outside our markers, which others wrote by hand, count too. */
function hbaDrift(
  role: string,
  observation: Observation,
  record?: OwnerRecord,
): string | undefined {
  if (!record) return "the record of our block in pg_hba.conf is lost";
  if (!record.hba) return undefined;
  const shut = Object.entries(observation.missing)
    .filter(([, networks]) => networks.length > 0)
    .map(([name, networks]) => `${name} in from ${networks.join(", ")}`);
  if (shut.length > 0) return `pg_hba.conf does not let ${shut.join(", nor ")}`;
  // The block as it was written then: an earlier version, or a stack without them, recorded no such roles.
  const readers = [
    ...(record.hbaDumps ? [dumpRoleBeside(role)] : []),
    ...(record.hbaPgAdmin ? [pgAdminRoleBeside(role)] : []),
    ...(record.hbaHealth ? [healthRoleBeside(role)] : []),
    ...(record.hbaRestore ? [restoreRoleBeside(role)] : []),
  ];
  const guarded = record.hbaGuard ? role : undefined;
  const socket = record.hbaBackups ? [socketRule(backupRoleBeside(role))] : [];
  const rules = [...hbaRules(role, record.hba, readers), ...socket];
  const written = hbaBlock(record.owner, rules, guarded).trimEnd();
  if (observation.block !== null && observation.block !== written) {
    return "our block in pg_hba.conf was changed";
  }
  const map = socket.map((rule) => identBlock(record.owner, rule).trimEnd())[0] ?? null;
  return map === observation.ident ? undefined : "our block in pg_ident.conf was changed";
}
