import { elapsed } from "../kit/clock";
import type { Context, Say, Work } from "../kit/context";
import { finishedDumps } from "../dump/finished";
import { codeOf, Failure, sentenceOf } from "../kit/failure";
import { retry } from "../kit/retry";
import { amount, duration } from "../kit/figures";
import { whileReading } from "../dump/reading";
import { writeRecord } from "../kit/records";
import type { Uploaded } from "../../../contract/agentReplies";
import {
  type JobRecord,
  type Trigger,
  triggerOf,
  type UploadFigures,
} from "../../../contract/jobRecord";
import { checkClock } from "./clockJump";
import { type DuplicatiClient, openDuplicati } from "./client";
import { findJob, type Job } from "./job";
import { runJob, type RunResult, withoutQueries } from "./run";

/** `upload`: runs Duplicati's job, waits for its result and records it. */
export const upload: Work = async (args, context, say, signal): Promise<Uploaded> => {
  const [startedAt, begun] = [new Date(), elapsed()];
  const record = (result: JobRecord["result"], detail: string, figures?: UploadFigures) =>
    writeRecord(context, {
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
    await checkClock(context, triggerOf(args));
    const result = await whileReading(context, undefined, () =>
      run(context, patience[triggerOf(args)], say, signal),
    );
    const seconds = Math.round((elapsed() - begun) / 100) / 10;
    const figures = figuresOf(result, seconds);
    const detail = judge(result, figures);
    await record("success", detail, figures);
    return { detail, ...figures };
  } catch (error) {
    const ended = signal.aborted && !(error instanceof Failure);
    const failure = ended
      ? new Failure("The agent stopped waiting for the upload. Duplicati itself goes on with it.")
      : error;
    await record("failed", sentenceOf(failure));
    throw failure;
  }
};

async function run(
  context: Context,
  seconds: number,
  say: Say,
  signal: AbortSignal,
): Promise<RunResult> {
  const duplicati = openDuplicati(context, signal);
  const { job: name, timeoutSeconds } = context.config.upload!;
  const end = elapsed() + seconds * 1000;
  if (seconds > 0) await duplicati.untilItAnswers(seconds, say);
  const job = await waitForJob(duplicati, name, end - elapsed(), say, signal);
  return runJob(duplicati, job, { seconds: timeoutSeconds, signal }, say);
}

/** Finds the upload's job, which `up` may still have to create. */
function waitForJob(
  duplicati: DuplicatiClient,
  name: string,
  within: number,
  say: Say,
  signal: AbortSignal,
): Promise<Job> {
  const find = async () => {
    const job = await findJob(duplicati, name);
    if (job) return job;
    throw new Failure(
      `Duplicati has no job "${name}": \`npm run pulumi -- up --replace '**duplicati-job'\` makes it.`,
      "no-job",
    );
  };
  let said = false;
  const onFailure = () => {
    if (!said) say("waiting for `pulumi up` to make the job in Duplicati");
    said = true;
  };
  const retriable = (error: unknown) => codeOf(error) === "no-job";
  return retry(find, { every: 1000, within: Math.max(0, within), signal, retriable, onFailure });
}

/**
 * Seconds to wait for Duplicati and its job. The agent's first upload comes before `up` has created
 * the job, and after a restart of the machine Duplicati starts at the same time as the agent.
 */
const patience: Record<Trigger, number> = {
  start: 300,
  "catch-up": 120,
  schedule: 60,
  operator: 0,
  "archive-gap": 0,
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
 * A sentence on a run that succeeded.
 *
 * @throws Failure after a warning too: Duplicati warns only, when it cannot read a file
 */
function judge(result: RunResult, { files, newFiles, bytes, seconds }: UploadFigures): string {
  if (result.ParsedResult === "Success") {
    if (newFiles === 0) return `Nothing was new: all ${files} files are in the archives.`;
    return `${newFiles} new of ${files} files were uploaded, ${amount(bytes)} in ${duration(seconds)}.`;
  }
  const kind = result.ParsedResult === "Warning" ? "a warning" : "an error";
  const [said = "it did not say why"] = [...(result.Errors ?? []), ...(result.Warnings ?? [])];
  // Each line begins with its time and the place in Duplicati's code.
  const words = withoutQueries(said.replace(/^.*?\[[\w.-]+\]: /, ""));
  throw new Failure(`Duplicati ended the upload with ${kind}: ${words}`);
}
