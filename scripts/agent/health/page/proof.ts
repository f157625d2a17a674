import type { AgentOverview } from "../../../../contract/agentOverview";
import { inFuture } from "../../../../contract/clock";
import { duration } from "../../../../contract/health/figures";
import { isUnknown, type StackFacts } from "../../../../contract/health/facts";
import type { Answer, Line } from "./answers";
import { html } from "./html";
import type { Clock } from "./times";

const question = "Last proof";

/** When somebody last saw that what was saved can be restored: drills first, then verify, then the check of dumps. */
export function proofAnswer({ agent }: StackFacts, clock: Clock): Answer {
  const base = { question, look: "unknown" as const, lines: [] };
  if (agent === undefined)
    return {
      ...base,
      look: "none",
      short: "None",
      sentence: "This stack makes no dumps and no backups.",
    };
  if (isUnknown(agent))
    return {
      ...base,
      short: "Unknown",
      sentence: "The agent, which knows it, could not be asked.",
    };
  const drills = (agent.repositories ?? []).map((one) => drillLine(one, clock));
  const lines = [
    ...drills,
    ...jobLine(agent, "verify", "verify", clock),
    ...jobLine(agent, "dump", "dump, checked", clock),
  ];
  const proven = (agent.repositories ?? []).filter(
    ({ lastDrill }) => lastDrill?.result === "success",
  );
  const newest = proven
    .map(({ lastDrill }) => lastDrill!.at)
    .toSorted()
    .at(-1);
  if (newest !== undefined) {
    const failed = drills.some(({ look }) => look === "failed");
    const sentence = html`A drill restored and compared a backup, ${clock.at(newest)}.`;
    return {
      question,
      look: failed ? "degraded" : "good",
      short: clock.ago(newest),
      sentence,
      lines,
    };
  }
  const last = agent.jobs.find(({ name }) => name === "dump")?.success;
  // A clock was wrong then, or is wrong now: nobody knows how old it is.
  const dump = last && inFuture(last.endedAt, clock.now * 1000) ? undefined : last;
  const drilled = agent.jobs.some(({ name }) => name === "drill");
  if (drills.some(({ look }) => look === "failed"))
    return { question, look: "failed", short: "None", sentence: "The last drill failed.", lines };
  if (dump && !drilled) {
    const sentence = html`A dump was written and checked, ${clock.at(dump.endedAt)}.`;
    return { question, look: "good", short: clock.ago(dump.endedAt), sentence, lines };
  }
  return {
    question,
    look: "pending",
    short: "None yet",
    sentence: "Nothing was restored and compared yet.",
    lines,
  };
}

function drillLine(
  { repository, lastDrill }: NonNullable<AgentOverview["repositories"]>[number],
  clock: Clock,
): Line {
  const what = `drill of repository ${repository}`;
  if (!lastDrill) return { what, how: "none yet", look: "pending" };
  const ago = duration(clock.age(lastDrill.at));
  return lastDrill.result === "success"
    ? { what, how: `${ago} ago`, look: "good" }
    : { what, how: `failed ${ago} ago`, look: "failed" };
}

function jobLine({ jobs }: AgentOverview, name: string, what: string, clock: Clock): Line[] {
  const job = jobs.find((one) => one.name === name);
  if (!job) return [];
  if (job.last?.result === "failed")
    return [{ what, how: `failed ${clock.ago(job.last.endedAt)}`, look: "failed" }];
  if (!job.success) return [{ what, how: "none yet", look: "pending" }];
  const { endedAt } = job.success;
  const look = inFuture(endedAt, clock.now * 1000) ? "unknown" : "good";
  return [{ what, how: clock.ago(endedAt), look }];
}
