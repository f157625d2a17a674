import type { Context } from "../kit/context";
import { finishedDumps } from "./finished";
import { removeDump } from "./folders";
import { beingRead } from "./reading";
import type { DumpSettings } from "../../../contract/agentConfig";

const DAY_MS = 24 * 3600 * 1000;

/**
 * Which dumps of one database may go: those that are older than `retentionDays` and beyond the
 * newest `retentionCount`, both. The newest one never goes, whatever is configured.
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
 * Removes what is expired of a database, which the caller does after a good dump of it only: a
 * series of failures never eats the good ones. What somebody is reading goes the next time.
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
