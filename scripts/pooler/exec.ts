import type Docker from "dockerode";
import pRetry from "p-retry";
import { execIn, type Said } from "../engine/exec";

export interface PoolerExec {
  /** Standard input. Secrets go there, because the engine records the command's words. */
  input?: string;
  signal?: AbortSignal;
  /** Milliseconds to wait for a container that is being restarted. Default 0. */
  patienceMs?: number;
}

/**
 * Runs `laterbase-pooler` in the pooler's container.
 *
 * @throws Error with the command's own sentence, its last line on standard error
 */
export function inPooler(
  engine: Docker,
  container: string,
  words: readonly string[],
  options: PoolerExec = {},
): Promise<string> {
  const { input = "", patienceMs = 0, signal = AbortSignal.timeout(300_000) } = options;
  const end = performance.now() + patienceMs;
  return pRetry(() => attempt(engine, container, words, input, signal), {
    ...{ retries: Infinity, factor: 1, minTimeout: 500, signal },
    shouldRetry: ({ error }) => error instanceof NotRunning && performance.now() < end,
  });
}

/** The container was not there, or ended under the command: it may be back a moment later. */
class NotRunning extends Error {}

async function attempt(
  engine: Docker,
  container: string,
  words: readonly string[],
  input: string,
  signal: AbortSignal,
): Promise<string> {
  const command = ["laterbase-pooler", ...words];
  const said = await execIn(engine, container, command, input, signal).catch(
    (error: Error & { statusCode?: number }) => {
      throw error.statusCode === 409
        ? new NotRunning("it is not running", { cause: error })
        : error;
    },
  );
  if (said.code === 0) return said.stdout.trim();
  // 137: the container ended meanwhile.
  throw said.code === 137 ? new NotRunning(sentence(said)) : new Error(sentence(said));
}

const sentence = ({ code, stderr }: Said): string =>
  stderr.trim().split("\n").at(-1) || `laterbase-pooler ended with exit code ${code}`;
