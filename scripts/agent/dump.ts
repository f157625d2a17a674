import { randomBytes } from "node:crypto";
import { noteRun } from "./attempts";
import type { Command, Context } from "./context";
import { databasesToDump } from "./discovery";
import { dumpDatabase } from "./dumpDatabase";
import { bytesOf } from "./dumps";
import { Failure, sentenceOf, withStop } from "./failure";
import { amount, duration } from "./figures";
import { writeRecord } from "./records";
import { retain } from "./retention";
import { timeLimit } from "./timeLimit";
import type { DatabaseResult, JobRecord } from "./types";

type Say = (progress: string) => void;
type Trigger = JobRecord["trigger"];

let running: Promise<unknown> | undefined;

/** Whether a run is under way. */
export const isDumping = () => running !== undefined;

/**
 * `dump`: every database, or those of `databases`. While another run is under way it is skipped,
 * or with `wait` comes after it. Fails where any database fails; the others are dumped all the same.
 */
export const dump: Command = async (args, context, say, signal): Promise<JobRecord> => {
  const trigger = triggerOf(args["trigger"]);
  while (running) {
    if (args["wait"] !== true) return skipped(context, trigger);
    say("waiting for the run under way");
    await running;
  }
  const run = runOnce(context, { trigger, ...optionsOf(args) }, say, signal);
  const mine = run.catch(() => undefined);
  running = mine;
  try {
    const record = await run;
    if (record.result === "failed") throw new Failure(record.detail);
    return record;
  } finally {
    if (running === mine) running = undefined;
  }
};

interface Options {
  databases?: string[];
  acceptSmaller: boolean;
}

async function runOnce(
  context: Context,
  { trigger, databases, acceptSmaller }: Options & { trigger: Trigger },
  say: Say,
  signal: AbortSignal,
): Promise<JobRecord> {
  const started = new Date();
  const limit = timeLimit(context.config.dumps.timeoutSeconds, "laterbase:dumps.timeout", signal);
  const application = `laterbase dump ${randomBytes(4).toString("hex")}`;
  const results: DatabaseResult[] = [];
  let failure: string | undefined;
  try {
    const names = databases ?? (await databasesToDump(context, application, limit.signal));
    for (const database of names) {
      const job = { database, application, acceptSmaller, say, signal: limit.signal };
      results.push(await dumpOne(context, job));
    }
  } catch (error) {
    failure = withStop(sentenceOf(error));
  } finally {
    limit.clear();
  }
  const failed = results.filter(({ result }) => result === "failed");
  const record: JobRecord = {
    job: "dump",
    trigger,
    startedAt: started.toISOString(),
    endedAt: new Date().toISOString(),
    result: failure !== undefined || failed.length > 0 ? "failed" : "success",
    detail: failure ?? summary(results, failed),
    databases: results,
  };
  noteRun(record);
  await writeRecord(context, record);
  context.log(`dump (${trigger}) ${record.result}: ${record.detail}`);
  return record;
}

/** One database's result; its failure is no other's. */
async function dumpOne(
  context: Context,
  job: Parameters<typeof dumpDatabase>[1],
): Promise<DatabaseResult> {
  const { database, say } = job;
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 100) / 10;
  try {
    job.signal.throwIfAborted();
    const { id, manifest, remark } = await dumpDatabase(context, job);
    const gone = await retain(context, database).catch((error: unknown) => {
      context.log(`old dumps of "${database}" could not be removed: ${sentenceOf(error)}`);
      return [];
    });
    const detail = [
      `${amount(bytesOf(manifest))}, ${manifest.tables.length} tables, from the ${manifest.source.server}.`,
      ...(remark ? [remark] : []),
      ...(gone.length > 0 ? [`${gone.length} expired dumps were removed.`] : []),
    ].join(" ");
    say(`"${database}": ${detail}`);
    const source = manifest.source.server;
    const bytes = bytesOf(manifest);
    return { database, result: "success", detail, seconds: seconds(), folder: id, bytes, source };
  } catch (error) {
    if (!(error instanceof Failure)) context.log((error as Error).stack ?? String(error));
    const detail = withStop(sentenceOf(error));
    say(`"${database}" failed: ${detail}`);
    return { database, result: "failed", detail, seconds: seconds() };
  }
}

function summary(results: readonly DatabaseResult[], failed: readonly DatabaseResult[]): string {
  const [first] = failed;
  if (first) {
    const one = `"${first.database}": ${first.detail}`;
    return results.length === 1
      ? one
      : `${failed.length} of ${results.length} databases failed; ${one}`;
  }
  const bytes = results.reduce((sum, result) => sum + (result.bytes ?? 0), 0);
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const count = results.length === 1 ? "1 database" : `${results.length} databases`;
  return `${count}, ${amount(bytes)} in ${duration(seconds)}.`;
}

async function skipped(context: Context, trigger: Trigger): Promise<JobRecord> {
  const now = new Date().toISOString();
  const detail = "Another dump is under way.";
  const record: JobRecord = {
    job: "dump",
    trigger,
    startedAt: now,
    endedAt: now,
    result: "skipped",
    detail,
  };
  await writeRecord(context, record);
  context.log(`dump (${trigger}) skipped: ${detail}`);
  return record;
}

const TRIGGERS: readonly Trigger[] = ["schedule", "start", "catch-up", "operator"];

function triggerOf(value: unknown): Trigger {
  if (value === undefined) return "operator";
  const trigger = TRIGGERS.find((known) => known === value);
  if (!trigger) throw new Failure(`A dump's trigger is one of ${TRIGGERS.join(", ")}.`);
  return trigger;
}

function optionsOf(args: Record<string, unknown>): Options {
  const given = args["databases"] ?? args["database"];
  const names = given === undefined ? undefined : [given].flat();
  if (names && (names.length === 0 || !names.every((name) => typeof name === "string"))) {
    throw new Failure("The databases to dump must be given by their names.");
  }
  return {
    ...(names ? { databases: names } : {}),
    acceptSmaller: args["acceptSmaller"] === true,
  };
}
