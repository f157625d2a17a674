import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { JobRecord } from "../../../contract/jobRecord";
import type { Context } from "../kit/context";
import { inFuture } from "../../../contract/clock";
import { writeByRename } from "../kit/files";

/** Since when each job has been scheduled, by the name of its records. */
export type ScheduledSince = Partial<Record<JobRecord["job"], string>>;

/** It outlives the agent's container. */
const fileOf = ({ paths }: Pick<Context, "paths">) => join(paths.records, "scheduled-since.json");

/** Notes which jobs are scheduled, at each start of the agent. A job that no longer is begins anew later. */
export async function noteScheduled(
  context: Pick<Context, "paths">,
  jobs: readonly { job: JobRecord["job"] }[],
  now = new Date(),
): Promise<void> {
  const before = await scheduledSince(context, now);
  const since = Object.fromEntries(jobs.map(({ job }) => [job, before[job] ?? now.toISOString()]));
  if (isDeepStrictEqual(before, since)) return;
  await writeByRename(fileOf(context), `${JSON.stringify(since)}\n`);
}

/** Since when jobs are scheduled. What is not known, or lies in the future, is left out. */
export async function scheduledSince(
  context: Pick<Context, "paths">,
  now = new Date(),
): Promise<ScheduledSince> {
  try {
    const known = JSON.parse(await readFile(fileOf(context), "utf8")) as Record<string, string>;
    return Object.fromEntries(
      Object.entries(known).filter(([, at]) => Date.parse(at) > 0 && !inFuture(at, now)),
    );
  } catch {
    return {};
  }
}
