import { randomBytes } from "node:crypto";
import { escapeLiteral } from "pg";
import type { Context } from "../../kit/context";
import { askServer } from "../servers";

/** What a drill writes on the primary after the backup: one restore point. */
export interface Marker {
  name: string;
  /** Where its record ends. */
  lsn: string;
  /** The primary's time. */
  at: string;
  /** The timeline that the primary writes. */
  timeline: number;
}

/**
 * Writes the marker, as the role that backs up.
 *
 * @param flush whether its segment ends with it, so that all of it is on the primary's disk
 */
export async function mark(context: Context, flush: boolean): Promise<Marker> {
  const name = `laterbase drill ${randomBytes(4).toString("hex")}`;
  const { timeline, ...rest } = await askServer<{ lsn: string; at: string; timeline: string }>(
    context,
    "primary",
    markSql(name, flush),
  );
  return { name, ...rest, timeline: Number.parseInt(timeline, 16) };
}

export const markSql = (name: string, flush: boolean) => `
SELECT lsn::text,
       pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
       pg_catalog.substr(pg_catalog.pg_walfile_name(lsn), 1, 8) AS timeline
       ${flush ? ", pg_catalog.pg_switch_wal()::text AS ended" : ""}
  FROM pg_catalog.pg_create_restore_point(${escapeLiteral(name)}) AS lsn`;
