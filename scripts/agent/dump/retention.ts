import type { Context } from "../kit/context";
import { finishedDumps } from "./finished";
import { removeDump } from "./folders";
import { beingRead } from "./reading";
import type { DumpSettings } from "../../../contract/agentConfig";

const DAY_MS = 24 * 3600 * 1000;

/**
 * The dumps of one database that may be removed: both older than `retentionDays` and not among the
 * newest `retentionCount`. The newest dump always stays.
 */
export function expired<T extends { takenAt: string }>(
  dumps: readonly T[],
  { retentionDays, retentionCount }: Pick<DumpSettings, "retentionDays" | "retentionCount">,
  now: Date,
): T[] {
  const oldest = now.getTime() - retentionDays * DAY_MS;
  return [...dumps]
    .sort((a, b) => Date.parse(b.takenAt) - Date.parse(a.takenAt))
    .slice(Math.max(1, retentionCount))
    .filter(({ takenAt }) => Date.parse(takenAt) < oldest);
}

/**
 * Removes the expired dumps of a database. Call it after a good dump only, so that a series of
 * failures never removes the good ones. A dump that is being read stays until the next time.
 *
 * @returns the ids of the removed dumps
 */
export async function retain(context: Context, database: string): Promise<string[]> {
  const dumps = (await finishedDumps(context, database)).map(({ id, manifest }) => ({
    id,
    takenAt: manifest.takenAt,
  }));
  const isRead = await beingRead(context);
  const gone = expired(dumps, context.config.dumps, new Date()).filter(({ id }) => !isRead(id));
  for (const { id } of gone) await removeDump(context, id);
  return gone.map(({ id }) => id);
}
