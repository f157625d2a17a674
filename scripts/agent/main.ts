import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ask, readFlags, readInput } from "./server/client";
import { commands, readsInput } from "./server/commands";
import { containerPaths } from "./kit/context";
import { Failure, sentenceOf } from "./kit/failure";
import type { Reply } from "../../contract/agentReplies";

const MAX_SILENCE_MS = 60_000;

/** `laterbase-agent serve`, or a client that asks the one that serves. */
async function main([command = "serve", ...words]: string[]): Promise<number> {
  // Each loads its own: the agent is small between runs, and a client starts at once.
  if (command === "serve") {
    await (await import("./server/serve.js")).serve();
    return 0;
  }
  if (command === "work") {
    await (await import("./server/work.js")).work();
    return 0;
  }
  if (command === "health") return health();
  if (!Object.hasOwn(commands, command)) {
    throw new Failure(
      `There is no command "${command}"; there are serve, health, ${Object.keys(commands).join(", ")}.`,
    );
  }
  const { json, ...flags } = readFlags(words);
  const asJson = json === true;
  const input = asJson || readsInput.has(command) ? await readInput(process.stdin) : {};
  return askFor(command, { ...flags, ...input }, asJson);
}

async function askFor(
  command: string,
  args: Record<string, unknown>,
  asJson: boolean,
): Promise<number> {
  let code = 0;
  const show = (reply: Reply) => {
    if ("error" in reply) code = 1;
    if (asJson) process.stdout.write(`${JSON.stringify(reply)}\n`);
    else if ("progress" in reply) process.stderr.write(`${reply.progress}\n`);
    else if ("error" in reply) process.stderr.write(`${reply.error}\n`);
    else process.stdout.write(`${JSON.stringify(reply.result, undefined, 2)}\n`);
  };
  try {
    await ask({ paths: containerPaths }, { command, args }, show);
  } catch (error) {
    show({ error: sentenceOf(error) });
  }
  return code;
}

/** Prints the status as the image's own health check does, which needs no Node for it. */
function health(): number {
  const [status, alive] = ["status", "alive"].map((name) => join(containerPaths.run, name));
  const silent =
    !alive || !existsSync(alive) || Date.now() - statSync(alive).mtimeMs > MAX_SILENCE_MS;
  if (silent || !status) {
    process.stdout.write('{"state":"unknown","detail":"the agent is silent","since":""}\n');
    return 1;
  }
  const line = readFileSync(status, "utf8");
  process.stdout.write(line);
  return line.startsWith('{"state":"running",') ? 0 : 1;
}

main(process.argv.slice(2)).then(
  // Standard input may be open still: it is nothing to wait for.
  (code) => process.exit(code),
  (error: unknown) => {
    const told =
      error instanceof Failure ? error.message : ((error as Error).stack ?? String(error));
    process.stderr.write(`${told}\n`);
    process.exit(1);
  },
);
