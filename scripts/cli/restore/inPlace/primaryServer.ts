import type Docker from "dockerode";
import type { InPlaceJournal } from "../../../../contract/restoreInPlace";
import { untilReady } from "../../../engine/untilReady";
import { LocalPrimary } from "../../../primary/localPrimary";
import { recoveryEnd, type Said } from "./check";

/** What pgBackRest writes into the settings of restored data. Left there, a new clone would stop at the target too. */
const recoverySettings = [
  "restore_command",
  "recovery_target",
  "recovery_target_action",
  "recovery_target_inclusive",
  "recovery_target_lsn",
  "recovery_target_name",
  "recovery_target_time",
  "recovery_target_timeline",
  "recovery_target_xid",
];

// A few digits notice a change, and are of no use to guess a password from.
const LOGINS = `SELECT coalesce(json_object_agg(rolname, digest), '{}') FROM (
  SELECT rolname, left(encode(sha256(convert_to(coalesce(rolpassword, ''), 'UTF8')), 'hex'), 4) AS digest
    FROM pg_authid WHERE rolcanlogin ORDER BY rolname LIMIT 1000) logins`;

// The history may name a restore point, whose name can have any bytes.
const REACHED = `
WITH now AS (SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) AS timeline)
SELECT json_strip_nulls(json_build_object(
  'lsn', pg_last_wal_replay_lsn()::text,
  'at', to_char(pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
  'timeline', ('x' || timeline)::bit(32)::int,
  'history', encode(pg_read_binary_file('pg_wal/' || timeline || '.history', 0, 1048576, true), 'escape'))) FROM now`;

/** Logins by name, each with the first digits of a digest of what the server stores of its password. */
export type Logins = Record<string, string>;

/** The primary's server, in its container. */
export class PrimaryServer {
  private readonly container: Docker.Container;
  private readonly local: LocalPrimary;

  constructor(
    private readonly engine: Docker,
    readonly name: string,
  ) {
    this.container = engine.getContainer(name);
    this.local = new LocalPrimary(engine, name);
  }

  /** Writes a checkpoint, which makes the stop short. One that does not answer is stopped as it is. */
  async checkpoint(): Promise<void> {
    await this.local.checkpoint().catch(() => undefined);
  }

  logins = () => this.local.json<Logins>(LOGINS);

  /** Stops it in its own time: PostgreSQL writes its last checkpoint, and archives its last segment. */
  async stop(): Promise<void> {
    await this.container.stop().catch(unlessSo);
  }

  /** Starts it, and waits until it takes writes. A recovery says how far it is. */
  async start(say: (turn: string) => void): Promise<void> {
    await this.container.start().catch(unlessSo);
    await untilReady(this.engine, this.name, say, 200);
    // The health that was read may be from before the start, so PostgreSQL itself is asked.
    await this.local.verifier();
  }

  /** What the recovery came to. */
  async reached(): Promise<NonNullable<InPlaceJournal["reached"]>> {
    return recoveryEnd(await this.local.json<Said>(REACHED));
  }

  /** Takes back the settings of the recovery. */
  forgetRecovery = () => this.local.reload(recoverySettings);
}

/** The engine answers 304 where the container runs, or is stopped, already. */
function unlessSo(error: Error & { statusCode?: number }): void {
  if (error.statusCode !== 304) throw error;
}
