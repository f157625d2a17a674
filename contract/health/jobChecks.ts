import type { AgentOverview, JobOverview, RunningWork } from "../agentOverview";
import { inFuture } from "../clock";
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
  job: JobOverview,
  { at, running }: AgentOverview,
  operator: Advice["operator"],
  { jobGrace, jobHours }: Pick<Thresholds, "jobGrace" | "jobHours">,
): Check {
  const { name, last, success, since } = job;
  const command = operator(again[name] ?? (name.startsWith("backup ") ? name : "check"));
  const run = running.find((one) => one.name === name);
  if (run && isLong(run, at, jobHours)) return longCheck(run, at, operator, jobHours);
  if (last?.result === "failed") {
    const sentence = `The last one, of ${minute(last.endedAt)} UTC, failed: ${last.detail}`;
    return { name, status: "failed", sentence, since: last.endedAt, command };
  }
  if (run) return { name, status: "good", sentence: "It runs now." };
  if (success && isAhead(success, at)) {
    const sentence = `The last good one lies in the future, at ${minute(success.endedAt)} UTC: the clock of the agent's machine was wrong when it was made, or is wrong now.`;
    return { name, status: "degraded", sentence, command };
  }
  if (success === undefined) {
    // A drill has nothing to restore before the first backup: its repository says when one is overdue.
    if (since === undefined || job.job === "drill" || !isLate(since, job, at, jobGrace))
      return { name, status: "pending", sentence: "There was none yet.", command };
    const due = new Date(dueAfter(since, job)).toISOString();
    const sentence = `It was due at ${minute(due)} UTC, and there was none yet.`;
    return { name, status: "degraded", sentence, since: due, command };
  }
  if (isLate(success.startedAt, job, at, jobGrace)) {
    const due = new Date(dueAfter(success.startedAt, job)).toISOString();
    const sentence = `It was due at ${minute(due)} UTC; the last good one is ${ageOf(success.endedAt, at)} old.`;
    return { name, status: "degraded", sentence, since: due, command };
  }
  const sentence = `The last one ended ${ageOf(success.endedAt, at)} ago.`;
  const value = Math.round(secondsOf(success.endedAt, at));
  return { name, status: "good", sentence, value, unit: "seconds" };
}

/** Work that no schedule starts, such as a restore, and that takes longer than a run may. Jobs have a check each. */
export function longWorkChecks(
  { at, jobs, running }: AgentOverview,
  operator: Advice["operator"],
  { jobHours }: Pick<Thresholds, "jobHours">,
): Check[] {
  const scheduled = new Set(jobs.map(({ name }) => name));
  return running
    .filter((one) => !scheduled.has(one.name) && isLong(one, at, jobHours))
    .map((one) => longCheck(one, at, operator, jobHours));
}

const isLong = ({ since }: RunningWork, at: string, jobHours: number) =>
  secondsOf(since, at) >= jobHours * 3600;

function longCheck(
  { name, since }: RunningWork,
  at: string,
  operator: Advice["operator"],
  jobHours: number,
): Check {
  return {
    ...{ name, status: "degraded", since },
    sentence: `It runs for ${ageOf(since, at)}.`,
    ...{ value: Math.floor(secondsOf(since, at) / 3600), unit: "hours", threshold: jobHours },
    command: operator("logs agent"),
  };
}

/** Nothing that was made in the future says that a job is in time. */
const isAhead = ({ startedAt, endedAt }: NonNullable<JobOverview["success"]>, at: string) =>
  [startedAt, endedAt].some((moment) => inFuture(moment, Date.parse(at)));

type Scheduled = Pick<JobOverview, "due" | "next" | "every">;

/** When the run after this one was due. What an interval is counted from nobody knows, so it counts from the run. */
const dueAfter = (startedAt: string, { due, next, every }: Scheduled): number =>
  next === undefined ? Date.parse(startedAt) + every * 1000 : Date.parse(due);

/** A run that began in time may still be at work, or have ended after the next one was due. */
export function isLate(startedAt: string, job: Scheduled, at: string, jobGrace: number): boolean {
  const started = Date.parse(startedAt);
  const due = dueAfter(startedAt, job);
  const missed = started < due - job.every * 1000;
  const late = (Date.parse(at) - due) / 1000;
  return missed || (started < due && late > jobGrace);
}

/**
 * The moment by which the age of what jobs make counts. While one of them is at work, and no longer than a run may take,
 * that is its begin: what it makes cannot be there yet.
 */
export function countedAt(
  makes: (job: string) => boolean,
  { running, at }: Pick<AgentOverview, "running" | "at">,
  jobHours: number,
): string {
  const begun = running
    .filter(({ name, since }) => makes(name) && secondsOf(since, at) < jobHours * 3600)
    .map(({ since }) => since);
  return begun.sort()[0] ?? at;
}
