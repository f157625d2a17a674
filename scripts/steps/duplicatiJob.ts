import "../patches/stubbedDockerode";
import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import pRetry from "p-retry";
import { execIn } from "../engine/exec";
import { runProgram, type Target } from "./runProgram";

const patienceMs = 120_000;
const limitMs = 300_000;

/**
 * `duplicatiJob.ts <the agent's container>`: gives the job on standard input to the agent on the
 * engine LATERBASE_ENGINE. The job holds secrets, so nothing but standard input carries it.
 */
async function main({ engine, name }: Target): Promise<void> {
  const job = await text(process.stdin);
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
  const end = performance.now() + patienceMs;
  const words = ["laterbase-agent", "duplicati-job"];
  return pRetry(() => execIn(engine, name, words, job, signal), {
    ...{ retries: Infinity, factor: 1, minTimeout: 1000, signal },
    shouldRetry: ({ error }) =>
      (error as { statusCode?: number }).statusCode === 409 && performance.now() < end,
  });
}

const usage = "duplicatiJob.ts <the agent's container>";
void runProgram(usage, main, "The job cannot be made in Duplicati: ");
