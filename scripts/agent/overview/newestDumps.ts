import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { DumpsOverview, FutureDump, NewestDump } from "../../../contract/agentOverview";
import { newestFirst } from "../../../contract/dumpOrder";
import { bytesOf, dated, type FinishedDump, readDump } from "../dump/finished";
import { manifestKey } from "../dump/signature";
import { knownDatabases } from "../dump/wanted";
import { inFuture } from "../../../contract/clock";
import type { Context } from "../kit/context";
import { codeOf, sentenceOf, withStop } from "../kit/failure";

/** How many folders of one database are opened at most: those of a killed run are not dumps. */
const looksAtMost = 5;

/**
 * The newest dump of each database. Thousands of manifests would take seconds to read, so only those are read whose
 * names say that they are the newest.
 */
export async function newestDumps(context: Context, now = new Date()): Promise<DumpsOverview> {
  const { backups } = context.paths;
  const key = await manifestKey(context);
  const problems: string[] = [];
  const failed = (error: unknown) => {
    problems.push(withStop(`The folder of the dumps cannot be read: ${sentenceOf(error)}`));
    return [];
  };
  const found = await Promise.all(
    (await foldersIn(backups).catch(failed)).map(async (folder) => {
      // A database's last dump may just have been deleted with its folder.
      const gone = (error: unknown) => (codeOf(error) === "ENOENT" ? [] : failed(error));
      const names = (await foldersIn(join(backups, folder)).catch(gone)).sort().reverse();
      const first = async (isAhead: boolean) => {
        const wanted = names.filter((name) => inFuture(momentOf(name), now) === isAhead);
        for (const name of wanted.slice(0, looksAtMost)) {
          const id = `${folder}/${name}`;
          const dump = await readDump(join(backups, id), id, key);
          if (dump && "manifest" in dump) return dump;
        }
        return undefined;
      };
      return { count: names.length, newest: await first(false), ahead: await first(true) };
    }),
  );
  const newest = found.flatMap((one) => (one.newest ? [newestOf(one.newest)] : []));
  const future = found.flatMap((one) => (one.ahead ? [futureOf(one.ahead, one.newest)] : []));
  return {
    newest: newest.sort((a, b) => (a.database < b.database ? -1 : 1)),
    count: found.reduce((sum, { count }) => sum + count, 0),
    ...(await expected(context, [...newest, ...future], problems.length > 0)),
    ...(future.length > 0 ? { future } : {}),
    ...(problems[0] === undefined ? {} : { problem: problems[0] }),
  };
}

/** The databases that are to be dumped, and those whose dumps are gone. What cannot be read may be there. */
async function expected(
  context: Context,
  there: readonly { database: string }[],
  isUnread: boolean,
): Promise<Pick<DumpsOverview, "wanted" | "missing">> {
  const { databases } = context.config.dumps;
  const known = await knownDatabases(context);
  const wanted = Array.isArray(databases) ? databases : known.wanted;
  const present = new Set(there.map(({ database }) => database));
  const missing = known.made.filter(
    (name) => !present.has(name) && (wanted?.includes(name) ?? true),
  );
  return {
    ...(wanted ? { wanted } : {}),
    ...(missing.length > 0 && !isUnread ? { missing } : {}),
  };
}

function newestOf({ id, manifest, signature }: FinishedDump): NewestDump {
  const { takenAt, database } = manifest;
  return { id, database: database.name, takenAt, bytes: bytesOf(manifest), signature };
}

function futureOf(dump: FinishedDump, newest: FinishedDump | undefined): FutureDump {
  const isLast = !newest || newestFirst(dated(dump), dated(newest)) < 0;
  return { id: dump.id, database: dump.manifest.database.name, isLast };
}

const stamped = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z.*$/;

/** When a dump was taken, by its folder's name. Not a number: the name does not say it. */
const momentOf = (name: string): number =>
  stamped.test(name) ? Date.parse(name.replace(stamped, "$1-$2-$3T$4:$5:$6Z")) : NaN;

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name);
}
