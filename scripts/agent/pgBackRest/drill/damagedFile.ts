import { pgBackRestFeatures } from "../../../../contract/pgBackRest";
import { visible } from "../../../../contract/visible";
import type { Context } from "../../kit/context";
import { pgBackRest } from "../command";

/** How long it may take to find the file. */
const seconds = 600;

/** A line of verify's log on a file of a backup that is not as it was written. */
const invalid = /(?:invalid|missing)\b.*?\b(\d{8}-\d{6}F(?:_\d{8}-\d{6}[DI])?\/[^\s:'"]+)/;

/**
 * The file of a backup, or of one that it stands on, that cannot be restored: pgBackRest's restore does not name it. For
 * people only: that the restore failed is known. Undefined: it was not found in time.
 */
export async function damagedFile(
  context: Context,
  repository: number,
  label: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { release } = pgBackRestFeatures(context.config.major);
  const one = release === "2.55" ? [`--set=${label}`] : [];
  const lines: string[] = [];
  // It takes no lock.
  const words = ["verify", `--repo=${repository}`, ...one];
  const onLine = (line: string) => lines.push(line);
  await pgBackRest(context, words, { signal, seconds, onLine }).catch(() =>
    signal.throwIfAborted(),
  );
  return fileIn(lines, label);
}

/** The first damaged file of the chain that a backup is in. */
export function fileIn(lines: readonly string[], label: string): string | undefined {
  const [full = label] = label.split("_");
  const found = lines.flatMap((line) => invalid.exec(line)?.[1] ?? []);
  const own = found.find((file) => file.startsWith(full));
  return own === undefined ? undefined : visible(own);
}
