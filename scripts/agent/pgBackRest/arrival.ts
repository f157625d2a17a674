import { duration } from "../kit/figures";
import { elapsed } from "../kit/clock";
import type { Context } from "../kit/context";
import { Failure } from "../kit/failure";
import { retry } from "../kit/retry";
import { hasSegment } from "./archive";
import { waitingWal } from "./look";
import { askServer } from "./servers";

/** The time that pgBackRest's own check gives WAL, too. */
const patienceMs = 60_000;
const againMs = 1000;

/** A restore point, because without anything written no segment would be finished. */
const SWITCH = `
SELECT pg_catalog.pg_walfile_name(pg_catalog.pg_switch_wal()) AS segment
  FROM pg_catalog.pg_create_restore_point('Laterbase check')`;

/**
 * Ends a WAL segment on the primary and waits until a repository has it. pgBackRest's check looks at all
 * repositories at once, so a dead one would hide how the others are.
 *
 * @returns why it did not arrive. Undefined: it did.
 */
export async function arrivalProblem(
  context: Context,
  repository: number,
  archiveId: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { segment } = await askServer<{ segment: string }>(context, "primary", SWITCH);
  return arrivalOf(context, { repository, archiveId, segment }, signal);
}

/**
 * Waits until a repository has a segment that the primary has finished.
 *
 * @returns why it did not arrive. Undefined: it did.
 */
export async function arrivalOf(
  context: Context,
  { repository, archiveId, segment }: { repository: number; archiveId: string; segment: string },
  signal: AbortSignal,
): Promise<string | undefined> {
  const missing = new Failure(`${segment} is not there.`);
  const look = async () => {
    if (!(await hasSegment(context, repository, archiveId, segment, { signal }))) throw missing;
  };
  const began = elapsed();
  try {
    const retriable = (error: unknown) => error === missing;
    await retry(look, { every: againMs, within: patienceMs, signal, retriable });
    return undefined;
  } catch (error) {
    if (error !== missing) throw error;
    return notArrived(context, segment, (elapsed() - began) / 1000);
  }
}

async function notArrived(context: Context, segment: string, seconds: number): Promise<string> {
  const { mode, command } = await askServer<{ mode: string; command: string }>(
    context,
    "primary",
    "SELECT pg_catalog.current_setting('archive_mode') AS mode, pg_catalog.current_setting('archive_command') AS command",
  );
  const { segments, since } = await waitingWal();
  const waits =
    since === undefined
      ? ""
      : ` ${segments} segments wait on the primary, the oldest since ${since.slice(0, 19)}Z.`;
  return (
    `The WAL segment ${segment} did not arrive within ${duration(seconds)}.${waits} On the primary, ` +
    `archive_mode is ${mode} and archive_command is "${command}".`
  );
}
