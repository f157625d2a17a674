import type { HealthConfig } from "../../../../contract/health/config";
import { serverBytes } from "../../../../contract/health/figures";
import { roleName } from "../../../../contract/names";

/** What the monitor's role sees of the stack's steps on the primary. */
export interface SeenSettings {
  /** max_slot_wal_keep_size in bytes; negative: there is no limit. */
  slotRetention: number;
  /** The replication role, if it is there and may do what it has to. */
  replication: boolean;
}

type Wanted = Pick<HealthConfig, "stack" | "slotRetention" | "standbys">;

/** The role's name has no character that SQL would read in another way. */
export function driftSql({ stack }: Wanted): string {
  return `json_build_object(
    'slotRetention', pg_size_bytes(current_setting('max_slot_wal_keep_size')),
    'replication', EXISTS (SELECT FROM pg_roles WHERE rolname = '${roleName(stack)}' AND rolcanlogin AND rolreplication))`;
}

/** What is not as the stack wants it, a sentence each. That slots are missing says a check of their own. */
export function driftOf({ slotRetention, replication }: SeenSettings, wanted: Wanted): string[] {
  if (wanted.standbys.length === 0) return [];
  const drift: string[] = [];
  const bytes = bytesOf(wanted.slotRetention);
  if (bytes !== undefined && slotRetention !== bytes) {
    const is = slotRetention < 0 ? "without a limit" : serverBytes(slotRetention);
    drift.push(
      `max_slot_wal_keep_size is ${is}, and the stack wants ${wanted.slotRetention}: a standby that is away keeps more or less WAL than was meant.`,
    );
  }
  if (!replication) {
    drift.push(
      `The role "${roleName(wanted.stack)}", by which standbys replicate, is not there, or may not replicate.`,
    );
  }
  return drift;
}

/** The bytes of a size such as `10GB`. */
export function bytesOf(size: string): number | undefined {
  const [, number, unit] = /^([0-9]+)(MB|GB|TB)$/.exec(size) ?? [];
  if (number === undefined) return undefined;
  return Number(number) * 1024 ** { MB: 2, GB: 3, TB: 4 }[unit as "MB" | "GB" | "TB"];
}
