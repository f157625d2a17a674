import type { Duplex } from "node:stream";
import type Docker from "dockerode";
import type { Reply } from "../../../contract/agentReplies";
import { visible } from "../../../contract/visible";
import { connect } from "../../engine/connect";
import { isUnreachable, unreachable } from "../../engine/unreachable";
import { CliError } from "../terminal/cliError";
import { Replies } from "./replies";

export interface Agent {
  name: string;
  /** Its engine's address; the default engine where it is absent. */
  host?: string;
}

/** Prints its process id, which the client then keeps. */
const CLIENT = 'echo "$$" >&2; exec laterbase-agent "$1" --json';

/**
 * Asks the agent through its own client, inside its container. The arguments go by standard input,
 * because they may hold a password, and the engine's records show only the command's name. The signal
 * ends the client, and the agent then stops the work that it does for this client only.
 */
export async function askAgent<Result>(
  agent: Agent,
  command: string,
  args: Record<string, unknown>,
  say: (progress: string) => void,
  signal?: AbortSignal,
): Promise<Result> {
  const interrupted = new CliError(`The command ${command} was interrupted.`);
  if (signal?.aborted) throw interrupted;
  const engine = connect(agent.host ? { host: agent.host } : {});
  const { stream, exec } = await start(engine, agent, ["bash", "-c", CLIENT, "bash", command]);
  const complaints: Buffer[] = [];
  const complained = () => Buffer.concat(complaints).toString();
  let isSent = false;
  const interrupt = () => {
    // Its first line. An interruption that comes before it is passed on once it is there.
    const [, pid] = /^(\d+)\n/.exec(complained()) ?? [];
    if (pid === undefined || isSent) return;
    isSent = true;
    // By bash, because not every image has a program kill.
    void start(engine, agent, ["bash", "-c", 'kill "$1"', "bash", pid]).catch(() => undefined);
  };
  signal?.addEventListener("abort", interrupt, { once: true });
  const complain = (chunk: Buffer) => {
    complaints.push(chunk);
    if (signal?.aborted) interrupt();
  };
  const last = await converse(engine, stream, { args, say, complain })
    .catch((error: Error) => {
      throw new CliError(`The connection to ${agent.name} ended early: ${error.message}.`);
    })
    // Later, another process may have this number.
    .finally(() => signal?.removeEventListener("abort", interrupt));
  if (last && "result" in last) return last.result as Result;
  if (last && "error" in last) throw new CliError(visible(last.error));
  if (signal?.aborted) throw interrupted;
  const { ExitCode } = await exec.inspect();
  const [, ...said] = complained().trim().split("\n");
  throw new CliError(
    visible(said.at(-1) ?? "") || `${agent.name} ended without an answer (exit ${ExitCode}).`,
  );
}

/** Sends the arguments and reads the replies until the client ends. */
async function converse(
  engine: Docker,
  stream: Duplex,
  {
    args,
    say,
    complain,
  }: {
    args: Record<string, unknown>;
    say: (progress: string) => void;
    complain: (chunk: Buffer) => void;
  },
): Promise<Reply | undefined> {
  // One line each, whatever name of a server is in it.
  const replies = new Replies((progress) => say(visible(progress)));
  const sink = (write: (chunk: Buffer) => unknown) => ({ write }) as never;
  engine.modem.demuxStream(
    stream,
    sink((chunk) => replies.add(chunk)),
    sink(complain),
  );
  await new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("end", resolve);
    stream.on("close", resolve);
    // Not ended: some engines' proxies close both directions at once, and the client needs one line only.
    stream.write(`${JSON.stringify(args)}\n`);
  });
  stream.destroy();
  return replies.last();
}

async function start(engine: Docker, { name, host }: Agent, Cmd: string[]) {
  try {
    const exec = await engine.getContainer(name).exec({
      Cmd,
      User: "postgres",
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    return { exec, stream: await exec.start({ hijack: true, stdin: true }) };
  } catch (error) {
    throw notAsked({ name, ...(host ? { host } : {}) }, error as Error & { statusCode?: number });
  }
}

function notAsked({ name, host }: Agent, error: Error & { statusCode?: number }): CliError {
  const again = "bring the stack up to start it";
  if (error.statusCode === 404) return new CliError(`There is no container ${name}: ${again}.`);
  if (error.statusCode === 409) return new CliError(`The agent ${name} is not running: ${again}.`);
  if (isUnreachable(error)) return new CliError(unreachable(host, error));
  return new CliError(`The Docker engine of ${name} refuses: ${error.message.replace(/\.$/, "")}.`);
}
