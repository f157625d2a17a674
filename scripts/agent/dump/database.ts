import type { Context } from "../kit/context";
import { type Made, dumpFrom } from "./attempt";
import { codeOf, Failure, type FailureCode, sentenceOf, withStop } from "../kit/failure";
import { endSessions } from "../kit/session";
import { isMissing, isRefused, lagOf, mayNotConnect, noSuchDatabase } from "./source";
import type { Server } from "../../../contract/agentConfig";
import type { Omission } from "../../../contract/manifest";
import { quoted } from "../../../contract/quoting";

/** One database of a run. */
export interface DatabaseJob {
  database: string;
  /** The name of the run's sessions. */
  application: string;
  acceptSmaller: boolean;
  /** Databases of the server that are not dumped. */
  leftOut?: Omission[];
  say: (progress: string) => void;
  signal: AbortSignal;
}

/** Dumps a database from the configured source, or from the other server when that one fails. */
export async function dumpDatabase(context: Context, job: DatabaseJob): Promise<Made> {
  const [first, second] = sourcesOf(context);
  let insteadOf =
    first.name === context.config.dumps.source
      ? undefined
      : "No standby runs on the agent's own engine.";
  try {
    insteadOf ??= await whyNot(context, first, second, job);
    if (!insteadOf || !second) return await from(context, first, job, insteadOf);
  } catch (error) {
    job.signal.throwIfAborted();
    if (!second || isFinal(error)) throw explained(error, first, job);
    insteadOf = withStop(sentenceOf(error));
  }
  context.log(`${quoted(job.database)} is dumped from the ${second.name}: ${insteadOf}`);
  try {
    return await from(context, second, job, insteadOf);
  } catch (error) {
    job.signal.throwIfAborted();
    const reason = explained(error, second, job);
    if (isFinal(error) || isMissing(error)) throw reason;
    const same = withStop(sentenceOf(error)) === insteadOf;
    throw new Failure(
      same
        ? `Neither server: ${insteadOf}`
        : `The ${first.name}: ${insteadOf} The ${second.name}: ${reason.message}`,
    );
  }
}

function sourcesOf({ config }: Context): [Server, Server?] {
  const { primary, standby, dumps } = config;
  if (!standby) return [primary];
  return dumps.source === "standby" ? [standby, primary] : [primary, standby];
}

/** Why not to read from a standby. One that is behind would give yesterday's data today's date. */
async function whyNot(
  context: Context,
  first: Server,
  second: Server | undefined,
  { database, application, signal }: DatabaseJob,
): Promise<string | undefined> {
  if (first.name !== "standby" || !second) return undefined;
  return lagOf(context, first, { database, application, signal });
}

async function from(
  context: Context,
  server: Server,
  { say, ...job }: DatabaseJob,
  insteadOf?: string,
): Promise<Made> {
  say(`${quoted(job.database)}: reading from the ${server.name}`);
  try {
    return await dumpFrom(context, { ...job, server, ...(insteadOf ? { insteadOf } : {}) });
  } catch (error) {
    // pg_dump has ended, but the server may not have noticed yet.
    await endSessions(context, server, job.database, job.application);
    if (await isRefused(context, server, job, error)) {
      const why = mayNotConnect(context.config.role.name);
      throw new Failure(`${quoted(job.database)} is not dumped, because ${why}.`, "no-connect");
    }
    throw error;
  }
}

/** The errnos of a disk that does not take more. */
const diskErrors = ["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EIO"];
/** out_of_memory for locks. A second try would take those of the other server's clients. */
const outOfLocks = "53200";
const finalCodes: string[] = [
  ...diskErrors,
  outOfLocks,
  ...([
    "own-disk",
    "no-room",
    "too-small",
    "not-on-primary",
    "no-connect",
    "no-lock-room",
  ] satisfies FailureCode[]),
];

/** Whether the other server is not to be tried: our own disk is full, or it would fail in the same way. */
function isFinal(error: unknown): boolean {
  return finalCodes.includes(codeOf(error) ?? "");
}

function explained(error: unknown, server: Server, { database }: DatabaseJob): Failure {
  if (isMissing(error)) return noSuchDatabase(database, server.name);
  if (error instanceof TypeError || error instanceof ReferenceError) throw error;
  return new Failure(withStop(sentenceOf(error)));
}
