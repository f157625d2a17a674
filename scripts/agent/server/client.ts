import { connect } from "node:net";
import { createInterface } from "node:readline";
import type { Context, Request } from "../kit/context";
import { Failure } from "../kit/failure";
import { socketPath } from "./socketServer";
import type { Reply } from "../../../contract/agentReplies";

/** Sends a request to the agent and passes on its replies; the last one is a result or an error. */
export async function ask(
  context: Pick<Context, "paths">,
  request: Request,
  each: (reply: Reply) => void,
): Promise<void> {
  const socket = connect(socketPath(context));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", () => reject(new Failure("The agent is not running, or not ready yet.")));
  });
  socket.write(`${JSON.stringify(request)}\n`);
  let answered = false;
  for await (const line of createInterface({ input: socket })) {
    const reply = JSON.parse(line) as Reply;
    answered ||= !("progress" in reply);
    each(reply);
  }
  if (!answered) throw new Failure("The agent ended before it had answered.");
}

/** `--accept-smaller --database x` as `{ acceptSmaller: true, database: "x" }`. */
export function readFlags(words: readonly string[]): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (let index = 0; index < words.length; index++) {
    const [, name, given] = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(words[index] ?? "") ?? [];
    if (name === undefined) throw new Failure(`"${words[index]}" is no option such as --wait.`);
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const next = words[index + 1];
    if (given === undefined && next !== undefined && !next.startsWith("--")) index++;
    const value = given ?? (next?.startsWith("--") ? true : (next ?? true));
    args[key] = key in args ? [args[key], value].flat() : value;
  }
  return args;
}

/**
 * A JSON object from standard input, or nothing where nobody sends one. It is read only as far as
 * the object goes: whoever sends it may keep the stream open.
 */
export async function readInput(input: NodeJS.ReadStream): Promise<Record<string, unknown>> {
  if (input.isTTY) return {};
  let text = "";
  input.setEncoding("utf8");
  for await (const chunk of input) {
    text += chunk as string;
    const object = text.trimEnd().endsWith("}") ? parse(text) : undefined;
    if (object) return object;
  }
  if (text.trim() === "") return {};
  throw new Failure("What came on standard input is no JSON object.");
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
