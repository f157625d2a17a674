import type { Client } from "pg";

/** Whether there is a heartbeat that this role may write. The catalog answers without a right on it. */
export const heartbeatSql = `(SELECT coalesce(bool_or(
      has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AND has_table_privilege(c.oid, 'UPDATE')), false)
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'laterbase' AND relname = 'heartbeat')`;

/** The beat that a server has, and when it was written by the primary's clock. */
export interface Beat {
  beat: bigint;
  at: string;
}

/** The beat on a server. Undefined: the row is not there. */
export async function readBeat(client: Client): Promise<Beat | undefined> {
  const { rows } = await client.query<{ beat: string; at: Date }>({
    name: "laterbase read beat",
    text: "SELECT beat::text, at FROM laterbase.heartbeat",
  });
  const [row] = rows;
  return row && { beat: BigInt(row.beat), at: row.at.toISOString() };
}

/**
 * Writes the next beat, unless nobody has written since the last one: then an idle primary stays idle, and archives
 * nothing because of us. The transaction of the last beat is the row's xmin, which has 32 bits.
 *
 * @returns the last beat, and whether others have written since the one before
 */
export async function beat(client: Client): Promise<(Beat & { written: boolean }) | undefined> {
  const { rows } = await client.query<{ beat: string; at: Date }>({
    name: "laterbase beat",
    text: `UPDATE laterbase.heartbeat SET beat = beat + 1, at = clock_timestamp()
       WHERE (xmin::text::bigint + 1) % 4294967296
         <> pg_snapshot_xmax(pg_current_snapshot())::text::bigint % 4294967296
       RETURNING beat::text, at`,
  });
  const [row] = rows;
  if (row) return { beat: BigInt(row.beat), at: row.at.toISOString(), written: true };
  const last = await readBeat(client);
  return last && { ...last, written: false };
}
