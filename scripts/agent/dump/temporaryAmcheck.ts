import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { exportSnapshot } from "./snapshot";
import { elapsed } from "../kit/clock";

/** Seconds. A dump does not wait longer than this for a check of a standby's text indexes. */
const patience = 600;

/**
 * The notes of roles that stream: `up` writes down in that of ours for which databases it created the extension. They
 * are read here, because one that is no JSON would be an error of the server, and deny each database its dump.
 */
const notesOfRoles = `
SELECT pg_catalog.shobj_description(r.oid, 'pg_authid') AS note, d.oid::text AS database
  FROM pg_catalog.pg_roles r
  JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
 WHERE r.rolreplication`;

interface RoleNote {
  note: string | null;
  /** The OID of the connected database. */
  database: string;
}

function namesDatabase({ note, database }: RoleNote): boolean {
  try {
    const { laterbase, amcheck } = JSON.parse(note ?? "{}") as Record<string, object | undefined>;
    return laterbase !== undefined && Object.hasOwn(amcheck ?? {}, database);
  } catch {
    return false;
  }
}

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
    const { rows } = await client.query<RoleNote>(notesOfRoles);
    if (!rows.some(namesDatabase) || elapsed() > until) return snapshot;
    await client.query("ROLLBACK");
    await sleep(1000, undefined, { signal });
  }
}
