import type { DrillLoss, DrillResult, Unproven } from "../../../../contract/drillRecord";
import { visible } from "../../../../contract/visible";
import { amount, duration } from "../../kit/figures";
import type { CheckedIndexes } from "./amcheck";
import type { CheckedPages } from "./checksums";
import type { Compared } from "./compare";
import { type Evidence, unprovenSentence } from "./proofs";
import type { SourceState } from "./source";

/** What a loss of the primary costs, by the times of the marker and of the last commit that was replayed. */
export function lossOf(
  marker: string,
  lastCommit: string | undefined,
  archiveAge: number | undefined,
): DrillLoss {
  const gap = lastCommit === undefined ? undefined : Date.parse(marker) - Date.parse(lastCommit);
  return {
    ...(lastCommit === undefined ? {} : { lastCommit }),
    ...(gap === undefined ? {} : { seconds: Math.max(0, Math.round(gap / 100) / 10) }),
    ...(archiveAge === undefined ? {} : { archiveAge }),
  };
}

/** What the replay shows. */
export function ofReplay(
  { target, marker, notes }: SourceState,
  { replaySeconds, segments, walBytes }: NonNullable<DrillResult["recovery"]>,
  { lastCommit, seconds, archiveAge }: DrillLoss,
): Evidence {
  const wal = `${segments} WAL segment${segments === 1 ? "" : "s"} (${amount(walBytes)})`;
  const commit =
    lastCommit === undefined || seconds === undefined
      ? "No commit came after the backup."
      : `The last commit is of ${lastCommit.slice(0, 19)}Z, ${
          seconds === 0 ? "after the marker" : `${duration(seconds)} before the marker`
        }.`;
  const age =
    archiveAge === undefined
      ? []
      : [`Before the drill, the newest WAL in the repository was ${duration(archiveAge)} old.`];
  const replayed = `${wal} were replayed to ${target} in ${duration(replaySeconds)}, with the marker at ${marker.lsn}.`;
  return { problems: [], detail: [replayed, commit, ...age, ...notes].join(" ") };
}

/** What the comparison shows. Without a single table it shows nothing. */
export function ofRows(
  { from, databases, unproven, problems }: SourceState,
  { figures, differences }: Compared,
): Evidence {
  const { tables, rows } = figures;
  const count = (number: number, what: string) =>
    `${number.toLocaleString("en-US")} ${what}${number === 1 ? "" : "s"}`;
  const equal =
    `${count(tables, "table")} with ${count(rows, "row")} in ${count(databases.length, "database")} ` +
    `${tables === 1 ? "is" : "are"} equal to the ${from}'s.`;
  const rest = unprovenSentence(unproven);
  return {
    problems: [...problems, ...differences],
    detail: [equal, ...(rest === "" ? [] : [rest])].join(" "),
    unproven: tables === 0 && unproven.length > 0,
  };
}

/** What is unproven where the cluster has no checksums. */
export const checksumsOff: Unproven = {
  name: "pages",
  why: "The server was made without data checksums.",
};

/** What the files show. All of it was looked at, or it is not proven. */
export function ofPages(indexes: CheckedIndexes, pages: CheckedPages | undefined): Evidence {
  const trees = `${indexes.indexes.toLocaleString("en-US")} B-trees fit their tables`;
  const read = !pages
    ? `${trees}. ${indexes.ended ?? ""} The other B-trees and the pages are unproven.`
    : "off" in pages
      ? `${trees}. ${checksumsOff.why} So its pages are unproven.`
      : `${trees}, and ${pages.pages.toLocaleString("en-US")} pages have their checksum.`;
  const others = pages && "pages" in pages ? otherIndexes(indexes.others) : "";
  const rest = [others, unprovenSentence(indexes.unproven)].filter((one) => one !== "");
  const all = pages !== undefined && "pages" in pages && indexes.indexes > 0 && indexes.late === 0;
  return {
    problems: [...indexes.problems, ...(pages && "pages" in pages ? pages.problems : [])],
    detail: [read, ...rest].join(" "),
    unproven: !all,
  };
}

/** What holds for the indexes that nothing compares with their tables. Empty: there are none. */
function otherIndexes(others: CheckedIndexes["others"]): string {
  const kinds = Object.keys(others).sort().map(visible);
  const count = Object.values(others).reduce((sum, one) => sum + one, 0);
  if (count === 0) return "";
  const last = kinds.length > 1 ? `${kinds.slice(0, -1).join(", ")} and ${kinds.at(-1)}` : kinds[0];
  return `Of ${count} other ${count === 1 ? "index" : "indexes"} (${last}) only the pages are checked.`;
}
