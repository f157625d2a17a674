import { agentPaths } from "../../contract/agentPaths";
import type { Reply } from "../../contract/agentReplies";
import { visible, visibleJson } from "../../contract/visible";
import { askedCommand } from "./commands";
import { Failure, sentenceOf, stackOf } from "./kit/failure";

/** `laterbase-agent serve` is the agent, `monitor` the monitor; every other command asks the agent. */
async function main([name = "serve", ...words]: string[]): Promise<number> {
  // Each loads its own code: the agent stays small, and a client starts at once.
  if (name === "serve") {
    await (await import("./server/serve.js")).serve();
    return 0;
  }
  if (name === "monitor") {
    const { makeParts } = await import("./health/parts.js");
    await (await import("./health/serve.js")).serve(makeParts);
    return 0;
  }
  if (name === "work") {
    await (await import("./server/work.js")).work();
    return 0;
  }
  if (name === "notify-test") return (await import("./health/notify/test.js")).printTest();
  if (name === "accept-primary")
    return (await import("./health/acceptPrimary.js")).printAcceptance();
  if (name === "health") return (await import("./server/health.js")).printHealth();
  if (name === "health-report") return (await import("./health/reportClient.js")).printReport();
  const { readCommandLine, readInput } = await import("./server/commandLine.js");
  const command = askedCommand(name);
  const { json, args } = readCommandLine(command, words);
  const input = json || command.readsInput ? await readInput(process.stdin) : {};
  return ask(name, { ...args, ...input }, json);
}

async function ask(name: string, args: Record<string, unknown>, json: boolean): Promise<number> {
  const client = await import("./server/client.js");
  let code = 0;
  const show = (reply: Reply) => {
    if ("error" in reply) code = 1;
    if (json) process.stdout.write(`${visibleJson(reply)}\n`);
    else if ("progress" in reply) process.stderr.write(`${visible(reply.progress)}\n`);
    else if ("error" in reply) process.stderr.write(`${visible(reply.error)}\n`);
    else process.stdout.write(`${visibleJson(reply.result, 2)}\n`);
  };
  try {
    await client.ask(agentPaths, name, args, show);
  } catch (error) {
    show({ error: sentenceOf(error) });
  }
  return code;
}

main(process.argv.slice(2)).then(
  // Standard input may still be open, and nothing waits for it.
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Failure ? error.message : stackOf(error)}\n`);
    process.exit(1);
  },
);
