import { backupRecords } from "../../../../contract/backupRecord";
import type { RepositorySettings } from "../../../../contract/pgBackRest";
import { microsOf } from "../../../../contract/pgTime";
import type { Context } from "../../kit/context";
import { readRuns } from "../../kit/records";
import { archiveFolder, listFiles, segmentOf } from "../archive";
import { type CommandOptions, failureOf, pgBackRest } from "../command";
import { invalidBackups } from "../expire";
import { readInfo } from "../info";
import { primaryMaxWal } from "../maxWal";
import { askServer } from "../servers";
import type { Leg, PastRun, RepositoryFacts, StackFacts } from "./facts";
import { historyOf, parseHistory } from "./timelines";

/** What is the same for each repository. */
export async function stackFacts(context: Context): Promise<StackFacts> {
  const timeline = await primaryTimeline(context);
  const maxWal = await primaryMaxWal(context);
  return {
    major: context.config.major,
    timeZone: context.config.timeZone,
    now: Date.now() * 1000,
    runs: await pastRuns(context),
    ...(timeline === undefined ? {} : { timeline }),
    ...(maxWal === undefined ? {} : { maxWal }),
  };
}

/** Not from pg_control, which a promotion changes only by its first checkpoint. */
const TIMELINE = `
SELECT pg_catalog.substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) AS timeline`;

/** The timeline that the primary writes. Undefined: it does not answer, or does not write. */
async function primaryTimeline(context: Context): Promise<number | undefined> {
  try {
    const { timeline } = await askServer<{ timeline: string }>(context, "primary", TIMELINE);
    return Number.parseInt(timeline, 16);
  } catch {
    return undefined;
  }
}

/** Restores and drills, and full backups, which copy as much. */
async function pastRuns(context: Context): Promise<PastRun[]> {
  const drills = await readRuns(context, backupRecords.drill);
  const restored = drills
    .flatMap((run) => run.drills ?? [])
    .flatMap(({ backup, recovery }) =>
      backup && recovery
        ? [
            {
              ...{
                kind: "restore" as const,
                bytes: backup.bytes,
                seconds: recovery.restoreSeconds,
              },
              replay: { bytes: recovery.walBytes, seconds: recovery.replaySeconds },
            },
          ]
        : [],
    );
  const runs = await readRuns(context, backupRecords.full);
  const restores = (await readRuns(context, "restore")).flatMap(({ restore }) =>
    restore ? [{ kind: "restore" as const, ...restore }] : [],
  );
  const made = runs
    .flatMap(({ backups = [] }) => backups)
    .flatMap(({ backup, seconds }) =>
      backup?.type === "full" ? [{ kind: "backup" as const, bytes: backup.bytes, seconds }] : [],
    );
  return [...restores, ...restored, ...made];
}

/** What a repository holds: its backups, all of its WAL, and how its timelines came from each other. */
export async function repositoryFacts(
  context: Context,
  { number, location }: Pick<RepositorySettings, "number" | "location">,
  options: CommandOptions = {},
): Promise<RepositoryFacts> {
  const { archiveId, current } = await readInfo(context, number, options);
  const invalid = await invalidBackups(context, number);
  const facts = { number, location, backups: current, invalid };
  if (archiveId === undefined) return { ...facts, segments: [], histories: new Map() };
  const folder = archiveFolder(context, archiveId);
  const files = await listFiles(context, number, folder, { ...options, recurse: true });
  const segments = files.flatMap(({ path, bytes, at }) => {
    const segment = segmentOf(path);
    return segment === undefined ? [] : [{ segment, bytes, at: microsOf(at) }];
  });
  const histories = new Map<number, Leg[]>();
  for (const { path } of files) {
    const timeline = historyOf(path);
    if (timeline === undefined) continue;
    const text = await readFile(context, number, `${folder}/${path}`, options);
    histories.set(timeline, parseHistory(timeline, text));
  }
  return { ...facts, segments, histories };
}

async function readFile(
  context: Context,
  repository: number,
  path: string,
  options: CommandOptions,
): Promise<string> {
  const ran = await pgBackRest(context, ["repo-get", `--repo=${repository}`, path], options);
  if (ran.code !== 0) throw failureOf(ran);
  return ran.stdout;
}
