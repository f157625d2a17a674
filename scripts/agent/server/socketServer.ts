import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { join } from "node:path";
import type { Command, Context, Request } from "../kit/context";
import { Failure, sentenceOf } from "../kit/failure";
import type { Reply } from "../../../contract/agentReplies";

export interface Served {
  command: Command;
  /** Goes on when whoever asked is gone: its record tells the rest. */
  outlives?: boolean;
}

export const socketPath = ({ paths }: Pick<Context, "paths">) => join(paths.run, "agent.sock");

/**
 * Answers requests on the socket: each connection brings one line of JSON, and gets lines of
 * progress, then a result or an error.
 */
export async function listen(
  context: Context,
  commands: Readonly<Record<string, Served>>,
  signal: AbortSignal,
): Promise<{ close: () => Promise<void> }> {
  const path = socketPath(context);
  rmSync(path, { force: true });
  const busy = new Set<Promise<void>>();
  const server = createServer((socket) => {
    const work = attend(socket, context, commands, signal).finally(() => busy.delete(work));
    busy.add(work);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  return { close: () => closed(server, busy) };
}

async function closed(server: Server, busy: ReadonlySet<Promise<void>>): Promise<void> {
  server.close();
  await Promise.allSettled(busy);
}

async function attend(
  socket: Socket,
  context: Context,
  commands: Readonly<Record<string, Served>>,
  signal: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  socket.on("error", () => undefined);
  socket.once("close", () => gone.abort(new Failure("Nobody waits for it any more.")));
  const reply = (line: Reply) => {
    if (socket.writable) socket.write(`${JSON.stringify(line)}\n`);
  };
  try {
    const { command: name, args } = await requestOf(socket);
    // A table's own names only: "constructor" is no command.
    const served = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!served) {
      throw new Failure(
        `There is no command "${name}"; there are ${Object.keys(commands).join(", ")}.`,
      );
    }
    const until = served.outlives ? signal : AbortSignal.any([signal, gone.signal]);
    const say = (progress: string) => reply({ progress });
    reply({ result: (await served.command(args, context, say, until)) ?? null });
  } catch (error) {
    if (!(error instanceof Failure)) context.log((error as Error).stack ?? String(error));
    reply({ error: sentenceOf(error) });
  }
  await new Promise<void>((resolve) => (socket.destroyed ? resolve() : socket.end(resolve)));
}

async function requestOf(socket: Socket): Promise<Request> {
  for await (const line of createInterface({ input: socket })) {
    const { command, args = {} } = parsed(line);
    // Reading on is what tells when the other side goes away.
    socket.resume();
    if (typeof command === "string") return { command, args };
    break;
  }
  throw new Failure("The request is no line of JSON that names a command.");
}

function parsed(line: string): Partial<Request> {
  try {
    return (JSON.parse(line) ?? {}) as Partial<Request>;
  } catch {
    // What stands there may hold a secret: it is not repeated.
    return {};
  }
}
