import type { Context } from "../kit/context";
import { duration } from "../kit/figures";
import { newestWal } from "./archive";
import { failureOf, pgBackRest } from "./command";
import { exitCode } from "./exitCodes";
import type { Found, RepositoryTask } from "./findings";
import { findGaps, gapSentence, openGaps } from "./gaps";
import { readInfo } from "./info";
import { stateOf, whyNoServer } from "./servers";

/** Looks whether WAL arrives in a repository, and whether a restore could use it. */
export async function checkOne(context: Context, task: RepositoryTask): Promise<Found> {
  const { repository, say, signal } = task;
  const { number } = repository;
  say("switching to a new WAL segment, and waiting for it");
  const ran = await pgBackRest(context, ["check", `--repo=${number}`], { signal });
  const problems =
    ran.code === 0
      ? []
      : [
          ran.code === exitCode.dbConnect
            ? `${(await whyNoServer(context)).sentence} [${ran.code}]`
            : failureOf(ran).message,
        ];
  const info = await readInfo(context, number, { signal });
  const newest = await newestWal(context, number, info, { signal });
  const gaps = await findGaps(context, repository, info, { signal });
  const open = openGaps(gaps, info.backups);
  if (info.backups.length === 0) problems.push("There is no backup yet.");
  const notes = [
    newest === undefined
      ? "There is no WAL yet."
      : `The newest WAL is ${newest.segment}, ${duration(secondsSince(newest.at))} old.`,
    ...gaps.filter((gap) => !open.includes(gap)).map(gapSentence),
    ...(await onStandby(context)),
  ];
  return {
    problems: [...problems, ...open.map((gap) => `${gapSentence(gap)} A full backup follows.`)],
    notes,
    ...(newest ? { newestWal: newest } : {}),
    ...(gaps.length > 0 ? { gaps } : {}),
    ...(ran.code === 0 ? {} : { code: ran.code }),
  };
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
