import { join } from "node:path";
import type { Work } from "../kit/context";
import { countEntries } from "./archive";
import { text } from "./args";
import { checkFiles, findDump } from "./findDump";
import type { Verified } from "../../../contract/agentReplies";

/** `verify-dump`: reads every file of a dump. A restore proves more. */
export const verifyDump: Work = async (args, context, say, signal): Promise<Verified> => {
  const begun = Date.now();
  const dump = await findDump(context, text(args, "dump"));
  const { id, folder, manifest, signature, archive } = dump;
  say(`checking the files of ${id}`);
  await checkFiles(dump, manifest.files, signal);
  const entries = await countEntries(join(folder, archive.name), signal);
  return {
    id,
    database: manifest.database.name,
    takenAt: manifest.takenAt,
    signature,
    files: manifest.files.map(({ name, bytes }) => ({ name, bytes })),
    entries,
    tables: manifest.tables.length,
    rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0),
    largeObjects: manifest.largeObjects.count,
    omissions: manifest.leftOut,
    seconds: (Date.now() - begun) / 1000,
  };
};
