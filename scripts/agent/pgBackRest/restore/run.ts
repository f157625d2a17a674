import type { RestorePlanReply } from "../../../../contract/restorePlan";
import { readRestoreOptions } from "../../../../contract/restoreTarget";
import type { Context, Say, Work } from "../../kit/context";
import { Failure, sentenceOf, withStop } from "../../kit/failure";
import { repositoriesOf } from "../settings";
import { readPlanArgs } from "./args";
import { beginIn } from "./begin";
import { chooseRepository, type Outcome } from "./choose";
import type { ResolvedWish, StackFacts } from "./facts";
import { repositoryFacts, stackFacts } from "./gather";
import { planIn } from "./plan";
import { ArchiveReader } from "./reader";
import { search } from "./search";
import { resolveWish } from "./target";

/** Plans a restore. It reads the repositories, and changes nothing. */
export const restorePlanRun: Work = async (
  args,
  context,
  say,
  signal,
): Promise<RestorePlanReply> => {
  const { repo, ...options } = readPlanArgs(args);
  const read = readRestoreOptions(options);
  if ("problem" in read) throw new Failure(read.problem);
  const repositories = repositoriesOf(context, repo);
  const stack = await stackFacts(context);
  const wish = resolveWish(read, stack);
  if ("refused" in wish) return wish;
  const numbers = repositories.map(({ number }) => number);
  return chooseRepository(numbers, wish.target.kind === "latest", (number) =>
    outcomeIn(context, { number, wish, stack, say, signal }),
  );
};

interface Asked {
  number: number;
  wish: ResolvedWish;
  stack: StackFacts;
  say: Say;
  signal: AbortSignal;
}

/** The plan with one repository. One that cannot be read leaves it to the others. */
async function outcomeIn(context: Context, asked: Asked): Promise<Outcome> {
  const { number, signal } = asked;
  try {
    return { repository: number, ...(await planWith(context, asked)) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    return { repository: number, problem: withStop(sentenceOf(error)) };
  }
}

async function planWith(
  context: Context,
  { number, wish, stack, say, signal }: Asked,
): Promise<RestorePlanReply> {
  const [settings] = repositoriesOf(context, number);
  if (!settings) throw new Failure(`There is no repository ${number}.`);
  say(`repository ${number}: reading what it holds`);
  const facts = await repositoryFacts(context, settings, { signal });
  const beginning = beginIn(facts, wish, stack);
  if ("refused" in beginning) return beginning;
  say(`repository ${number}: looking for the target in the WAL`);
  const has = new Set(facts.segments.map(({ segment }) => segment));
  const reader = await ArchiveReader.open(context, number, has, { signal });
  try {
    const sought = await search(beginning, facts, wish, reader);
    const planned = planIn(beginning, facts, wish, stack, sought);
    return "refused" in planned ? planned : { plan: planned };
  } finally {
    await reader.close();
  }
}
