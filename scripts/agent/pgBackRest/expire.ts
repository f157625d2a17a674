import { backupRecords } from "../../../contract/backupRecord";
import { pgBackRestFeatures, type RepositorySettings } from "../../../contract/pgBackRest";
import type { Context, Say } from "../kit/context";
import { readRuns } from "../kit/records";
import { whyClockHolds } from "./clockLeap";
import { failureOf } from "./command";
import { isHeld } from "./holds";
import { type Backup, readInfo } from "./info";
import { readManifest } from "./manifest";
import { anchorOf } from "./segments";
import { withLock } from "./stanza";
import { vanishedBackups } from "./vanished";

/** What an expire did in one repository. */
export interface Expired {
  /** Labels of the backups that are gone. */
  labels: string[];
  /** Sentences on it. Empty: nothing was due. */
  remarks: string[];
}

const restoreAtWork = "Nothing expires while a restore is at work.";
/** Expire would remove what depends on such a backup, also where its files may come back. */
const filesGone =
  "Nothing expires until the next backup, because the files of a listed one are gone: `npm run laterbase -- check` names it.";

/**
 * Removes what the retention of a repository does not keep. While its newest full backup is not good, nothing
 * expires there: pgBackRest counts such a backup as one, and would remove the last good one for it. While a restore is
 * at work, nothing expires either: it may read what is old.
 */
export async function expireIn(
  context: Context,
  repository: RepositorySettings,
  { say, signal }: { say: Say; signal: AbortSignal },
): Promise<Expired> {
  const { number, archiveDays } = repository;
  const before = (await readInfo(context, number, { signal })).backups;
  const known = await withPageErrors(context, number, before, signal);
  const damaged = whyHeld(known, await invalidBackups(context, number));
  const held =
    damaged ??
    ((await isHeld(context)) ? restoreAtWork : undefined) ??
    (await whyClockHolds(context, Date.now())) ??
    ((await vanishedBackups(context, number, before, { signal })).gone.length > 0
      ? filesGone
      : undefined);
  if (held !== undefined) return { labels: [], remarks: [held] };
  const expire = async (...options: string[]) => {
    const ran = await withLock(context, ["expire", `--repo=${number}`, ...options], {
      ...{ say, signal },
      // It may remove for long, and is heard: only one that does nothing is ended.
      onLine: () => undefined,
    });
    if (ran.code !== 0) throw failureOf(ran);
  };
  await expire();
  const after = (await readInfo(context, number, { signal })).backups;
  const kept = archiveRetention(after, archiveDays, new Date());
  // One may have begun meanwhile.
  if (kept !== undefined && !(await isHeld(context))) {
    const option = `--repo${number}-retention-archive`;
    await expire(`${option}=${kept}`, `${option}-type=incr`);
  }
  const left = new Set(after.map(({ label }) => label));
  const labels = before.map(({ label }) => label).filter((label) => !left.has(label));
  const count =
    labels.length === 1 ? "1 expired backup was" : `${labels.length} expired backups were`;
  return { labels, remarks: labels.length > 0 ? [`${count} removed.`] : [] };
}

/** `info` of 2.33 does not say whether a backup holds wrong pages, so the manifest of the newest full one does. */
async function withPageErrors(
  context: Context,
  number: number,
  backups: readonly Backup[],
  signal: AbortSignal,
): Promise<readonly Backup[]> {
  const newest = backups.findLast(({ type }) => type === "full");
  if (!newest || pgBackRestFeatures(context.config.major).release !== "2.33") return backups;
  const { pageErrors } = await readManifest(context, number, newest.label, signal);
  return pageErrors ? [...backups, { ...newest, pageErrors }] : backups;
}

/** Why nothing expires in a repository, in one sentence. Undefined: it may. */
export function whyHeld(
  backups: readonly Pick<Backup, "label" | "type" | "pageErrors">[],
  invalid: readonly string[],
): string | undefined {
  const newest = backups.findLast(({ type }) => type === "full");
  if (!newest) return undefined;
  const { label, pageErrors } = newest;
  if (pageErrors) {
    return `Nothing expires: the newest full backup, ${label}, holds pages whose checksum is wrong.`;
  }
  return invalid.includes(label)
    ? `Nothing expires: verify found the newest full backup, ${label}, damaged.`
    : undefined;
}

/**
 * The backups of a repository that the last verify which read it called invalid. One that could not read it names
 * none, and changes nothing.
 */
export async function invalidBackups(context: Context, number: number): Promise<string[]> {
  const runs = await readRuns(context, backupRecords.verify);
  const found = runs.flatMap(({ repositories = [] }) =>
    repositories.filter(({ repository }) => repository === number),
  );
  return found.findLast((one) => one.invalidBackups)?.invalidBackups ?? [];
}

/**
 * For how many backups, counted from the newest, all WAL is kept so that each moment of the last `archiveDays`
 * can be reached. Older backups keep the WAL that they need by themselves. Undefined: nothing is to remove.
 */
export function archiveRetention(
  backups: readonly Pick<Backup, "endedAt" | "wal">[],
  archiveDays: number | undefined,
  now: Date,
): number | undefined {
  const anchor = anchorOf(backups, archiveDays, now);
  return anchor === 0 ? undefined : backups.length - anchor;
}
