import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { WalGap } from "../../../contract/backupRecord";
import type { RepositorySettings } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { segmentsIn } from "./archive";
import type { CommandOptions } from "./command";
import { type Backup, readInfo, type StanzaInfo } from "./info";
import { waitingSegments } from "./look";
import { gapsOf, gapsThatMatter, missingIn, withEnds } from "./segments";

/** The time after which a gap is looked at again: segments are pushed side by side, and one may overtake another. */
const confirmMs = 5000;

/** WAL that is missing in a repository and that a restore would need. What still waits on the primary is not missing. */
export async function findGaps(
  context: Context,
  { number, archiveDays }: RepositorySettings,
  info: StanzaInfo,
  options: CommandOptions = {},
): Promise<WalGap[]> {
  const look = async (stanza: StanzaInfo) => {
    // In this order: what is archived meanwhile must not look lost.
    const waiting = new Set(await waitingSegments());
    const segments = await segmentsIn(context, number, stanza, options);
    const gaps = gapsThatMatter(
      gapsOf(withEnds(segments, stanza.current)),
      stanza.current,
      archiveDays,
      new Date(),
    );
    return gaps.filter((gap) => !missingIn(gap).some((segment) => waiting.has(segment)));
  };
  const seen = await look(info);
  if (seen.length === 0) return [];
  const { signal } = options;
  await sleep(confirmMs, undefined, signal ? { signal } : {});
  // A backup whose WAL is gone may have expired since.
  const again = await look(await readInfo(context, number, options));
  return again.filter((gap) => seen.some((one) => isDeepStrictEqual(one, gap)));
}

/** The gaps that no full backup follows: until one does, a restore cannot go past them. */
export function openGaps(
  gaps: readonly WalGap[],
  backups: readonly Pick<Backup, "type" | "wal">[],
): WalGap[] {
  const fulls = backups.filter(({ type }) => type === "full");
  return gaps.filter(
    ({ before }) => !fulls.some(({ wal }) => wal !== undefined && wal.start >= before),
  );
}

/** The same, asked of a repository. */
export async function findOpenGaps(
  context: Context,
  repository: RepositorySettings,
  options: CommandOptions = {},
): Promise<WalGap[]> {
  const info = await readInfo(context, repository.number, options);
  return openGaps(await findGaps(context, repository, info, options), info.current);
}

/** A sentence on a gap. */
export function gapSentence({ after, before, segments }: WalGap): string {
  const count = segments === 1 ? "1 WAL segment is" : `${segments} WAL segments are`;
  return `${count} missing between ${after} and ${before}: a restore cannot reach the time between them.`;
}
