import { backupRecords, type MadeBackup } from "../../../contract/backupRecord";
import type { ListedDrill, ListedRepository } from "../../../contract/agentReplies";
import { backupTypes } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { readRuns } from "../kit/records";
import { type LastDrill, lastDrills } from "./lastDrill";
import { lookAt } from "./look";
import { repositoriesOf } from "./settings";

/** Every backup of every repository. A repository that cannot be read says so. */
export async function listBackups(
  context: Context,
  number: number | undefined,
  signal: AbortSignal,
): Promise<ListedRepository[]> {
  const repositories = repositoriesOf(context, number);
  const sources = await knownSources(context);
  const numbers = repositories.map((one) => one.number);
  const drills = lastDrills(await readRuns(context, backupRecords.drill), numbers);
  const looks = await Promise.all(
    repositories.map((repository) => lookAt(context, repository, { signal })),
  );
  return looks.map(({ repository, info, newestWal, problem }) => ({
    repository: repository.number,
    type: repository.type,
    location: repository.location,
    encrypted: repository.encrypted,
    backups: (info?.backups ?? []).map(({ databaseId: _, lsn: _lsn, ...backup }) => {
      const source = sources.get(`${repository.number} ${backup.label}`);
      return { ...backup, ...(source ? { source } : {}) };
    }),
    ...(newestWal ? { newestWal } : {}),
    ...drillOf(drills, repository.number),
    ...(problem === undefined ? {} : { problem }),
  }));
}

function drillOf(
  drills: readonly LastDrill[],
  number: number,
): Pick<ListedRepository, "lastDrill"> {
  const found = drills.find(({ repository }) => repository === number);
  return found ? { lastDrill: ended(found) } : {};
}

const ended = ({ repository: _, bytes: __, ...drill }: LastDrill): ListedDrill => drill;

/** The server that each backup was copied from, by repository and label. */
async function knownSources(context: Context): Promise<Map<string, MadeBackup["source"]>> {
  const runs = await Promise.all(backupTypes.map((type) => readRuns(context, backupRecords[type])));
  const made = runs.flat().flatMap(({ backups = [] }) => backups);
  return new Map(
    made.flatMap(({ repository, backup }) =>
      backup ? [[`${repository} ${backup.label}`, backup.source] as const] : [],
    ),
  );
}
