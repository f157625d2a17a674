import { noteRun } from "./lastAttempts";
import type { Command, Context } from "../kit/context";
import type { RunArgs } from "../dump/run";
import { Failure, sentenceOf } from "../kit/failure";
import { readRecord, writeRecord } from "../kit/records";
import type { JobRecord } from "../../../contract/jobRecord";
import { worker } from "./worker";

type Trigger = JobRecord["trigger"];

const TRIGGERS: readonly Trigger[] = ["schedule", "start", "catch-up", "operator"];
const dumpRun = worker("dump");
let running: Promise<unknown> | undefined;

/** Whether a run is under way. */
export const isDumping = () => running !== undefined;

/** Resolves when no run is under way. */
export async function dumpsEnded(): Promise<void> {
  while (running) await running;
}

/**
 * `dump`: every database, or those of `databases`. While another run is under way it is skipped,
 * or with `wait` comes after it. Fails where any database fails; the others are dumped all the same.
 */
export const dump: Command = async (args, context, say, signal): Promise<JobRecord> => {
  const wanted = readArgs(args);
  while (running) {
    if (args["wait"] !== true) return skipped(context, wanted.trigger);
    say("waiting for the run under way");
    await running;
  }
  const run = recorded(context, wanted, say, signal);
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

/** The run's record; where its process died before it had written one, that is recorded. */
async function recorded(
  context: Context,
  wanted: RunArgs,
  say: (progress: string) => void,
  signal: AbortSignal,
): Promise<JobRecord> {
  const startedAt = new Date().toISOString();
  let record: JobRecord;
  try {
    record = (await dumpRun({ ...wanted }, context, say, signal)) as JobRecord;
  } catch (error) {
    const last = await readRecord(context, "dump");
    if (last && last.startedAt >= startedAt) record = last;
    else {
      record = recordOf(wanted.trigger, "failed", sentenceOf(error), startedAt);
      await writeRecord(context, record);
      context.log(`dump (${wanted.trigger}) failed: ${record.detail}`);
    }
  }
  noteRun(record);
  return record;
}

async function skipped(context: Context, trigger: Trigger): Promise<JobRecord> {
  const detail = "Another dump is under way.";
  const record = recordOf(trigger, "skipped", detail, new Date().toISOString());
  await writeRecord(context, record);
  context.log(`dump (${trigger}) skipped: ${detail}`);
  return record;
}

function recordOf(
  trigger: Trigger,
  result: JobRecord["result"],
  detail: string,
  startedAt: string,
): JobRecord {
  return { job: "dump", trigger, startedAt, endedAt: new Date().toISOString(), result, detail };
}

function readArgs(args: Record<string, unknown>): RunArgs {
  const trigger = TRIGGERS.find((known) => known === (args["trigger"] ?? "operator"));
  if (!trigger) throw new Failure(`A dump's trigger is one of ${TRIGGERS.join(", ")}.`);
  const given = args["databases"] ?? args["database"];
  const names = given === undefined ? undefined : [given].flat();
  if (names && (names.length === 0 || !names.every((name) => typeof name === "string"))) {
    throw new Failure("The databases to dump must be given by their names.");
  }
  return {
    trigger,
    ...(names ? { databases: names } : {}),
    acceptSmaller: args["acceptSmaller"] === true,
  };
}
