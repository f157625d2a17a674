import { backupRecords } from "../../../contract/backupRecord";
import type { Context } from "../kit/context";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { duration } from "../kit/figures";
import { readRuns } from "../kit/records";
import { newestWal } from "./archive";
import { arrivalProblem } from "./arrival";
import type { Found, RepositoryTask } from "./findings";
import { findGaps, gapSentence, openGaps } from "./gaps";
import { readInfo } from "./info";
import { drillNote, drillProblem, drillsSince, isDrillUnderWay, lastDrills } from "./lastDrill";
import { stateOf, whyNoServer } from "./servers";
import { vanishedBackups, vanishedSentence } from "./vanished";

/** `missedBackups.ts` makes it, and waits so long. */
const fullFollows =
  "A full backup follows: at most one in 24 hours, and none while another repository is away.";

/** Looks whether WAL arrives in a repository, and whether a restore could use it. */
export async function checkOne(context: Context, task: RepositoryTask): Promise<Found> {
  const { repository, say, signal } = task;
  const { number } = repository;
  const { archiveId } = await readInfo(context, number, { signal });
  const problems: string[] = [];
  if (archiveId === undefined) problems.push("The stanza is not there yet.");
  else {
    say("ending a WAL segment, and waiting for it");
    const problem = await arrivalProblem(context, number, archiveId, signal).catch(
      async (error: unknown) => noPrimary(context, error),
    );
    if (problem !== undefined) problems.push(problem);
  }
  // Again: while WAL was waited for, a backup and its WAL may have expired.
  const info = await readInfo(context, number, { signal });
  const newest = await newestWal(context, number, info, { signal });
  const gaps = await findGaps(context, repository, info, { signal });
  const open = openGaps(gaps, info.current);
  if (info.current.length === 0) problems.push("There is no backup yet.");
  const vanished = await vanishedBackups(context, number, info.backups, { signal });
  problems.push(...[vanishedSentence(vanished) ?? []].flat());
  const [drill] = lastDrills(await readRuns(context, backupRecords.drill), [number]);
  const drilled = drillProblem(context, {
    ...{ last: drill, oldestBackup: info.current[0]?.endedAt },
    ...{ since: await drillsSince(context), isUnderWay: await isDrillUnderWay() },
  });
  if (drilled !== undefined) problems.push(drilled);
  const notes = [
    newest === undefined
      ? "There is no WAL yet."
      : `The newest WAL is ${newest.segment}, ${duration(secondsSince(newest.at))} old.`,
    ...gaps.filter((gap) => !open.includes(gap)).map(gapSentence),
    ...(await onStandby(context)),
    ...(drill && drilled === undefined ? [drillNote(drill)] : []),
  ];
  return {
    problems: [...problems, ...open.map((gap) => `${gapSentence(gap)} ${fullFollows}`)],
    notes,
    ...(newest ? { newestWal: newest } : {}),
    ...(gaps.length > 0 ? { gaps } : {}),
  };
}

/** What keeps the primary from ending a segment. */
async function noPrimary(context: Context, error: unknown): Promise<string> {
  if (error instanceof Failure) throw error;
  const state = await stateOf(context, "primary");
  return state.kind === "writes"
    ? withStop(sentenceOf(error))
    : (await whyNoServer(context)).sentence;
}

const secondsSince = (at: string) => Math.max(0, (Date.now() - Date.parse(at)) / 1000);

/** pgBackRest's check is content with a standby that is away. */
async function onStandby(context: Context): Promise<string[]> {
  const name = context.config.backups?.standby;
  if (name === undefined) return [];
  const state = await stateOf(context, "standby");
  if (state.kind === "follows") return [];
  const why = state.kind === "writes" ? "it was promoted" : `it does not answer: ${state.why}`;
  return [`Backups cannot read the standby ${name}, because ${why.replace(/\.$/, "")}.`];
}
