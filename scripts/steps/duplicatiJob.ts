import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import pRetry from "p-retry";
import { connect } from "../engine/connect";
import { execIn } from "../engine/exec";

const patienceMs = 120_000;
const limitMs = 300_000;

/**
 * `duplicatiJob.ts <the agent's container>`: gives the job on standard input to the agent on the
 * engine LATERBASE_ENGINE. The job holds secrets, so nothing but standard input carries it.
 */
async function main(): Promise<void> {
  const [name] = process.argv.slice(2);
  if (!name) throw new Error("usage: duplicatiJob.ts <the agent's container>");
  const job = await text(process.stdin);
  const host = process.env["LATERBASE_ENGINE"];
  const engine = connect(host ? { host } : {});
  const signal = AbortSignal.timeout(limitMs);
  const said = await ask(engine, name, job, signal).catch((error: Error) => {
    if (!signal.aborted) throw error;
    throw new Error(`the agent in ${name} did not answer within ${limitMs / 1000} s.`);
  });
  if (said.code !== 0) throw new Error(said.stderr.trim().split("\n").at(-1));
  process.stderr.write(said.stderr);
  process.stdout.write(said.stdout);
}

/** Waits for a container that is being restarted: the engine answers 409 until it runs. */
function ask(engine: Docker, name: string, job: string, signal: AbortSignal) {
  const end = Date.now() + patienceMs;
  const words = ["laterbase-agent", "duplicati-job"];
  return pRetry(() => execIn(engine, name, words, job, signal), {
    ...{ retries: Infinity, factor: 1, minTimeout: 1000, signal },
    shouldRetry: ({ error }) =>
      (error as { statusCode?: number }).statusCode === 409 && Date.now() < end,
  });
}

main().catch((error: Error) => {
  console.error(`The job cannot be made in Duplicati: ${error.message}`);
  process.exitCode = 1;
});
