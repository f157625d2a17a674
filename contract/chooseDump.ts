import { distance } from "fastest-levenshtein";
import type { ListedDump } from "./agentReplies";
import { newestFirst } from "./dumpOrder";
import { quoted } from "./quoting";

const suggestions = 3;

/** The dump that a person named, or a sentence that says why there is none. */
type ChosenDump = { dump: ListedDump } | { problem: string };

/**
 * Finds the dump of this id, or the latest dump of the database of this name. An id comes first.
 * The name of a dump's folder is accepted for its database's name.
 */
export function chooseDump(dumps: readonly ListedDump[], wanted: string): ChosenDump {
  if (dumps.length === 0) {
    return {
      problem:
        "There are no dumps yet. The first dump is made when the stack starts, or by `dump`.",
    };
  }
  const sorted = [...dumps].sort(newestFirst);
  const id = wanted.replace(/\/+$/, "");
  const dump =
    sorted.find((one) => one.id === id) ??
    sorted.find(({ database }) => database === wanted) ??
    sorted.find((one) => folderOf(one) === id);
  if (dump) return { dump };
  const names = nearest(sorted, wanted).map((name) => quoted(name));
  const are = names.length === 1 ? "nearest is" : "nearest are";
  return { problem: `There is no dump ${quoted(wanted)}: the ${are} ${names.join(", ")}.` };
}

/** Dumps of the same database if there are any; otherwise databases with a similar name. */
function nearest(sorted: readonly ListedDump[], wanted: string): string[] {
  const [folder] = wanted.split("/");
  const same = sorted.filter((dump) => folderOf(dump) === folder || dump.database === folder);
  if (same.length > 0) return same.slice(0, suggestions).map(({ id }) => id);
  const databases = [...new Set(sorted.map(({ database }) => database))];
  const part = (folder ?? "").toLowerCase();
  const far = new Map(databases.map((name) => [name, difference(name.toLowerCase(), part)]));
  return databases.sort((a, b) => (far.get(a) ?? 0) - (far.get(b) ?? 0)).slice(0, suggestions);
}

/** A name that contains what was typed comes before one that was misspelt. */
function difference(name: string, part: string): number {
  return name.includes(part) ? 0 : distance(name, part);
}

const folderOf = ({ id }: ListedDump) => id.slice(0, id.lastIndexOf("/"));
