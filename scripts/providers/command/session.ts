import type { Client, ClientChannel } from "ssh2";
import type { Context } from "../protocol/provider";
import { onAbort } from "./abort";
import type { Capture } from "./capture";
import { openWithEnvironment, sendSignal } from "./channel";
import { failure } from "./goText";

/** A command to be run on a host. */
export interface Execution {
  command: string;
  stdin?: string;
  capture: Capture;
  /** Variables that the host must take. */
  environment: Record<string, string>;
  /** Variables that it may refuse. */
  previous: Record<string, string>;
  ctx: Pick<Context, "log" | "signal">;
}

/** How long an interrupted command may take to clean up. */
const GRACE_MS = 10_000;

const SIGNALS: Record<string, number> = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  ABRT: 6,
  FPE: 8,
  KILL: 9,
  SEGV: 11,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
};

interface Exit {
  code?: number | null;
  signal?: string;
  reason?: string;
}

/** Runs a command to its end, and until its output is closed. Rejects when it fails. */
export async function execute(client: Client, execution: Execution): Promise<void> {
  const { command, capture, stdin, ctx } = execution;
  const channel = await open(client, execution);
  channel.on("data", (chunk: Buffer) => capture.add("stdout", chunk));
  channel.stderr.on("data", (chunk: Buffer) => capture.add("stderr", chunk));
  // The channel closes with its output; errors may still arrive.
  const errorsEnded = new Promise((resolve) => channel.stderr.once("end", resolve));
  // A command may ignore its input. A lost connection shows as a missing exit.
  channel.on("error", () => {});
  channel.end(stdin || undefined);
  const exit = await closed(client, channel, ctx.signal);
  await errorsEnded;
  capture.end();
  const cause = exitText(exit);
  if (cause !== undefined) throw failure(cause, command, capture.all());
}

/** Why a command failed; undefined when it succeeded. */
export function exitText({ code, signal, reason }: Exit): string | undefined {
  if (code === 0) return undefined;
  if (typeof code === "number") return `Process exited with status ${code}`;
  if (!signal) return "wait: remote command exited without exit status or exit signal";
  const name = signal.replace(/^SIG/, "");
  const text = `Process exited with status ${128 + (SIGNALS[name] ?? 0)} from signal ${name}`;
  return reason ? `${text}. Reason was: ${reason}` : text;
}

async function open(client: Client, execution: Execution): Promise<ClientChannel> {
  const { command, environment, previous, ctx } = execution;
  const names = Object.keys({ ...environment, ...previous });
  if (names.length > 0) {
    return openWithEnvironment(client, command, { ...environment, ...previous }, (name) => {
      const required = name in environment;
      ctx.log(refusal(name), required ? "error" : "warning");
      if (required)
        throw new Error(`could not set environment variable "${name}": ssh: setenv failed`);
    });
  }
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

function refusal(name: string): string {
  return (
    `Unable to set '${name}': the SSH server refuses it unless its AcceptEnv names it. ` +
    "With a shell on the remote host, the command can begin with 'VAR=value' instead."
  );
}

/** How the command ended. The channel repeats this when it closes; its `exit` event may come too early. */
function closed(client: Client, channel: ClientChannel, signal: AbortSignal): Promise<Exit> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const forget = onAbort(signal, () => {
      sendSignal(client, channel, "TERM");
      timer = setTimeout(() => client.destroy(), GRACE_MS);
    });
    channel.once(
      "close",
      (code?: number | null, signal?: string, _core?: unknown, reason?: string) => {
        forget();
        clearTimeout(timer);
        resolve({ code, signal, reason });
      },
    );
  });
}
