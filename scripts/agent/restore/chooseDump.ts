import { Failure } from "../kit/failure";
import type { ListedDump } from "../../../contract/agent";

const NEAREST = 3;

/**
 * The dump of this id, or the latest of the database of this name; an id comes first, and a dump's
 * folder may be said instead of its database.
 */
export function chooseDump(dumps: readonly ListedDump[], wanted: string): ListedDump {
  if (dumps.length === 0) {
    throw new Failure(
      "There are no dumps yet: the first is made when the stack starts, or by dump.",
    );
  }
  const newestFirst = [...dumps].sort((a, b) => b.takenAt.localeCompare(a.takenAt));
  const id = wanted.replace(/\/+$/, "");
  const found =
    newestFirst.find((dump) => dump.id === id) ??
    newestFirst.find(({ database }) => database === wanted) ??
    newestFirst.find((dump) => folderOf(dump) === id);
  if (found) return found;
  const names = nearest(newestFirst, wanted).map((name) => `"${name}"`);
  const are = names.length === 1 ? "nearest is" : "nearest are";
  throw new Failure(`There is no dump "${wanted}": the ${are} ${names.join(", ")}.`);
}

/** Dumps of the same database if there are any, else databases with a name like it. */
function nearest(newestFirst: readonly ListedDump[], wanted: string): string[] {
  const [folder] = wanted.split("/");
  const same = newestFirst.filter((dump) => folderOf(dump) === folder || dump.database === folder);
  if (same.length > 0) return same.slice(0, NEAREST).map(({ id }) => id);
  const databases = [...new Set(newestFirst.map(({ database }) => database))];
  const part = (folder ?? "").toLowerCase();
  // A name that was begun or remembered in part comes before one that was misspelt.
  const far = new Map(
    databases.map((name) => [name, name.toLowerCase().includes(part) ? 0 : distance(name, part)]),
  );
  return databases.sort((a, b) => (far.get(a) ?? 0) - (far.get(b) ?? 0)).slice(0, NEAREST);
}

const folderOf = ({ id }: ListedDump) => id.slice(0, id.lastIndexOf("/"));

/** How many letters have to be changed, added or left out, whatever their case. */
function distance(one: string, other: string): number {
  const [a, b] = [[...one.toLowerCase()], [...other.toLowerCase()]];
  let row = [...b.keys(), b.length];
  for (const [i, letter] of a.entries()) {
    const next = [i + 1];
    for (const [j, wanted] of b.entries()) {
      const replaced = (row[j] ?? 0) + (letter === wanted ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
