import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ArchivedWal } from "../../../contract/backupRecord";
import { dataFolder } from "../../../contract/names";
import type { RepositorySettings } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { sentenceOf, withStop } from "../kit/failure";
import { newestWal } from "./archive";
import { readInfo, type StanzaInfo } from "./info";

/** A repository as it was at a moment. */
export interface Look {
  repository: RepositorySettings;
  /** Absent when it cannot be read. */
  info?: StanzaInfo;
  /** The last that is known of it. */
  newestWal?: ArchivedWal;
  /** Why it cannot be read, in one sentence. */
  problem?: string;
}

/** The time for one question to a repository. A dead one must be known within two minutes. */
const patienceSeconds = 30;

/** Looks at a repository. One that does not answer is a look too. */
export async function lookAt(
  context: Context,
  repository: RepositorySettings,
  { signal, known }: { signal?: AbortSignal; known?: Look | undefined } = {},
): Promise<Look> {
  const options = { seconds: patienceSeconds, ...(signal ? { signal } : {}) };
  try {
    const info = await readInfo(context, repository.number, options);
    const newest = await newestWal(context, repository.number, info, options);
    return { repository, info, ...(newest ? { newestWal: newest } : {}) };
  } catch (error) {
    signal?.throwIfAborted();
    const last = known?.newestWal;
    const problem = withStop(sentenceOf(error));
    return { repository, problem, ...(last ? { newestWal: last } : {}) };
  }
}

/** WAL that the primary has finished and that is not in every repository. */
export interface WaitingWal {
  segments: number;
  /** Since when the oldest one waits, ISO 8601. Absent without any. */
  since?: string;
}

/** Where the primary notes what it has to archive. Its data folder is there read-only. */
const archiveStatus = join(dataFolder("primary"), "data", "pg_wal", "archive_status");
const ready = ".ready";

/** The names of the segments that wait. */
export async function waitingSegments(folder = archiveStatus): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.endsWith(ready)).map((name) => name.slice(0, -ready.length));
}

/** How much WAL waits, and since when. */
export async function waitingWal(folder = archiveStatus): Promise<WaitingWal> {
  const segments = await waitingSegments(folder);
  const times = await Promise.all(
    // One may have been archived meanwhile.
    segments.map((name) =>
      stat(join(folder, name + ready)).then(
        ({ mtimeMs }) => mtimeMs,
        () => Infinity,
      ),
    ),
  );
  const oldest = Math.min(...times);
  return {
    segments: segments.length,
    ...(oldest === Infinity ? {} : { since: new Date(oldest).toISOString() }),
  };
}
