import { text } from "node:stream/consumers";
import type { Command, Request } from "../kit/context";
import { openContext } from "../kit/context";
import { databasesToDump, reachServer } from "../dump/discovery";
import { dumpRun } from "../dump/run";
import { duplicatiJob, upload } from "../duplicati";
import { Failure, sentenceOf } from "../kit/failure";
import { restoreDump, verifyDump } from "../restore/restore";
import type { Reply } from "../../../contract/agentReplies";

const APPLICATION = "laterbase agent";

/** `databases`: the names of those to dump, from a server that has let the role in. */
const databases: Command = async (_args, context, _say, signal): Promise<string[]> => {
  await reachServer(context, APPLICATION, signal);
  return databasesToDump(context, APPLICATION, signal);
};

const jobs: Record<string, Command> = {
  databases,
  dump: dumpRun,
  upload,
  "restore-dump": restoreDump,
  "verify-dump": verifyDump,
  "duplicati-job": duplicatiJob,
};

/** One job, read from standard input; replies go to standard output, as over the socket. */
export async function work(): Promise<void> {
  process.umask(0o027);
  const stopped = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => stopped.abort(new Failure("It was stopped before it was done.")));
  }
  const reply = (line: Reply) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const context = openContext();
  try {
    const { command, args } = JSON.parse(await text(process.stdin)) as Request;
    const job = jobs[command];
    if (!job) throw new Error(`there is no job ${command}`);
    const say = (progress: string) => void reply({ progress });
    reply({ result: (await job(args, context, say, stopped.signal)) ?? null });
  } catch (error) {
    if (!(error instanceof Failure)) context.log((error as Error).stack ?? String(error));
    reply({ error: sentenceOf(error) });
  }
}
