import { isDeepStrictEqual } from "node:util";
import type { JobRecord } from "../../../contract/jobRecord";
import type { Context } from "./context";
import { sentenceOf } from "./failure";
import { lastRun, readRecord, readRuns, writeRecord } from "./records";
import { withStillFailed } from "./stillFailed";

/** Of the agent's own process: records that could not be written, so that their files are of earlier runs. */
const unwritten = new WeakMap<Context, Map<JobRecord["job"], JobRecord>>();

/** The record of a job's last run, where it could not be written. */
export function unwrittenRecord(context: Context, job: JobRecord["job"]): JobRecord | undefined {
  return unwritten.get(context)?.get(job);
}

/** How a run ended: with what it answers, or with an error and its record. */
export type Outcome<T> = { result: T } | { error: unknown; record: JobRecord };

/**
 * Waits for a run whose process writes its record. When that died before it wrote one, this writes that it died. A
 * record that cannot be written is kept in memory until a run shows that it is over: otherwise the last good run would
 * still look like the last.
 */
export async function outcomeOf<T>(
  context: Context,
  job: JobRecord["job"],
  work: () => Promise<T>,
  died: (error: unknown) => JobRecord,
): Promise<Outcome<T>> {
  const before = await readRecord(context, job);
  try {
    const result = await work();
    await settle(context, job);
    return { result };
  } catch (error) {
    const last = await readRecord(context, job);
    // Not by their times: a clock may have been set back meanwhile.
    const isWritten = last !== undefined && !isDeepStrictEqual(last, before);
    // Its own: `last` has what fails since runs before it, too.
    const record = isWritten ? ((await lastRun(context, job)) ?? last) : died(error);
    if (isWritten) await settle(context, job);
    else {
      await keep(context, record);
      context.log(`${job} (${record.trigger}) failed: ${record.detail}`);
    }
    return { error, record };
  }
}

/** After a run that wrote its record. One of single databases, or one that was skipped, says nothing of the others. */
async function settle(context: Context, job: JobRecord["job"]): Promise<void> {
  const kept = unwritten.get(context);
  const before = kept?.get(job);
  if (!kept || !before) return;
  const run = (await readRuns(context, job)).at(-1);
  if (run?.result === "skipped") return;
  const last = run && withStillFailed(before, run);
  if (last && last !== run) kept.set(job, last);
  else kept.delete(job);
}

async function keep(context: Context, record: JobRecord): Promise<void> {
  const { job } = record;
  const kept = unwritten.get(context) ?? new Map<JobRecord["job"], JobRecord>();
  unwritten.set(context, kept);
  const before = kept.get(job);
  const last = withStillFailed(before ?? (await readRecord(context, job)), record);
  try {
    await writeRecord(context, record);
    if (before === undefined || last === record) kept.delete(job);
    else kept.set(job, last);
  } catch (error) {
    kept.set(job, last);
    context.log(`the record of ${job} cannot be written: ${sentenceOf(error)}`);
  }
}
