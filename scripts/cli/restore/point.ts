import { type Micros, readTime } from "../../../contract/pgTime";
import type { RestorePlan } from "../../../contract/restorePlan";
import { lastLeg, lsnValue } from "../../primary/recovered";

/** What a restored server says of the point that its recovery reached. */
export interface ReachedPoint {
  /** The end of the last WAL record that was replayed. */
  lsn: string | null;
  /** The last transaction that was replayed, ISO 8601 to the microsecond. Null: there was none. */
  at: string | null;
  /** The timeline that the server writes now. */
  timeline: number;
  /** How that timeline came from the others, as PostgreSQL notes it. */
  history: string;
}

/** The query for it. What the recovery left in memory stays until the server restarts. */
export const reachedPoint = `
WITH now AS (SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS timeline)
SELECT json_build_object(
  'lsn', pg_last_wal_replay_lsn(),
  'at', to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'timeline', ('x' || timeline)::bit(32)::int,
  'history', pg_read_file('pg_wal/' || timeline || '.history')) FROM now`;

/** A restore point's record with its page's header is shorter than this. */
const pointBytes = 1024n;

/** Why the point that was reached is not the one that the plan promised. Undefined: it is that one. */
export function pointProblem(plan: RestorePlan, point: ReachedPoint): string | undefined {
  const at = lsnValue(point.lsn);
  const [left, fork] = lastLeg(point.history);
  const where = `${point.lsn ?? "nowhere"}${point.at === null ? "" : `, with the last transaction at ${point.at}`}`;
  const other = (promised: string) =>
    `The restored server is not at the point that was asked for: the plan promised ${promised}, and it reached ${where}.`;
  if (left !== plan.timeline) {
    return other(`timeline ${plan.timeline}`).replace(where, `${where}, on timeline ${left}`);
  }
  if (at === undefined || lsnValue(fork) === undefined) return other("a recovery");
  const { target, reaches } = plan;
  const record = lsnValue(target.kind === "lsn" ? target.value : reaches?.lsn);
  const promised = `the record at ${target.kind === "lsn" ? target.value : reaches?.lsn}`;
  switch (target.kind) {
    case "time":
      return micros(point.at) > micros(target.value)
        ? other(`nothing after ${target.value}`)
        : undefined;
    case "xid":
      if (record === undefined) return undefined;
      return at <= record || (reaches?.at !== undefined && micros(point.at) !== micros(reaches.at))
        ? other(`${promised}${reaches?.at === undefined ? "" : `, of ${reaches.at}`}`)
        : undefined;
    case "name":
      if (record === undefined) return undefined;
      return at <= record || at > record + pointBytes ? other(promised) : undefined;
    case "immediate":
      // The backup ends in the last segment of the plan.
      return at > segmentEnd(plan.wal.to) ? other(`the end of ${plan.wal.to}`) : undefined;
    default:
      return record !== undefined && at <= record ? other(promised) : undefined;
  }
}

/** The LSN after a segment of 16 MiB. */
function segmentEnd(segment: string): bigint {
  const [high, low] = [segment.slice(8, 16), segment.slice(16, 24)];
  return (BigInt(`0x${high}`) << 32n) + ((BigInt(`0x${low}`) + 1n) << 24n);
}

/** The moment of a time in ISO 8601. Without one it is before all others. */
function micros(iso: string | null | undefined): Micros {
  const read = iso ? readTime(iso.replace("T", " ")) : undefined;
  return read ? read.wall : -Infinity;
}
