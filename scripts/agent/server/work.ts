import { text } from "node:stream/consumers";
import type { Reply } from "../../../contract/agentReplies";
import { commandNamed } from "../commands";
import { openContext } from "../kit/context";
import { Failure, sentenceOf, stackOf } from "../kit/failure";
import type { WorkerRequest } from "./worker";

/** A worker process: one command from standard input, its replies on standard output. */
export async function work(): Promise<void> {
  process.umask(0o027);
  const stopped = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => stopped.abort(new Failure("It was stopped before it was done.")));
  }
  const reply = (line: Reply) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const context = openContext();
  try {
    const { command, args } = JSON.parse(await text(process.stdin)) as WorkerRequest;
    const { inWorker } = commandNamed(command) ?? {};
    if (!inWorker) throw new Error(`${command} does not run in a worker`);
    const say = (progress: string) => void reply({ progress });
    reply({ result: (await inWorker(args, context, say, stopped.signal)) ?? null });
  } catch (error) {
    if (!(error instanceof Failure)) context.log(stackOf(error));
    reply({ error: sentenceOf(error) });
  }
}
