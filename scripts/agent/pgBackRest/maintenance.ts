import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pgBackRestPaths, posixRepository } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { sentenceOf, withStop } from "../kit/failure";
import { expireIn } from "./expire";
import type { Found, RepositoryTask } from "./findings";
import { keepLogs } from "./logs";
import { backupSettings } from "./settings";
import { bucketOf, removeUnfinishedUploads } from "./unfinishedUploads";

/** Files that a killed pgBackRest has left. One that runs is done with them long before. */
const temporary = ".pgbackrest.tmp";
const orphanMs = 24 * 3_600_000;

/** Removes what the retention of a repository does not keep, and what killed commands have left there. */
export async function maintainOne(context: Context, task: RepositoryTask): Promise<Found> {
  const { repository } = task;
  const expired = await expireIn(context, repository, task);
  const notes = expired.remarks.length > 0 ? [...expired.remarks] : ["Nothing had expired."];
  // pgBackRest's expire removes what a killed backup left. These are in the archive, and in posix ones only.
  if (repository.type === "posix") {
    const left = await removeOrphans(posixRepository(repository.number), Date.now());
    if (left > 0) notes.push(`${left} files that killed commands had left were removed.`);
  }
  if (repository.type === "s3" || repository.type === "objectStore") {
    notes.push(...(await endUploads(context, repository.number, task.signal)));
  }
  return {
    problems: [],
    notes,
    ...(expired.labels.length > 0 ? { expired: expired.labels } : {}),
  };
}

/**
 * Ends old uploads in the bucket of a repository, and says how many. A login that may not list uploads loses nothing
 * else, so it is no failure.
 *
 * @param folder pgBackRest's configuration. Default: where the agent has it
 */
export async function endUploads(
  context: Context,
  number: number,
  signal: AbortSignal,
  folder?: string,
): Promise<string[]> {
  try {
    const { stanza } = backupSettings(context);
    const bucket = await bucketOf(number, stanza, folder);
    const ended = await removeUnfinishedUploads(bucket, Date.now(), signal);
    const uploads = ended === 1 ? "1 upload was" : `${ended} uploads were`;
    return ended > 0 ? [`${uploads} ended that killed commands had not finished.`] : [];
  } catch (error) {
    signal.throwIfAborted();
    return [withStop(`Unfinished uploads could not be looked for: ${sentenceOf(error)}`)];
  }
}

/** Removes old logs of pgBackRest. A sentence says why it cannot. */
export async function maintainLogs(context: Context): Promise<string | undefined> {
  const { logDays } = backupSettings(context);
  try {
    const { removed } = await keepLogs(pgBackRestPaths.logs, logDays, new Date());
    if (removed.length > 0) context.log(`removed ${removed.length} old logs of pgBackRest`);
    return undefined;
  } catch (error) {
    return withStop(`Old logs could not be removed: ${sentenceOf(error)}`);
  }
}

/** Removes the temporary files in a folder that nobody has written for a day. */
export async function removeOrphans(folder: string, now: number): Promise<number> {
  const names = await readdir(join(folder, "archive"), { recursive: true }).catch(() => []);
  let removed = 0;
  for (const name of names.filter((one) => one.endsWith(temporary))) {
    const file = join(folder, "archive", name);
    const age = await stat(file).then(
      ({ mtimeMs }) => now - mtimeMs,
      () => 0,
    );
    if (age < orphanMs) continue;
    await rm(file, { force: true });
    removed += 1;
  }
  return removed;
}
