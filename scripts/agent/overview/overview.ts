import { readFile, stat, statfs } from "node:fs/promises";
import { basename, join } from "node:path";
import type { AgentOverview, DiskFacts, RunningWork } from "../../../contract/agentOverview";
import { schedulerBeat } from "../../../contract/agentPaths";
import { pgBackRestPaths } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import type { RepositoryDisk } from "../pgBackRest/disks";
import { statusFiles } from "../kit/statusFiles";
import { withFailedFulls } from "./failedFulls";
import { jobsOverview } from "./jobs";
import { newestDumps } from "./newestDumps";

/** What the agent knows, without a look at anything far away: the repositories are as they were at the last look. */
export async function overview(
  { context, running }: { context: Context; running: () => RunningWork[] },
  now = new Date(),
): Promise<AgentOverview> {
  const { config, paths } = context;
  const dumps = config.dumps.databases.length > 0;
  const [jobs, newest, { far, ...repositories }, beatAt] = await Promise.all([
    jobsOverview(context, now),
    dumps ? newestDumps(context, now) : undefined,
    lastLook(context),
    lastBeat(context),
  ]);
  const folders = {
    ...(dumps ? { dumps: paths.backups } : {}),
    records: paths.records,
    ...(hasOwnRepository(context) ? { repositories: pgBackRestPaths.repositories } : {}),
  };
  const disks = await disksOf(folders, far);
  return {
    ...{ at: now.toISOString(), timeZone: config.timeZone, jobs, running: running() },
    ...(newest ? { dumps: newest } : {}),
    ...repositories,
    disks,
    ...(config.overview ? { scheduler: { beatAt } } : {}),
  };
}

/** When the scheduler gave its last sign. Null: it has given none since the agent's container was made. */
async function lastBeat({ paths }: Context): Promise<string | null> {
  const file = join(paths.run, basename(schedulerBeat));
  return stat(file).then(
    ({ mtime }) => mtime.toISOString(),
    () => null,
  );
}

const hasOwnRepository = ({ config: { backups } }: Context) =>
  backups?.repositories.some(({ type }) => type === "posix") ?? false;

type Looked = Pick<AgentOverview, "repositories" | "waitingWal" | "problem">;

/** The same with the file systems of repositories in folders. */
type LookedFar = Looked & { far?: RepositoryDisk[] };

/** What the last look at the repositories found, half a minute ago at most, and why the agent cannot work. */
async function lastLook(context: Context): Promise<LookedFar> {
  const { paths } = context;
  try {
    const text = await readFile(join(paths.run, statusFiles.status), "utf8");
    const { repositories, waitingWal, state, detail, disks } = JSON.parse(text) as Looked & {
      state: string;
      detail: string;
      disks?: RepositoryDisk[];
    };
    return {
      ...(repositories ? { repositories: await withFailedFulls(context, repositories) } : {}),
      ...(waitingWal ? { waitingWal } : {}),
      ...(state === "failed" ? { problem: detail } : {}),
      ...(disks ? { far: disks } : {}),
    };
  } catch {
    return {};
  }
}

/**
 * The file systems of these folders, each once.
 *
 * @param far those of repositories, where they are other ones: a check keeps its name
 */
export async function disksOf(
  folders: Readonly<Record<string, string>>,
  far: readonly RepositoryDisk[] = [],
): Promise<DiskFacts[]> {
  const found = await Promise.all(
    Object.entries(folders).map(async ([holds, folder]) => {
      try {
        const [{ dev }, { bsize, blocks, bavail }] = await Promise.all([
          stat(folder),
          statfs(folder),
        ]);
        return [{ dev, holds, bytes: blocks * bsize, free: bavail * bsize }];
      } catch {
        return [];
      }
    }),
  );
  const byDevice = new Map<number, DiskFacts>();
  const near = found.flat();
  const others = far.filter((one) => !near.some(({ dev }) => dev === one.dev));
  for (const { dev, ...disk } of [...near, ...others]) {
    const known = byDevice.get(dev);
    byDevice.set(dev, known ? { ...known, holds: `${known.holds}, ${disk.holds}` } : disk);
  }
  return [...byDevice.values()];
}
