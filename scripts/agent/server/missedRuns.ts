import { setTimeout as sleep } from "node:timers/promises";
import { know, lastUpload, noteRun, untried } from "./lastAttempts";
import type { Command, Context } from "../kit/context";
import { dumpsEnded, isDumping } from "./dumpJob";
import { finishedDumps } from "../dump/finished";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { readRecord, writeRecord } from "../kit/records";
import { lastDue } from "./schedule";
import type { JobRecord } from "../../../contract/jobRecord";
import { worker } from "./worker";

/** The scheduler's share: only what it has not begun after that is made up for. */
const GRACE_MS = 2 * 60_000;
const LOOK_MS = 30_000;
const AGAIN_MS = 60_000;

/** The names of the databases to dump. */
const namesOf = worker("databases");

export interface Jobs {
  dump: Command;
  upload: Command;
  /** What the agent is doing, for its status. */
  tell: (detail: string) => void;
}

/**
 * Makes the first dumps, and from then on every run that the scheduler did not begin: because the
 * machine was off, or because daylight saving has no such hour. A run that failed was begun.
 */
export async function keepUp(context: Context, jobs: Jobs, signal: AbortSignal): Promise<void> {
  const began = Date.now();
  let uploads: Promise<unknown> = Promise.resolve();
  try {
    const names = await reached(context, jobs, signal);
    await quietly(context, signal, () => firstDumps(context, jobs, names, signal));
    // An upload may take hours, and dumps are due meanwhile.
    uploads = quietly(context, signal, () => firstUpload(context, jobs, signal));
    for (; ; await sleep(LOOK_MS, undefined, { signal })) {
      const moment = new Date(Date.now() - GRACE_MS);
      await quietly(context, signal, () => dumpOverdue(context, jobs, moment, signal));
      const upload = quietly(context, signal, () =>
        uploadOverdue(context, jobs, moment, began, signal),
      );
      uploads = Promise.all([uploads, upload]).then(() => undefined);
    }
  } finally {
    await uploads;
  }
}

/** Waits for a server; the record says so once, not each minute. */
async function reached(context: Context, { tell }: Jobs, signal: AbortSignal): Promise<string[]> {
  for (let said = ""; ; await sleep(AGAIN_MS, undefined, { signal })) {
    const startedAt = new Date().toISOString();
    try {
      const names = await databases(context, signal);
      tell("");
      return names;
    } catch (error) {
      signal.throwIfAborted();
      const detail = `No server can be dumped from yet: ${withStop(sentenceOf(error))}`;
      if (detail === said) continue;
      said = detail;
      tell(detail);
      context.log(detail);
      const endedAt = new Date().toISOString();
      await writeRecord(context, {
        job: "dump",
        trigger: "start",
        startedAt,
        endedAt,
        result: "failed",
        detail,
      });
    }
  }
}

async function firstDumps(
  context: Context,
  { dump }: Jobs,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const newest = new Map<string, number>();
  // Somebody who was quicker than we may just be making the first ones.
  do {
    await dumpsEnded();
    for (const { manifest } of (await finishedDumps(context)).reverse()) {
      newest.set(manifest.database.name, Date.parse(manifest.takenAt));
    }
  } while (isDumping());
  know(names, (name) => newest.get(name) ?? 0);
  const last = await readRecord(context, "dump");
  if (last && last.trigger !== "start") noteRun(last);
  const lacking = names.filter((name) => !newest.has(name));
  if (lacking.length === 0) return;
  await run(context, dump, { trigger: "start", databases: lacking, wait: true }, signal);
}

async function firstUpload(context: Context, { upload }: Jobs, signal: AbortSignal): Promise<void> {
  if (context.config.upload?.afterFirstDump !== true) return;
  if (await readRecord(context, "upload", "success")) return;
  if ((await finishedDumps(context)).length === 0) return;
  await run(context, upload, { trigger: "start" }, signal);
}

async function dumpOverdue(
  context: Context,
  { dump }: Jobs,
  moment: Date,
  signal: AbortSignal,
): Promise<void> {
  const { schedule } = context.config.dumps;
  const due = lastDue(schedule, context.config.timeZone, moment);
  if (isDumping() || untried(due).length === 0) return;
  const names = await databases(context, signal).catch((error: unknown) => {
    const endedAt = new Date().toISOString();
    noteRun({ endedAt } as JobRecord);
    throw error;
  });
  know(names, () => 0);
  const overdue = untried(due);
  if (overdue.length === 0) return;
  context.log(`the dump that was due at ${due.toISOString()} is made up for`);
  await run(context, dump, { trigger: "catch-up", databases: overdue }, signal);
}

async function uploadOverdue(
  context: Context,
  { upload }: Jobs,
  moment: Date,
  began: number,
  signal: AbortSignal,
): Promise<void> {
  const settings = context.config.upload;
  if (!settings) return;
  const due = lastDue(settings.schedule, context.config.timeZone, moment);
  const last = await readRecord(context, "upload");
  const tried = Math.max(lastUpload(), last ? Date.parse(last.endedAt) : began);
  if (tried >= due.getTime()) return;
  context.log(`the upload that was due at ${due.toISOString()} is made up for`);
  await run(context, upload, { trigger: "catch-up" }, signal);
}

async function databases(context: Context, signal: AbortSignal): Promise<string[]> {
  return (await namesOf({}, context, () => undefined, signal)) as string[];
}

async function run(
  context: Context,
  command: Command,
  args: Record<string, unknown>,
  signal: AbortSignal,
): Promise<void> {
  try {
    await command(args, context, () => undefined, signal);
  } catch (error) {
    // What a job failed of stands in its record and in the log.
    if (!(error instanceof Failure)) throw error;
  }
}

/** Whatever goes wrong here, the agent goes on. */
async function quietly(
  context: Context,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!signal.aborted) context.log(sentenceOf(error));
  }
}
