import type { AgentOverview, JobOverview } from "../agentOverview";
import type { Advice, Check, Thresholds } from "./check";
import { duration } from "./figures";

/** The operator's command that does a job again. Maintenance has none. */
const again: Readonly<Record<string, string>> = {
  dump: "dump",
  upload: "upload",
  check: "check",
  verify: "verify",
  drill: "drill",
};

/** A moment as sentences have it. */
export const minute = (at: string) => at.slice(0, 16).replace("T", " ");

export const ageOf = (then: string, now: string) => duration(secondsOf(then, now));

export const secondsOf = (then: string, now: string) =>
  Math.max(0, (Date.parse(now) - Date.parse(then)) / 1000);

export function jobCheck(
  { name, due, every, last, success }: JobOverview,
  { at, running }: AgentOverview,
  operator: Advice["operator"],
  { jobGrace, jobHours }: Pick<Thresholds, "jobGrace" | "jobHours">,
): Check {
  const command = operator(again[name] ?? (name.startsWith("backup ") ? name : "check"));
  const run = running.find((one) => one.name === name);
  const hours = run ? secondsOf(run.since, at) / 3600 : 0;
  if (run && hours >= jobHours) {
    return {
      ...{ name, status: "degraded", since: run.since },
      sentence: `It runs for ${ageOf(run.since, at)}.`,
      ...{ value: Math.floor(hours), unit: "hours", threshold: jobHours },
      command: operator("logs agent"),
    };
  }
  if (last?.result === "failed") {
    const sentence = `The last one, of ${minute(last.endedAt)} UTC, failed: ${last.detail}`;
    return { name, status: "failed", sentence, since: last.endedAt, command };
  }
  if (run) return { name, status: "good", sentence: "It runs now." };
  if (success === undefined)
    return { name, status: "pending", sentence: "There was none yet.", command };
  if (isLate(success.startedAt, { due, every, at, jobGrace })) {
    const sentence = `It was due at ${minute(due)} UTC; the last good one is ${ageOf(success.endedAt, at)} old.`;
    return { name, status: "degraded", sentence, since: due, command };
  }
  const sentence = `The last one ended ${ageOf(success.endedAt, at)} ago.`;
  const value = Math.round(secondsOf(success.endedAt, at));
  return { name, status: "good", sentence, value, unit: "seconds" };
}

/** A run that began in time may still be at work, or have ended after the next one was due. */
export function isLate(
  startedAt: string,
  { due, every, at, jobGrace }: { due: string; every: number; at: string; jobGrace: number },
): boolean {
  const started = Date.parse(startedAt);
  const missed = started < Date.parse(due) - every * 1000;
  const late = (Date.parse(at) - Date.parse(due)) / 1000;
  return missed || (started < Date.parse(due) && late > jobGrace);
}
