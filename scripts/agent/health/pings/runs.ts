import type { AgentOverview, LastRun } from "../../../../contract/agentOverview";
import { pingedJobs, type PingedJob } from "../../../../contract/health/config";
import { visible } from "../../../../contract/visible";
import { inFuture } from "../../../../contract/clock";

/** What is said of a run of a job. */
export interface Ping {
  job: PingedJob;
  what: "start" | "success" | "fail";
  /** Of a failure: one sentence. */
  sentence?: string;
}

/** What was said of each job: the times by which a run is known again. */
export type Pinged = Partial<Record<PingedJob, { start?: string; end?: string }>>;

/** What the overview calls a job. */
const nameOf = (job: PingedJob) =>
  job === "full" || job === "diff" || job === "incr" ? `backup ${job}` : job;

const mostSentence = 500;

/**
 * The runs that began or ended since what was pinged last. Of a job that was never pinged, a run that ended before
 * `from` is old news: the service would take it for a run of now.
 */
export function pingsOf(
  pinged: Pinged,
  { at, running, jobs }: Pick<AgentOverview, "at" | "running" | "jobs">,
  wanted: readonly PingedJob[],
  from: string,
): { pinged: Pinged; pings: Ping[] } {
  const next: Pinged = {};
  const pings: Ping[] = [];
  for (const job of pingedJobs.filter((one) => wanted.includes(one))) {
    const known = pinged[job] ?? {};
    const name = nameOf(job);
    const last = jobs.find((one) => one.name === name)?.last;
    const began = running.filter((one) => one.name === name && isLater(one.since, known.start, at));
    const start = began
      .map(({ since }) => since)
      .sort()
      .at(-1);
    const isNews = pinged[job] ? last?.endedAt !== known.end : (last?.endedAt ?? "") > from;
    if (last && isNews) pings.push(endOf(job, last));
    if (start !== undefined) pings.push({ job, what: "start" });
    const [newStart, newEnd] = [start ?? known.start, last?.endedAt ?? known.end];
    next[job] = {
      ...(newStart === undefined ? {} : { start: newStart }),
      ...(newEnd === undefined ? {} : { end: newEnd }),
    };
  }
  return { pinged: next, pings };
}

/** Of several runs at a time each has its start. A clock that was set back begins anew. */
function isLater(moment: string, known: string | undefined, now: string): boolean {
  if (known === undefined || inFuture(known, Date.parse(now))) return true;
  return Date.parse(moment) > Date.parse(known);
}

function endOf(job: PingedJob, { result, detail }: LastRun): Ping {
  if (result !== "failed") return { job, what: "success" };
  const sentence = visible(`The job ${job} failed: ${detail}`);
  return { job, what: "fail", sentence: sentence.slice(0, mostSentence) };
}
