import { unfinishedLine } from "../restore/inPlace/words";
import type { Session } from "../session";
import { primaryOf } from "../stack/outputs";

/** One line on a restore in place that waits for somebody. An engine that does not answer hides nothing else. */
export async function unfinishedLines(session: Session): Promise<string[]> {
  try {
    const primary = primaryOf(await session.stackOutputs());
    const journal = primary && (await session.servers.unfinishedRestore(primary));
    const line = unfinishedLine(journal, (words) => session.command(words));
    return line === undefined ? [] : [line];
  } catch {
    return [];
  }
}
