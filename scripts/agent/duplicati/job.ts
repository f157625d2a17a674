import type { Work } from "../kit/context";
import type { DuplicatiJobMade } from "../../../contract/agentReplies";
import { Failure } from "../kit/failure";
import { type DuplicatiClient, openDuplicati, Refusal } from "./client";
import { bodyOf, databaseFor, readSpec } from "./jobSpec";

/** A job as Duplicati lists it, with its secrets masked. */
export interface Job {
  ID: string;
  Name: string;
  DBPath: string;
  Metadata?: Record<string, string> | null;
  Schedule?: unknown;
}

/** A new container needs some seconds, on a slow disk a minute. */
const patienceSeconds = 180;

/**
 * `duplicati-job`: creates the job, or changes the one of its name in place. The arguments are a
 * `JobSpec`.
 */
export const duplicatiJob: Work = async (args, context, say, signal): Promise<DuplicatiJobMade> => {
  const spec = readSpec(args);
  const duplicati = openDuplicati(context, signal);
  await duplicati.untilItAnswers(patienceSeconds, say);
  const body = bodyOf(spec);
  const found = await findJob(duplicati, spec.name);
  if (found) await duplicati.put(`/backup/${found.ID}`, body);
  else await create(duplicati, body);
  const job = await findJob(duplicati, spec.name);
  if (!job) throw new Failure(`Duplicati accepted the job "${spec.name}" but does not list it.`);
  const database = databaseFor(spec.target, job.DBPath);
  if (job.DBPath !== database) {
    await duplicati.post(`/backup/${job.ID}/updatedb`, { path: database });
  }
  const change = found ? "changed" : "created";
  context.log(`the job "${job.Name}" was ${change} in Duplicati`);
  return { id: job.ID, name: job.Name, change };
};

/** Finds a job by its name. Duplicati ignores the case of names. */
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
    // A job of this name was created a moment before. The next `up` gives it our values.
    if (!(error instanceof Refusal) || error.status !== 409) throw error;
    throw new Failure(`${error.message}; run \`pulumi up\` again.`);
  }
}
