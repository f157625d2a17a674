import type {
  RestorePlan,
  RestorePlanReply,
  RestoreRefusal,
} from "../../../../contract/restorePlan";
import { Failure } from "../../kit/failure";
import { positionOf } from "../segments";

/** What became of the plan in one repository. */
export type Outcome =
  | { repository: number; plan: RestorePlan }
  | { repository: number; refused: RestoreRefusal }
  /** It cannot be read: one sentence. */
  | { repository: number; problem: string };

/**
 * The first repository that has a plan, in the order of the stack file. Only for the newest state each of them is asked,
 * because one may have been away for a while.
 *
 * @throws Failure when none can be read
 */
export async function chooseRepository(
  numbers: readonly number[],
  newest: boolean,
  ask: (number: number) => Promise<Outcome>,
): Promise<RestorePlanReply> {
  const outcomes: Outcome[] = [];
  for (const number of numbers) {
    const outcome = await ask(number);
    outcomes.push(outcome);
    if ("plan" in outcome && !newest) break;
  }
  const plans = outcomes.flatMap((one) => ("plan" in one ? [one.plan] : []));
  const [first, ...others] = plans;
  if (first) {
    const plan = others.reduce((best, one) => (isFurther(one, best) ? one : best), first);
    return { plan: { ...plan, notes: [...plan.notes, ...outcomes.flatMap(note)] } };
  }
  const refused = outcomes.flatMap((one) => ("refused" in one ? [one.refused] : []));
  const problems = outcomes.filter((one) => "problem" in one).flatMap(note);
  const [refusal] = refused;
  if (!refusal) throw new Failure(problems.join(" "));
  const sentence = [...new Set(refused.map((one) => one.sentence)), ...problems].join(" ");
  return { refused: { ...refusal, sentence } };
}

/**
 * Whether a plan goes further than another: its last transaction is later. A higher timeline alone does not say it, as
 * it may have been undone.
 */
function isFurther(one: RestorePlan, other: RestorePlan): boolean {
  const [own, others] = [one.reaches?.at, other.reaches?.at];
  if (own !== undefined && others !== undefined && own !== others) return own > others;
  if (one.timeline !== other.timeline) return one.timeline > other.timeline;
  return positionOf(one.wal.to).number > positionOf(other.wal.to).number;
}

/** Why a repository is not the one. */
function note(outcome: Outcome): string[] {
  if ("plan" in outcome) return [];
  const { repository } = outcome;
  return "refused" in outcome
    ? [outcome.refused.sentence]
    : [`Repository ${repository} cannot be read: ${outcome.problem}`];
}
