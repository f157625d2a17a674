import type { InPlaceJournal } from "../../contract/restoreInPlace";

/** What a restored server came to. */
export type Reached = NonNullable<InPlaceJournal["reached"]>;

/** What was planned, and where the primary was when it was stopped. */
export type Expected = Pick<InPlaceJournal, "plan" | "left">;

/** What the server says of its recovery, with the history of its timeline. */
export interface Said extends Reached {
  history?: string;
}

/** The query for it. The history may name a restore point, whose name can have any bytes. */
export const recoveryQuery = `
WITH now AS (SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS timeline)
SELECT json_strip_nulls(json_build_object(
  'lsn', pg_last_wal_replay_lsn()::text,
  'at', to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'timeline', ('x' || timeline)::bit(32)::int,
  'history', encode(pg_read_binary_file('pg_wal/' || timeline || '.history', 0, 1048576, true), 'escape'))) FROM now`;

/**
 * The point that the recovery reached. Where the new timeline begins is in its history, and outlives a restart. What
 * is in memory does not, and after a crash it is of another recovery.
 */
export function recoveryEnd({ history = "", ...said }: Said): Reached {
  const [, fork] = lastLeg(history);
  const [begins, replayed] = [lsnValue(fork), lsnValue(said.lsn)];
  if (fork === undefined || begins === undefined) return said;
  const { at, ...rest } = said;
  const isOfThis = at !== undefined && replayed !== undefined && replayed <= begins;
  return { ...rest, lsn: fork, ...(isOfThis ? { at } : {}) };
}

/** What the restored server came to, compared with what was planned: one sentence on the difference, or none. */
export function notReached(expected: Expected, reached: Reached): string | undefined {
  const { plan, left } = expected;
  if (reached.timeline !== undefined && reached.timeline <= plan.timeline) {
    return `The primary is on timeline ${reached.timeline}, and should have opened a new one after ${plan.timeline}.`;
  }
  // A server whose timeline has no history, and that was started again since, does not know.
  if (reached.lsn === undefined) return undefined;
  const wanted = leastLsn(expected);
  if (wanted !== undefined && position(reached.lsn) < position(wanted)) {
    return `The recovery ended at ${reached.lsn}, before ${wanted}, where ${plan.target} is.`;
  }
  if (plan.kind === "time" && reached.at !== undefined && plan.value !== undefined) {
    if (Date.parse(reached.at) > Date.parse(plan.value)) {
      return `The last transaction is of ${reached.at}, after ${plan.target}.`;
    }
  }
  const stopped = plan.kind === "latest" && left?.timeline === plan.timeline ? left.lsn : undefined;
  // The stop ends a segment, and writes its last checkpoint into the next one.
  if (stopped !== undefined && position(reached.lsn) < segmentOf(stopped)) {
    return `The recovery ended at ${reached.lsn}, and the primary had written up to ${stopped}.`;
  }
  return undefined;
}

function leastLsn({ plan }: Expected): string | undefined {
  return plan.kind === "lsn" ? plan.value : plan.reaches;
}

function position(lsn: string): bigint {
  const [high = "0", low = "0"] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

const segmentBytes = 16n << 20n;

const segmentOf = (lsn: string) => (position(lsn) / segmentBytes) * segmentBytes;

/** The timeline that was left last, and the LSN at which the new one begins. */
export function lastLeg(history: string): [number | undefined, string | undefined] {
  const line = history.split("\n").findLast((one) => /^\s*\d+\s+[0-9A-F]+\/[0-9A-F]+/i.test(one));
  const [timeline, lsn] = line?.trim().split(/\s+/) ?? [];
  return [timeline === undefined ? undefined : Number(timeline), lsn];
}

/** An LSN as a number. */
export function lsnValue(lsn: string | null | undefined): bigint | undefined {
  const [, high, low] = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(lsn ?? "") ?? [];
  if (high === undefined || low === undefined) return undefined;
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}
