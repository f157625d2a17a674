import type { Command } from "../kit/context";
import type { DuplicatiJobMade } from "../../../contract/agentReplies";
import { Failure } from "../kit/failure";
import { type DuplicatiClient, openDuplicati, Refusal } from "./client";
import { bodyOf, databaseFor, readSpec } from "./jobSpec";

/** A job as Duplicati lists it; secrets in it are masked. */
export interface Job {
  ID: string;
  Name: string;
  DBPath: string;
  Metadata?: Record<string, string> | null;
  Schedule?: unknown;
}

/** Right after the container was made it needs some seconds, on a slow disk a minute. */
const patienceSeconds = 180;

/**
 * `duplicati-job`: makes the job, or changes it in place when there is one of its name. The JSON
 * object on standard input is a `JobSpec`.
 */
export const duplicatiJob: Command = async (
  args,
  context,
  say,
  signal,
): Promise<DuplicatiJobMade> => {
  const spec = readSpec(args);
  const duplicati = openDuplicati(context, signal);
  await duplicati.untilItAnswers(patienceSeconds, say);
  const body = bodyOf(spec);
  const found = await findJob(duplicati, spec.name);
  if (found) await duplicati.put(`/backup/${found.ID}`, body);
  else await create(duplicati, body);
  const job = await findJob(duplicati, spec.name);
  if (!job) throw new Failure(`Duplicati took the job "${spec.name}" and does not list it.`);
  const database = databaseFor(spec.target, job.DBPath);
  if (job.DBPath !== database) {
    await duplicati.post(`/backup/${job.ID}/updatedb`, { path: database });
  }
  const change = found ? "changed" : "created";
  context.log(`the job "${job.Name}" was ${change} in Duplicati`);
  return { id: job.ID, name: job.Name, change };
};

/** Duplicati takes names for the same whatever their case. */
export async function findJob(duplicati: DuplicatiClient, name: string): Promise<Job | undefined> {
  const jobs = await duplicati.get<{ Backup: Job }[]>("/backups");
  return jobs
    .map(({ Backup }) => Backup)
    .find(({ Name }) => Name.toLowerCase() === name.toLowerCase());
}

async function create(duplicati: DuplicatiClient, body: object): Promise<void> {
  try {
    await duplicati.post("/backups", body);
  } catch (error) {
    // Somebody was faster by a moment: then that one is it, and gets our values with the next `up`.
    if (!(error instanceof Refusal) || error.status !== 409) throw error;
    throw new Failure(`${error.message}; run \`pulumi up\` again.`);
  }
}
