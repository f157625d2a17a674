import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { drillPaths } from "../../../../contract/pgBackRest";
import { elapsed } from "../../kit/clock";
import type { Context } from "../../kit/context";
import { Failure } from "../../kit/failure";
import { archiveFolder, listFiles, segmentOf } from "../archive";
import { failureOf, pgBackRest } from "../command";
import { type Backup, readInfo } from "../info";
import { waitingSegments } from "../look";
import type { ArchivedSegment, RepositoryFacts } from "../restore/facts";
import { segmentAt } from "../restore/lsn";
import { pathTo } from "../restore/timelines";
import { walAlong } from "../restore/walPath";
import { ownPlaces } from "./settings";

/** How long a segment may still wait on the primary. They are pushed side by side, and one may overtake another. */
const overtakenMs = 60_000;

/** A way through the WAL. */
export interface WalTask {
  set: Backup;
  timeline: number;
  target: string;
  signal: AbortSignal;
}

/**
 * The WAL from a backup to a target.
 *
 * @param facts reads what the repository holds
 * @throws Failure that names the segment that is missing
 */
export async function walTo(
  facts: () => Promise<RepositoryFacts>,
  { set, timeline, target, signal }: WalTask,
): Promise<ArchivedSegment[]> {
  if (!set.wal) throw new Failure(`pgBackRest does not say which WAL ${set.label} needs.`);
  // Not retry: the last answer is the result.
  for (const end = elapsed() + overtakenMs; ; await sleep(1000, undefined, { signal })) {
    // In this order: what is archived meanwhile must not look lost.
    const waiting = await waitingSegments();
    const repository = await facts();
    const path = pathTo(timeline, repository);
    if (!path) throw new Failure(`The history of timeline ${timeline} is not in the repository.`);
    const { files, missing } = walAlong(path, repository, set.wal.start, segmentAt(target));
    if (missing === undefined) return files;
    if (elapsed() > end || !waiting.includes(missing)) {
      throw new Failure(
        `The WAL segment ${missing} is missing: a restore cannot go past it. A full backup begins anew.`,
      );
    }
  }
}

/** The first of these segments whose content is not what was archived, in one sentence. Undefined: all of them are good. */
export async function damagedSegment(
  context: Context,
  repository: number,
  files: readonly ArchivedSegment[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const sums = await checksums(context, repository, signal);
  const file = join(drillPaths.volume, "segment");
  for (const { segment } of files) {
    const words = ["archive-get", "--no-archive-async", `--repo=${repository}`, ...ownPlaces];
    const ran = await pgBackRest(context, [...words, segment, file], { signal });
    if (ran.code !== 0) {
      return `The WAL segment ${segment} cannot be read: ${failureOf(ran).message}`;
    }
    const sum = sums.get(segment);
    if (sum !== undefined && sum !== (await sha1Of(file))) {
      return `The WAL segment ${segment} is damaged: its checksum is wrong.`;
    }
    await rm(file, { force: true });
  }
  return undefined;
}

/** The name of an archived file holds the checksum of the segment. */
async function checksums(
  context: Context,
  repository: number,
  signal: AbortSignal,
): Promise<Map<string, string>> {
  const { archiveId } = await readInfo(context, repository, { signal });
  if (archiveId === undefined) return new Map();
  const folder = archiveFolder(context, archiveId);
  const files = await listFiles(context, repository, folder, { signal, recurse: true });
  return new Map(
    files.flatMap(({ path }) => {
      const segment = segmentOf(path);
      const [, sum] = /-([0-9a-f]{40})/.exec(path) ?? [];
      return segment === undefined || sum === undefined ? [] : [[segment, sum] as const];
    }),
  );
}

async function sha1Of(file: string): Promise<string> {
  const hash = createHash("sha1");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
