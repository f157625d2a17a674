import type { Micros } from "../../../../contract/pgTime";
import { inOrder, positionOf } from "../segments";
import { endsIn } from "./ends";
import type { Fork, Leg, RepositoryFacts } from "./facts";
import { isBefore, segmentAt } from "./lsn";
import type { WalReader } from "./reader";
import type { TransactionEnd } from "./waldump";

/** How many segments of a left timeline are read for its first transaction. */
const most = 20;

/** A moment, and the transactions before and after it on the way that a restore goes. */
export interface Between {
  moment: Micros;
  /** The timeline that the restore begins on. */
  from: number;
  last: TransactionEnd | undefined;
  found: TransactionEnd | undefined;
}

/**
 * The fork at which a moment lies beside the path: the timeline was left before it, and something was written there by
 * then. Its rows were true at that moment, and are not on the path.
 */
export async function forkAt(
  { moment, from, last, found }: Between,
  path: readonly Leg[],
  repository: RepositoryFacts,
  reader: WalReader,
): Promise<Fork | undefined> {
  for (const { timeline, until } of path) {
    if (until === undefined || timeline < from) continue;
    // By their LSNs: the first segment of a timeline repeats records of the one before.
    if (last && !isBefore(last.lsn, until)) continue;
    if (found && isBefore(found.lsn, until)) continue;
    const first = await firstAfter({ timeline, until }, repository, reader);
    if (!first || first.at > moment) continue;
    return { from: timeline, ...(last ? { at: last.at } : {}) };
  }
  return undefined;
}

/** The first transaction on a timeline after it was left. */
async function firstAfter(
  { timeline, until }: Required<Leg>,
  { segments }: RepositoryFacts,
  reader: WalReader,
): Promise<TransactionEnd | undefined> {
  const later = segments
    .map(({ segment }) => segment)
    .filter((one) => positionOf(one).timeline === timeline)
    .filter((one) => positionOf(one).number >= segmentAt(until))
    .sort(inOrder);
  for (const segment of later.slice(0, most)) {
    const ends = await endsIn(segment, reader);
    const first = await reader.firstReal(ends.filter(({ lsn }) => !isBefore(lsn, until)));
    if (first) return first;
  }
  return undefined;
}
