import type Docker from "dockerode";
import { connect } from "../engine";
import type { Reply } from "../agent/types";
import { CliError } from "./cliError";

export interface Agent {
  name: string;
  /** Its engine's address; the default engine where it is absent. */
  host?: string;
}

/**
 * Asks the agent by its own client, inside its container. What is asked goes over standard input,
 * for it may hold a password; the engine's records show the command's name only.
 */
export async function askAgent<Result>(
  agent: Agent,
  command: string,
  args: Record<string, unknown>,
  say: (progress: string) => void,
): Promise<Result> {
  const engine = connect(agent.host ? { host: agent.host } : {});
  const { stream, exec } = await start(engine, agent, command);
  const replies = new Replies(say);
  const complaints: Buffer[] = [];
  const sink = (write: (chunk: Buffer) => unknown) => ({ write }) as never;
  engine.modem.demuxStream(
    stream,
    sink((chunk) => replies.add(chunk)),
    sink((chunk) => complaints.push(chunk)),
  );
  await new Promise<void>((resolve, reject) => {
    stream.on("error", reject);
    stream.on("end", resolve);
    stream.on("close", resolve);
    // Its end would tell nothing more, and some engines' proxies close both ways at once.
    stream.write(`${JSON.stringify(args)}\n`);
  }).catch((error: Error) => {
    throw new CliError(`The connection to ${agent.name} broke: ${error.message}.`);
  });
  const last = replies.last();
  if (last && "result" in last) return last.result as Result;
  if (last && "error" in last) throw new CliError(last.error);
  const { ExitCode } = await exec.inspect();
  const said = Buffer.concat(complaints).toString().trim().split("\n").at(-1);
  throw new CliError(said || `${agent.name} ended without an answer (exit code ${ExitCode}).`);
}

async function start(engine: Docker, { name }: Agent, command: string) {
  try {
    const exec = await engine.getContainer(name).exec({
      Cmd: ["laterbase-agent", command, "--json"],
      User: "postgres",
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    return { exec, stream: await exec.start({ hijack: true, stdin: true }) };
  } catch (error) {
    throw notAsked(name, error as Error & { statusCode?: number; code?: string });
  }
}

function notAsked(name: string, error: Error & { statusCode?: number; code?: string }): CliError {
  const again = "bringing the stack up again starts it";
  if (error.statusCode === 404) return new CliError(`There is no container ${name}: ${again}.`);
  if (error.statusCode === 409) return new CliError(`The agent ${name} is not running: ${again}.`);
  return new CliError(`The Docker engine of ${name} does not answer: ${error.message}.`);
}

/** Lines of JSON, in whatever pieces they arrive. */
export class Replies {
  private rest = Buffer.alloc(0);
  private final: Reply | undefined;

  constructor(private readonly say: (progress: string) => void) {}

  add(chunk: Buffer): void {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (let end = this.rest.indexOf(10); end >= 0; end = this.rest.indexOf(10)) {
      this.take(this.rest.subarray(0, end).toString("utf8"));
      this.rest = this.rest.subarray(end + 1);
    }
  }

  last(): Reply | undefined {
    this.take(this.rest.toString("utf8"));
    this.rest = Buffer.alloc(0);
    return this.final;
  }

  private take(line: string): void {
    if (!line.startsWith("{")) return;
    const reply = JSON.parse(line) as Reply;
    if ("progress" in reply) this.say(reply.progress);
    else this.final = reply;
  }
}
