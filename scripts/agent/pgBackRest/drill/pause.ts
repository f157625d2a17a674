import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import { drillPausedNote } from "../../../../contract/agentPaths";
import { socketFolder } from "../../../../contract/names";
import { elapsed } from "../../kit/clock";
import type { Context } from "../../kit/context";
import { codeOf, Failure } from "../../kit/failure";
import { writeByRename } from "../../kit/files";
import { rowOf, withSuperuser } from "./sessions";

/** Says that a drill has paused replay on the standby. It outlives the agent's container, so that the next one resumes. */
const note = ({ paths }: Pick<Context, "paths">) => join(paths.records, drillPausedNote);

const patienceMs = 30_000;

/** Whether replay was paused by a drill that has not resumed it. */
export async function isPauseNoted(context: Pick<Context, "paths">): Promise<boolean> {
  return readFile(note(context)).then(
    () => true,
    () => false,
  );
}

/**
 * Pauses replay, and returns the LSN up to which the standby has replayed. Who calls it resumes it, whatever happens.
 */
export async function pauseReplay(
  context: Context,
  client: Client,
  signal: AbortSignal,
): Promise<string> {
  await mkdir(context.paths.records, { recursive: true, mode: 0o750 });
  await writeByRename(note(context), `${new Date().toISOString()}\n`);
  await rowOf(client, "SELECT pg_catalog.pg_wal_replay_pause()");
  // Not retry: a standby that does not stop is an answer.
  for (
    const end = elapsed() + patienceMs;
    elapsed() < end;
    await sleep(100, undefined, { signal })
  ) {
    const lsn = await pausedAt(context, client, signal);
    if (lsn !== undefined) return lsn;
  }
  throw new Failure("Replay on the standby did not pause within 30 s.");
}

/** Before 14 PostgreSQL says only that a pause was asked for, so the LSN must stay the same for a moment. */
async function pausedAt(
  { config: { major } }: Context,
  client: Client,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (major >= 14) {
    const { state } = await rowOf<{ state: string }>(
      client,
      "SELECT pg_catalog.pg_get_wal_replay_pause_state() AS state",
    );
    return state === "paused" ? replayedTo(client) : undefined;
  }
  const before = await replayedTo(client);
  await sleep(500, undefined, { signal });
  return before === (await replayedTo(client)) ? before : undefined;
}

export async function replayedTo(client: Client): Promise<string> {
  const asked = "SELECT pg_catalog.pg_last_wal_replay_lsn()::text AS lsn";
  return (await rowOf<{ lsn: string }>(client, asked)).lsn;
}

/** What says that the server does not run. When it starts again, its replay is not paused. */
const notRunning = ["ENOENT", "ECONNREFUSED"];

/** Resumes replay where a note says that a drill has paused it. */
export async function resumeReplay(context: Context): Promise<void> {
  if (await isPauseNoted(context)) await resumeNow(context);
}

/** Resumes replay, and removes the note. A standby that was promoted meanwhile replays nothing. */
export async function resumeNow(context: Context): Promise<void> {
  const where = { socket: socketFolder("standby"), database: "postgres" };
  // In a session of its own: that of the drill may be gone, and its signal aborted.
  const signal = AbortSignal.timeout(patienceMs);
  await withSuperuser(context, { ...where, signal }, (client) =>
    client.query(
      "SELECT CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_wal_replay_resume() END",
    ),
  ).catch((error: unknown) => {
    if (!notRunning.includes(codeOf(error) ?? "")) throw error;
  });
  await rm(note(context), { force: true });
}
