import { type IncomingMessage, request } from "node:http";
import type { AgentPaths } from "../../../contract/agentPaths";
import type { Reply } from "../../../contract/agentReplies";
import { Failure } from "../kit/failure";
import { socketPath } from "./socketPath";

/** Asks the agent and passes on its replies. The last one is a result or an error. */
export async function ask(
  paths: Pick<AgentPaths, "run">,
  command: string,
  args: Record<string, unknown>,
  each: (reply: Reply) => void,
): Promise<void> {
  const answer = await send(paths, command, JSON.stringify(args));
  let answered = false;
  try {
    for await (const line of linesOf(answer)) {
      const reply = JSON.parse(line) as Reply;
      answered ||= !("progress" in reply);
      each(reply);
    }
  } catch (error) {
    // An agent that was killed breaks off its answer.
    if (!answer.errored) throw error;
  }
  if (!answered) throw new Failure("The agent ended before it had answered.");
}

function send(
  paths: Pick<AgentPaths, "run">,
  command: string,
  body: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        socketPath: socketPath(paths),
        method: "POST",
        path: `/commands/${encodeURIComponent(command)}`,
        agent: false,
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      },
      resolve,
    );
    asked.once("error", () => reject(new Failure("The agent is not running, or not ready yet.")));
    asked.end(body);
  });
}

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string> {
  let rest = "";
  answer.setEncoding("utf8");
  for await (const chunk of answer) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
