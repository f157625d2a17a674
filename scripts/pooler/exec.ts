import type Docker from "dockerode";
import { execIn, type Said } from "../engine/exec";

export interface PoolerExec {
  /** Standard input: what holds secrets goes there, for the engine records the words. */
  input?: string;
  signal?: AbortSignal;
  /** Milliseconds to wait for a container that is just being restarted. Default 0. */
  patienceMs?: number;
}

/**
 * Runs `laterbase-pooler` in the pooler's container.
 *
 * @throws Error with the command's own sentence, its last line on standard error
 */
export async function inPooler(
  engine: Docker,
  container: string,
  words: readonly string[],
  options: PoolerExec = {},
): Promise<string> {
  const { patienceMs = 0, signal = AbortSignal.timeout(300_000) } = options;
  for (const end = Date.now() + patienceMs; ; await sleep(500)) {
    try {
      const command = ["laterbase-pooler", ...words];
      const said = await execIn(engine, container, command, options.input ?? "", signal);
      if (said.code === 0) return said.stdout.trim();
      // 137: the container ended meanwhile.
      if (said.code !== 137 || Date.now() > end) throw new Error(sentence(said));
    } catch (error) {
      const stopped = (error as { statusCode?: number }).statusCode === 409;
      if (stopped && Date.now() < end) continue;
      if (stopped) throw new Error("it is not running", { cause: error });
      throw error;
    }
  }
}

const sentence = ({ code, stderr }: Said): string =>
  stderr.trim().split("\n").at(-1) || `laterbase-pooler ended with exit code ${code}`;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
