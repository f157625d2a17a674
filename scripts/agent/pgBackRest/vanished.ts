import type { Context } from "../kit/context";
import { listFolders } from "./archive";
import type { CommandOptions } from "./command";
import { type Backup, readInfo } from "./info";
import { backupSettings } from "./settings";

/** Backups that a repository lists, without what it takes to restore them. Labels, the oldest first. */
export interface Vanished {
  /** Their files are gone. */
  gone: string[];
  /** They need files of those. */
  dependent: string[];
}

type Listed = Pick<Backup, "label" | "prior">;

/**
 * The listed backups whose files are gone from a repository, such as by a rule of the bucket that deletes what is old.
 * pgBackRest's next backup or expire takes them off the list without a failure, and expire then removes what depends on
 * them. Its verify reads what is there.
 *
 * @param backups what `info` listed before. What has expired since is not gone.
 */
export async function vanishedBackups(
  context: Context,
  number: number,
  backups: readonly Listed[],
  options: CommandOptions = {},
): Promise<Vanished> {
  const { stanza } = backupSettings(context);
  const folders = new Set(await listFolders(context, number, `backup/${stanza}`, options));
  const gone = backups.filter(({ label }) => !folders.has(label));
  if (gone.length === 0) return { gone: [], dependent: [] };
  const now = new Set((await readInfo(context, number, options)).backups.map(({ label }) => label));
  return withDependents(
    backups,
    gone.map(({ label }) => label).filter((label) => now.has(label)),
  );
}

/** These, and what depends on them among all. */
export function withDependents(backups: readonly Listed[], gone: readonly string[]): Vanished {
  const lost = new Set(gone);
  // A backup comes after what it depends on.
  for (const { label, prior } of backups) if (prior && lost.has(prior)) lost.add(label);
  const all = backups.map(({ label }) => label).filter((label) => lost.has(label));
  return { gone: [...gone], dependent: all.filter((label) => !gone.includes(label)) };
}

/** What has vanished, in one sentence or two. Undefined: nothing. */
export function vanishedSentence({ gone, dependent }: Vanished): string | undefined {
  if (gone.length === 0) return undefined;
  const files =
    gone.length === 1
      ? `The files of the backup ${gone[0]} are gone from the repository, and nothing expired it.`
      : `The files of ${gone.length} backups are gone from the repository, and nothing expired them: ${some(gone)}.`;
  if (dependent.length === 0) return files;
  const depend = dependent.length === 1 ? "1 more depends" : `${dependent.length} more depend`;
  return `${files} ${depend} on such files, and cannot be restored: ${some(dependent)}.`;
}

const named = 3;

const some = (labels: readonly string[]) =>
  labels.length <= named
    ? labels.join(", ")
    : `${labels.slice(0, named).join(", ")} and ${labels.length - named} more`;
