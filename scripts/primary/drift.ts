import { hbaBlock } from "./settings";

/** What the configuration alone says about our objects; no secret is needed to compare. */
export interface Expected {
  /** The owner without the random number: `laterbase/dev`. */
  owner: string;
  role: string;
  /** Slot by standby. */
  slots: Record<string, string>;
}

/** What `observe` prints. */
export interface Observation {
  role: { sound: boolean; verifier: string | null; comment: string | null } | null;
  slots: Record<string, { type: string; status: string | null; reserved: boolean }>;
  /** MB; -1 is unlimited. */
  cap: number;
  otherCap: number | null;
  /** Networks of the record that no rule in the file lets in, or that another rule overrules. */
  missing: string[];
  /** Our block in pg_hba.conf. */
  block: string | null;
}

interface OwnerRecord {
  owner: string;
  verifier?: string;
  slots?: string[];
  hba?: string[];
  cap?: { set: number };
}

/**
 * What somebody changed behind our back: a sentence by step (`role`, `cap`, `hba`,
 * `slot-<standby>`). Only what the record on the primary promises is compared, so a step that was
 * never made is no drift.
 */
export function drift(expected: Expected, seen: Observation): Record<string, string> {
  const record = recordOf(seen.role?.comment ?? null);
  const found: Record<string, string> = {};
  if (record && !ours(record, expected.owner)) return found;

  if (!seen.role) found.role = `role ${expected.role} is gone`;
  else if (!record) found.role = `role ${expected.role} lost its ownership record`;
  else if (!seen.role.sound) found.role = `role ${expected.role} has other attributes`;
  else if (seen.role.verifier !== record.verifier) {
    found.role = `role ${expected.role} has another password`;
  }

  const cap = record?.cap && Math.max(record.cap.set, seen.otherCap ?? -1);
  if (!record) found.cap = "the record of max_slot_wal_keep_size is lost";
  else if (cap !== undefined && cap !== seen.cap) {
    found.cap = `max_slot_wal_keep_size is ${seen.cap} MB instead of ${cap} MB`;
  }

  for (const [standby, slot] of Object.entries(expected.slots)) {
    const sentence = slotDrift(slot, seen.slots[slot], record);
    if (sentence) found[`slot-${standby}`] = sentence;
  }
  const hba = hbaDrift(expected.role, seen, record);
  if (hba) found.hba = hba;
  return found;
}

function ours(record: OwnerRecord, owner: string): boolean {
  return record.owner === owner || record.owner.startsWith(`${owner}#`);
}

function slotDrift(
  slot: string,
  seen: Observation["slots"][string] | undefined,
  record?: OwnerRecord,
) {
  if (record && !record.slots?.includes(slot)) {
    return seen ? `slot ${slot} is not recorded as ours` : undefined;
  }
  if (!seen) return `slot ${slot} is gone`;
  if (seen.status === "lost" || !seen.reserved) return `slot ${slot} lost its WAL`;
  return record ? undefined : `the record of slot ${slot} is lost`;
}

/** Lines that somebody put there by hand, outside our markers, count too. */
function hbaDrift(role: string, seen: Observation, record?: OwnerRecord): string | undefined {
  if (!record) return "the record of our block in pg_hba.conf is lost";
  if (!record.hba) return undefined;
  if (seen.missing.length > 0)
    return `pg_hba.conf does not let ${role} in from ${seen.missing.join(", ")}`;
  const written = hbaBlock(record.owner, role, record.hba).trimEnd();
  return seen.block === null || seen.block === written
    ? undefined
    : "our block in pg_hba.conf was changed";
}

function recordOf(comment: string | null): OwnerRecord | undefined {
  if (!comment?.startsWith("{") || !comment.includes('"laterbase"')) return undefined;
  try {
    return JSON.parse(comment) as OwnerRecord;
  } catch {
    return undefined;
  }
}
