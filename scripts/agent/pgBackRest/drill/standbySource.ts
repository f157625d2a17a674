import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { socketFolder } from "../../../../contract/names";
import { elapsed } from "../../kit/clock";
import type { Context, Say } from "../../kit/context";
import { Failure, sentenceOf } from "../../kit/failure";
import { isBefore } from "../restore/lsn";
import { readDatabase } from "./contents";
import { mark, type Marker } from "./marker";
import { pauseReplay, replayedTo, resumeNow } from "./pause";
import { saidBy } from "./said";
import { openDatabases, reading, rowOf, withSuperuser } from "./sessions";
import { readingLimit, type SourceState } from "./source";

/** How long the standby may take to replay the marker. */
const catchUpMs = 60_000;

/** Whether there is a standby whose socket is here. Before 15 no backup reads it, so the settings do not name it. */
export const hasStandby = ({ config }: Context): boolean =>
  config.backups?.standby !== undefined ||
  existsSync(join(socketFolder("standby"), ".s.PGSQL.5432"));

/**
 * The rows of the standby, while its replay is paused after a marker. What it has replayed by then is the target.
 *
 * @throws Failure, or an error of the server, when the standby is not a good source
 */
export async function readStandby(
  context: Context,
  say: Say,
  signal: AbortSignal,
): Promise<SourceState> {
  const where = { socket: socketFolder("standby"), database: "postgres", signal };
  return withSuperuser(context, where, async (control) => {
    await refuseUnfit(control);
    const marker = await mark(context, false);
    await untilReplayed(control, marker, signal);
    try {
      const target = await pauseReplay(context, control, signal);
      say(`comparing: replay on the standby is paused at ${target}`);
      const state = await readAll(context, control, { marker, target }, say, signal);
      if ((await replayedTo(control)) !== target) {
        throw new Failure("Replay on the standby went on while its rows were read.");
      }
      return state;
    } finally {
      // Without asking for the note: this session has paused it.
      await resumeNow(context).catch((error: unknown) =>
        context.log(`replay on the standby is not resumed yet: ${sentenceOf(error)}`),
      );
    }
  });
}

/** A person may have paused it, and a promoted one is another server. */
async function refuseUnfit(control: Client): Promise<void> {
  const { follows, paused } = await rowOf<{ follows: boolean; paused: boolean | null }>(
    control,
    `SELECT pg_catalog.pg_is_in_recovery() AS follows,
            CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_is_wal_replay_paused() END AS paused`,
  );
  if (!follows) throw new Failure("It is not a standby any more: it was promoted.");
  if (paused === true) throw new Failure("Its replay is paused already.");
}

async function untilReplayed(control: Client, marker: Marker, signal: AbortSignal): Promise<void> {
  for (const end = elapsed() + catchUpMs; ; await sleep(100, undefined, { signal })) {
    const lsn = await replayedTo(control);
    if (!isBefore(lsn, marker.lsn)) return;
    if (elapsed() > end) {
      throw new Failure(`It has replayed to ${lsn} only, and the marker is at ${marker.lsn}.`);
    }
  }
}

async function readAll(
  context: Context,
  control: Client,
  at: { marker: Marker; target: string },
  say: Say,
  signal: AbortSignal,
): Promise<SourceState> {
  const limit = readingLimit();
  const state: SourceState = {
    from: "standby",
    ...at,
    databases: [],
    unproven: [],
    problems: [],
    notes: [],
  };
  for (const name of await openDatabases(control)) {
    say(`comparing: reading the standby's database ${JSON.stringify(name)}`);
    const where = { socket: socketFolder("standby"), database: name, signal, settings: reading };
    const read = await withSuperuser(context, where, async (client) => {
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      return readDatabase(client, name, {
        limit,
        major: context.config.major,
        signal,
        live: false,
      });
    });
    state.databases.push(read);
    state.unproven.push(...read.unproven);
    state.problems.push(...read.problems);
  }
  return state;
}

/** Why the standby was not read, for the record. */
export const whyNotStandby = (error: unknown): string =>
  `The standby could not be used: ${saidBy(error)} So the primary's rows are compared.`;
