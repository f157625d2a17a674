import { setTimeout as sleep } from "node:timers/promises";
import { elapsed } from "../kit/clock";
import { Failure } from "../kit/failure";
import { duration } from "../kit/figures";
import { type DuplicatiClient, Refusal, Unreachable } from "./client";
import type { Job } from "./job";
import { withoutKeys } from "./withoutKeys";

/** The part of Duplicati's log of a run that is read here. */
export interface RunResult {
  MainOperation: string;
  ParsedResult: "Unknown" | "Success" | "Warning" | "Error" | "Fatal";
  ExaminedFiles: number;
  AddedFiles: number;
  BackendStatistics?: { BytesUploaded: number };
  Errors?: string[];
  Warnings?: string[];
}

interface Task {
  Status: "Waiting" | "Running" | "Completed" | "Failed";
  ErrorMessage?: string | null;
}

interface LogRow {
  ID: number;
  Type: string;
  Message: string;
}

const pollMs = 1000;
/** On a busy machine Duplicati may miss an answer. An upload of hours must not fail by that. */
const silenceMs = 60_000;

/**
 * Runs the job and waits for its end. When it is running already, it waits for that run.
 *
 * @throws Failure also when `seconds` are over; then Duplicati stops after the present file
 */
export async function runJob(
  duplicati: DuplicatiClient,
  job: Job,
  { seconds, signal }: { seconds: number; signal: AbortSignal },
  say: (progress: string) => void,
): Promise<RunResult> {
  const logged = (await lastResult(duplicati, job))?.ID ?? -1;
  const { Active } = await duplicati.get<{ Active: boolean }>(`/backup/${job.ID}/isactive`);
  if (Active) say("an upload is under way already: waiting for its end");
  const { ID: task } = await duplicati.post<{ ID: number }>(`/backup/${job.ID}/run`);
  const end = elapsed() + seconds * 1000;
  let heard = elapsed();
  // Not retry: each turn reports progress, and the time limit depends on Duplicati's last answer.
  for (let told = ""; ; await sleep(pollMs, undefined, { signal })) {
    const state = await taskOf(duplicati, task, elapsed() - heard < silenceMs);
    if (!state) continue;
    heard = elapsed();
    const { Status, ErrorMessage } = state;
    if (Status === "Failed") throw new Failure(failed(ErrorMessage));
    if (Status === "Completed") break;
    if (elapsed() > end) throw await tooLong(duplicati, task, seconds, Status);
    const progress = await progressOf(duplicati, task);
    if (progress && progress !== told) say((told = progress));
  }
  const result = await lastResult(duplicati, job);
  if (!result || result.ID <= logged) {
    throw new Failure("Duplicati ended the upload and logged no result. See its own log.");
  }
  return result.run;
}

/** The task as Duplicati reports it. Undefined when it did not answer and `patient` is set. */
async function taskOf(
  duplicati: DuplicatiClient,
  task: number,
  patient: boolean,
): Promise<Task | undefined> {
  try {
    return await duplicati.get<Task>(`/task/${task}`);
  } catch (error) {
    if (error instanceof Unreachable && patient) return undefined;
    if (!(error instanceof Refusal) || error.status !== 404) throw error;
    throw new Failure("Duplicati was restarted during the upload and does not know it any more.");
  }
}

/** The newest result of a backup in the job's log. The log has the newest first. */
async function lastResult(
  duplicati: DuplicatiClient,
  job: Job,
): Promise<{ ID: number; run: RunResult } | undefined> {
  const rows = await duplicati.get<LogRow[]>(`/backup/${job.ID}/log?pagesize=50`);
  for (const { ID, Message } of rows.filter(({ Type }) => Type === "Result")) {
    const run = JSON.parse(Message) as RunResult;
    if (run.MainOperation === "Backup") return { ID, run };
  }
  return undefined;
}

async function progressOf(duplicati: DuplicatiClient, task: number): Promise<string | undefined> {
  interface Progress {
    TaskID: number;
    ProcessedFileCount: number;
    TotalFileCount: number;
    StillCounting: boolean;
  }
  // Before the first run there is no progress.
  const now = await duplicati.get<Progress>("/progressstate").catch((error: unknown) => {
    if (error instanceof Refusal || error instanceof Unreachable) return undefined;
    throw error;
  });
  if (now?.TaskID !== task || now.TotalFileCount === 0) return undefined;
  const more = now.StillCounting ? " or more" : "";
  return `uploading: ${now.ProcessedFileCount} of ${now.TotalFileCount}${more} files`;
}

async function tooLong(
  duplicati: DuplicatiClient,
  task: number,
  seconds: number,
  status: Task["Status"],
): Promise<Failure> {
  const { ProgramState } = await duplicati.get<{ ProgramState: string }>("/serverstate");
  // Stopped, not aborted: an abort would cost Duplicati its list of what it stored.
  await duplicati.post(`/task/${task}/stop`);
  const why = ProgramState === "Paused" ? ", because Duplicati is paused: resume it there" : "";
  const what = status === "Waiting" ? "did not begin" : "did not end";
  return new Failure(
    `The upload ${what} within ${duration(seconds)} and was told to stop${why || "; laterbase:duplicati's target may be slow"}.`,
  );
}

const failed = (message?: string | null): string =>
  `The upload failed in Duplicati: ${withoutQueries(message || "it did not say why")}`;

/** The first line of a text of Duplicati as a sentence, without a target's keys. */
export function withoutQueries(text: string): string {
  return withoutKeys(text.trim().split("\n")[0] ?? "").replace(/\.?$/, ".");
}
