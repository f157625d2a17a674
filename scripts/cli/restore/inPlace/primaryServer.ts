import type Docker from "dockerode";
import pRetry from "p-retry";
import type { InPlaceJournal } from "../../../../contract/restoreInPlace";
import { untilReady } from "../../../engine/untilReady";
import { LocalPrimary } from "../../../primary/localPrimary";
import { recoveryEnd, recoveryQuery, type Said } from "../../../primary/recovered";

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

  /**
   * Starts it, and waits until it takes writes. A recovery says how far it is. The engine may still be at a stop that a
   * killed run asked for: a server that seemed to run is started again when it ends.
   */
  async start(say: (turn: string) => void): Promise<void> {
    const end = performance.now() + stopMs;
    let ran = false;
    const attempt = async () => {
      ran = await this.container.start().then(() => false, unlessSo);
      await untilReady(this.engine, this.name, say, 200);
      // The health that was read may be from before the start, so PostgreSQL itself is asked.
      await this.local.verifier(ran ? againMs : undefined);
    };
    const shouldRetry = () => ran && performance.now() < end;
    await pRetry(attempt, { retries: Infinity, factor: 1, minTimeout: 200, shouldRetry });
  }

  /** What the recovery came to. */
  async reached(): Promise<NonNullable<InPlaceJournal["reached"]>> {
    return recoveryEnd(await this.local.json<Said>(recoveryQuery));
  }

  /** Takes back the settings of the recovery. */
  forgetRecovery = () => this.local.reload(recoverySettings);
}

/** How long a stop may take: the containers' own limit is a minute. */
const stopMs = 90_000;
const againMs = 2000;

/** The engine answers 304 where the container runs, or is stopped, already. Returns true then. */
function unlessSo(error: Error & { statusCode?: number }): true {
  if (error.statusCode !== 304) throw error;
  return true;
}
