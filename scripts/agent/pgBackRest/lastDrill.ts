import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { ListedDrill } from "../../../contract/agentReplies";
import { backupRecords } from "../../../contract/backupRecord";
import { drillProofs } from "../../../contract/drillRecord";
import type { JobRecord } from "../../../contract/jobRecord";
import { drillPaths } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { inFuture } from "../../../contract/clock";
import { withStop } from "../kit/failure";
import { writeByRename } from "../kit/files";
import { lastDue } from "../kit/schedule";
import { readRuns } from "../kit/records";
import { exitCode } from "../../../contract/pgBackRestExits";

/** How long a drill may take after it was due, before it is overdue. */
const graceMs = 6 * 3_600_000;

/** The last drill of a repository. */
export interface LastDrill extends ListedDrill {
  repository: number;
  /** How much was restored. Absent: nothing was. */
  bytes?: number;
}

/** The last drill of each repository that came to an end. One that was stopped says nothing. */
export function lastDrills(
  runs: readonly JobRecord[],
  repositories: readonly number[],
): LastDrill[] {
  return repositories.flatMap((repository) => {
    const found = runs.findLast(
      (run) => !inFuture(run.endedAt) && resultIn(run, repository) !== undefined,
    );
    const result = found && resultIn(found, repository);
    return result ? [{ repository, at: found.endedAt, ...result }] : [];
  });
}

function resultIn(
  { result, detail, drills = [] }: JobRecord,
  repository: number,
): Omit<LastDrill, "repository" | "at"> | undefined {
  if (result === "skipped") return undefined;
  const own = drills.find((one) => one.repository === repository && one.code !== exitCode.stopped);
  if (own) {
    const { proofs, noRoom, recovery, backup } = own;
    const unproven = drillProofs.filter((name) => proofs?.[name].result === "unproven");
    return {
      ...{ result: own.result, detail: own.detail },
      ...(own.result === "success" && unproven.length > 0 ? { unproven } : {}),
      ...(noRoom ? { noRoom } : {}),
      ...(recovery ? { recoverySeconds: recovery.restoreSeconds + recovery.replaySeconds } : {}),
      ...(recovery && backup ? { bytes: backup.bytes } : {}),
    };
  }
  // One that ended before it got as far as a repository counts for all of them.
  return drills.length === 0 && result === "failed" ? { result, detail } : undefined;
}

/** What is known of the drills of a repository. */
export interface Drilled {
  /** The last one that came to an end. Absent: there was none. */
  last?: LastDrill | undefined;
  /** When the oldest backup ended. Absent: there is none. */
  oldestBackup?: string | undefined;
  /** Since when an agent has known a schedule of drills. Absent: it is not known. */
  since?: string | undefined;
  /** Whether a drill runs now. */
  isUnderWay: boolean;
}

/** What is wrong with the drills of a repository, in one sentence or two. Undefined: nothing. */
export function drillProblem(
  { config }: Pick<Context, "config">,
  { last, oldestBackup, since, isUnderWay }: Drilled,
  now = new Date(),
): string | undefined {
  // Its own record says that it had no room. It looked at nothing in the repository.
  if (last?.result === "failed" && !last.noRoom) {
    return `The last drill, of ${last.at.slice(0, 19)}Z, failed: ${withStop(last.detail)}`;
  }
  const schedule = config.backups?.schedules.drill;
  if (!schedule || oldestBackup === undefined || isUnderWay) return undefined;
  const due = lastDue(schedule, config.timeZone, new Date(now.getTime() - graceMs));
  // Before the first backup there was nothing to restore.
  if (Date.parse(oldestBackup) > due.getTime()) return undefined;
  // Nor is one expected that was due before there was an agent that makes drills.
  const begun = last?.at ?? since;
  if (begun === undefined || Date.parse(begun) >= due.getTime()) return undefined;
  const before = last ? `The last one was of ${last.at.slice(0, 19)}Z.` : "There was none yet.";
  return `The drill that was due at ${due.toISOString().slice(0, 19)}Z is overdue. ${before}`;
}

/** What a check says about a drill that is no problem. */
export function drillNote({ at, unproven, noRoom, detail }: LastDrill): string {
  const day = `The drill of ${at.slice(0, 19)}Z`;
  if (noRoom) return `${day} could not be made: ${withStop(detail)}`;
  if (!unproven) return `${day} was good.`;
  const proofs = unproven.join(" and ");
  return `${day} found nothing wrong, and its proof of ${proofs} is unproven.`;
}

/** The file that says since when an agent has known a schedule of drills. It outlives the agent's container. */
const sinceFile = ({ paths }: Pick<Context, "paths">) => join(paths.records, "drills-since");

/** Notes that there is a schedule of drills, or that there is none. */
export async function noteSchedule(
  context: Pick<Context, "config" | "paths">,
  now = new Date(),
): Promise<void> {
  if (!context.config.backups?.schedules.drill) {
    await rm(sinceFile(context), { force: true });
  } else if ((await drillsSince(context)) === undefined) {
    await writeByRename(sinceFile(context), `${now.toISOString()}\n`);
  }
}

/** Since when an agent has known a schedule of drills. Undefined: none does. */
export async function drillsSince(context: Pick<Context, "paths">): Promise<string | undefined> {
  const text = (await readFile(sinceFile(context), "utf8").catch(() => "")).trim();
  return Number.isNaN(Date.parse(text)) || inFuture(text) ? undefined : text;
}

/** Whether a drill runs now: its volume is empty between drills. */
export async function isDrillUnderWay(volume: string = drillPaths.volume): Promise<boolean> {
  return (await readdir(volume).catch(() => [])).length > 0;
}

/** Reads the last drills, and again only when there was another one. */
export class LastDrills {
  private known: LastDrill[] = [];
  private readAt: number | undefined;

  constructor(private readonly context: Context) {}

  async read(): Promise<LastDrill[]> {
    const file = join(this.context.paths.records, `${backupRecords.drill}.json`);
    const at = await stat(file).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );
    // A clock that was set back has made a drill of then one of the future, which is none.
    if (at === this.readAt && !this.known.some((one) => inFuture(one.at))) return this.known;
    const numbers = (this.context.config.backups?.repositories ?? []).map(({ number }) => number);
    this.known = lastDrills(await readRuns(this.context, backupRecords.drill), numbers);
    this.readAt = at;
    return this.known;
  }
}
