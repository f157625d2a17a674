import { isDeepStrictEqual } from "node:util";
import type { JobRecord } from "../../../contract/jobRecord";
import type { Context } from "./context";
import { sentenceOf } from "./failure";
import { readRecord, writeRecord } from "./records";

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
 * record that cannot be written is kept in memory until the job has another one: otherwise the last good run would
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
    unwritten.get(context)?.delete(job);
    return { result };
  } catch (error) {
    const last = await readRecord(context, job);
    // Not by their times: a clock may have been set back meanwhile.
    const isWritten = last !== undefined && !isDeepStrictEqual(last, before);
    const record = isWritten ? last : died(error);
    if (isWritten) unwritten.get(context)?.delete(job);
    else {
      await keep(context, record);
      context.log(`${job} (${record.trigger}) failed: ${record.detail}`);
    }
    return { error, record };
  }
}

async function keep(context: Context, record: JobRecord): Promise<void> {
  const { job } = record;
  const kept = unwritten.get(context) ?? new Map<JobRecord["job"], JobRecord>();
  unwritten.set(context, kept);
  try {
    await writeRecord(context, record);
    kept.delete(job);
  } catch (error) {
    kept.set(job, record);
    context.log(`the record of ${job} cannot be written: ${sentenceOf(error)}`);
  }
}
