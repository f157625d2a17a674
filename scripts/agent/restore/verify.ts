import { join } from "node:path";
import { whileReading } from "../dump/reading";
import { elapsed } from "../kit/clock";
import type { Say, Work } from "../kit/context";
import { countEntries } from "./archive";
import { text } from "./args";
import { checkFiles, type FoundDump } from "./findDump";
import { dumpFor } from "./received";
import type { Verified } from "../../../contract/agentReplies";

/** `verify-dump`: reads every file of a dump. A restore proves more. */
export const verifyDump: Work = async (args, context, say, signal): Promise<Verified> => {
  const dump = await dumpFor(context, text(args, "dump"), signal);
  // Otherwise one that retention removes meanwhile would be called damaged.
  return whileReading(context, dump.id, () => verify(dump, say, signal));
};

async function verify(dump: FoundDump, say: Say, signal: AbortSignal): Promise<Verified> {
  const begun = elapsed();
  const { id, folder, manifest, signature, archive } = dump;
  say(`checking the files of ${id}`);
  // Of a dump that was sent, the archive alone is here.
  const files = dump.sent ? [archive] : manifest.files;
  await checkFiles(dump, files, signal);
  const entries = await countEntries(join(folder, archive.name), signal);
  return {
    id,
    database: manifest.database.name,
    takenAt: manifest.takenAt,
    signature,
    files: files.map(({ name, bytes }) => ({ name, bytes })),
    entries,
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
    largeObjects: manifest.largeObjects.count,
    omissions: manifest.leftOut,
    seconds: (elapsed() - begun) / 1000,
  };
}
