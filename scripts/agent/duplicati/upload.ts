import { setTimeout as sleep } from "node:timers/promises";
import type { Command, Context } from "../kit/context";
import { finishedDumps } from "../dump/finished";
import { Failure, sentenceOf } from "../kit/failure";
import { amount, duration } from "../kit/figures";
import { whileReading } from "../dump/reading";
import { writeRecord } from "../kit/records";
import type { JobRecord, UploadFigures } from "../../../contract/jobRecord";
import { openDuplicati } from "./client";
import { findJob } from "./job";
import { runJob, type RunResult, withoutQueries } from "./run";

export interface Uploaded extends UploadFigures {
  detail: string;
}

/**
 * `upload`: runs Duplicati's job, waits for its result and records it. With `trigger` it is said
 * what asked for it; by default the operator.
 */
export const upload: Command = async (args, context, say, signal): Promise<Uploaded> => {
  const startedAt = new Date();
  const record = (result: JobRecord["result"], detail: string, figures?: UploadFigures) =>
    writeInTurn(context, {
      job: "upload",
      trigger: triggerOf(args),
      startedAt: startedAt.toISOString(),
      endedAt: new Date().toISOString(),
      result,
      detail,
      ...(figures ? { upload: figures } : {}),
    });
  try {
    const dumps = await finishedDumps(context);
    if (dumps.length === 0) {
      const detail = "There is no finished dump to upload yet.";
      await record("skipped", detail);
      return { detail, files: 0, newFiles: 0, bytes: 0, seconds: 0 };
    }
    const result = await whileReading(context, undefined, () =>
      run(context, patience[triggerOf(args)], say, signal),
    );
    const seconds = Math.round((Date.now() - startedAt.getTime()) / 100) / 10;
    const figures = figuresOf(result, seconds);
    const detail = judge(result, figures);
    await record("success", detail, figures);
    return { detail, ...figures };
  } catch (error) {
    const ended = signal.aborted && !(error instanceof Failure);
    const failure = ended
      ? new Failure("Nobody waits for the upload any more; Duplicati itself goes on with it.")
      : error;
    await record("failed", sentenceOf(failure));
    throw failure;
  }
};

async function run(
  context: Context,
  seconds: number,
  say: (progress: string) => void,
  signal: AbortSignal,
): Promise<RunResult> {
  const duplicati = openDuplicati(context, signal);
  const { job: name, timeoutSeconds } = context.config.upload!;
  const end = Date.now() + seconds * 1000;
  if (seconds > 0) await duplicati.untilItAnswers(seconds, say);
  let job = await findJob(duplicati, name);
  if (!job && seconds > 0) say("waiting for `pulumi up` to make the job in Duplicati");
  while (!job && Date.now() < end) {
    await sleep(1000, undefined, { signal });
    job = await findJob(duplicati, name);
  }
  if (!job) {
    throw new Failure(
      `Duplicati has no job "${name}": \`npm run pulumi -- up --replace '**duplicati-job'\` makes it.`,
    );
  }
  return runJob(duplicati, job, { seconds: timeoutSeconds, signal }, say);
}

/**
 * Seconds that Duplicati may take to be there with its job. The agent's first upload comes before
 * `up` has made the job, and after a restart of the machine Duplicati comes up beside the agent.
 */
const patience: Record<JobRecord["trigger"], number> = {
  start: 300,
  "catch-up": 120,
  schedule: 60,
  operator: 0,
};

function figuresOf(result: RunResult, seconds: number): UploadFigures {
  return {
    files: result.ExaminedFiles,
    newFiles: result.AddedFiles,
    bytes: result.BackendStatistics?.BytesUploaded ?? 0,
    seconds,
  };
}

/**
 * A sentence on a good run.
 *
 * @throws Failure for any other: a file that could not be read is no more than a warning to Duplicati
 */
function judge(result: RunResult, { files, newFiles, bytes, seconds }: UploadFigures): string {
  if (result.ParsedResult === "Success") {
    if (newFiles === 0) return `Nothing was new: all ${files} files are in the archives.`;
    return `${newFiles} new of ${files} files were uploaded, ${amount(bytes)} in ${duration(seconds)}.`;
  }
  const kind = result.ParsedResult === "Warning" ? "a warning" : "an error";
  const [said = "it did not say why"] = [...(result.Errors ?? []), ...(result.Warnings ?? [])];
  // Each line begins with its time and where in Duplicati it was said.
  const words = withoutQueries(said.replace(/^.*?\[[\w.-]+\]: /, ""));
  throw new Failure(`Duplicati ended the upload with ${kind}: ${words}`);
}

const triggers = ["schedule", "start", "catch-up", "operator"] as const;

const triggerOf = ({ trigger }: Record<string, unknown>): JobRecord["trigger"] =>
  triggers.find((known) => known === trigger) ?? "operator";

let last: Promise<void> = Promise.resolve();

/** Two who waited for the same run end in the same moment. */
function writeInTurn(context: Context, record: JobRecord): Promise<void> {
  const turn = last.then(() => writeRecord(context, record));
  last = turn.catch(() => undefined);
  return turn;
}
