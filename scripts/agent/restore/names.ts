import { Failure } from "../kit/failure";
import { quoted } from "../../../contract/quoting";

/** PostgreSQL cuts longer names silently (NAMEDATALEN - 1). */
const MAX_BYTES = 63;

/**
 * A name that is made from another database's, such as `library_restored_20261121_142530` with the
 * time in UTC. A long name is shortened before the ending, and never inside a letter.
 */
export function derivedName(database: string, what: string, at: Date): string {
  const [day, time] = at.toISOString().replace(/[-:]/g, "").slice(0, 15).split("T");
  const ending = `_${what}_${day}_${time}`;
  let beginning = database;
  while (Buffer.byteLength(beginning + ending) > MAX_BYTES) {
    beginning = [...beginning].slice(0, -1).join("");
  }
  return beginning + ending;
}

/** Accepts any name that PostgreSQL keeps unchanged. */
export function checkName(name: string): string {
  if (name === "") throw new Failure("The new database's name is empty: give one with --as.");
  if (name.includes("\0")) throw new Failure("A database's name cannot hold a zero byte.");
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_BYTES) {
    throw new Failure(
      `The name ${quoted(name)} has ${bytes} bytes and PostgreSQL keeps ${MAX_BYTES} of them: give a shorter one.`,
    );
  }
  return name;
}
