import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { exportSnapshot } from "./snapshot";
import { elapsed } from "../kit/clock";

/** Seconds. A dump does not wait longer than this for a check of a standby's text indexes. */
const patience = 600;

/** Whether a role of ours records that `up` created the extension here for a check. */
const temporaryAmcheck = `SELECT EXISTS (
  SELECT FROM pg_catalog.pg_roles r
    CROSS JOIN LATERAL pg_catalog.shobj_description(r.oid, 'pg_authid') AS note
    JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
   WHERE CASE WHEN note LIKE '{%"laterbase"%' THEN note::jsonb->'amcheck' ? d.oid::text END) AS here`;

/**
 * Takes a snapshot without the temporary extension amcheck. `up` creates it on the primary while it
 * checks a standby's text indexes, so the standby has it too. It is not part of the users' data,
 * and a server without it could not restore the dump.
 */
export async function snapshotWithoutAmcheck(client: Client, signal: AbortSignal): Promise<string> {
  const until = elapsed() + patience * 1000;
  // Not retry: after the time is over, the last snapshot is used. It is no failure.
  for (;;) {
    const snapshot = await exportSnapshot(client);
    const { rows } = await client.query<{ here: boolean }>(temporaryAmcheck);
    if (!rows[0]?.here || elapsed() > until) return snapshot;
    await client.query("ROLLBACK");
    await sleep(1000, undefined, { signal });
  }
}
