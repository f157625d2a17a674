import { text } from "node:stream/consumers";
import type Docker from "dockerode";
import { connect } from "../engine/connect";
import { execIn } from "../engine/exec";

const patienceMs = 120_000;
const limitMs = 300_000;

/**
 * `duplicatiJob.ts <the agent's container>`: hands the job on standard input to the agent on the
 * engine LATERBASE_ENGINE. It holds secrets, so it goes by standard input all the way.
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

/** A container that is just being restarted comes back. */
async function ask(engine: Docker, name: string, job: string, signal: AbortSignal) {
  for (const end = Date.now() + patienceMs; ; await sleep(1000)) {
    try {
      return await execIn(engine, name, ["laterbase-agent", "duplicati-job"], job, signal);
    } catch (error) {
      const stopped = (error as { statusCode?: number }).statusCode === 409;
      if (!stopped || Date.now() > end) throw error;
    }
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

main().catch((error: Error) => {
  console.error(`The job cannot be made in Duplicati: ${error.message}`);
  process.exitCode = 1;
});
