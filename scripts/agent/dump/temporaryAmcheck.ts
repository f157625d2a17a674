import { setTimeout } from "node:timers/promises";
import type { Client } from "pg";
import { exportSnapshot } from "./snapshot";

/** Seconds. A check of a standby's text indexes that takes longer has no say in when a dump is made. */
const patience = 600;

/** Whether the record of a role of ours says that the extension here is one that goes away again. */
const passing = `SELECT EXISTS (
  SELECT FROM pg_roles r
    CROSS JOIN LATERAL shobj_description(r.oid, 'pg_authid') AS note
    JOIN pg_database d ON d.datname = current_database()
   WHERE CASE WHEN note LIKE '{%"laterbase"%' THEN note::jsonb->'amcheck' ? d.oid::text END) AS here`;

/**
 * A snapshot for a dump. While `up` checks a standby's text indexes, the primary has the extension
 * amcheck for that alone, and so has the standby: it is no part of anybody's data, and a server
 * without it could not restore the dump.
 */
export async function settledSnapshot(client: Client, signal: AbortSignal): Promise<string> {
  const until = Date.now() + patience * 1000;
  for (;;) {
    const snapshot = await exportSnapshot(client);
    const { rows } = await client.query<{ here: boolean }>(passing);
    if (!rows[0]?.here || Date.now() > until) return snapshot;
    await client.query("ROLLBACK");
    await setTimeout(1000, undefined, { signal });
  }
}
