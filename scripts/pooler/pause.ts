import type Docker from "dockerode";
import { inPooler } from "./exec";

export interface PauseOptions {
  /** Seconds that open transactions may take to end. After that it fails, and nothing is paused. */
  seconds: number;
  /**
   * Seconds after which clients go on although nobody resumed them. Default 120: those that wait
   * longer are disconnected anyway (query_wait_timeout).
   */
  lease?: number;
  /** Which server's entries. Default: the primary's. */
  which?: "primary" | "all";
}

/**
 * Keeps the clients of the pooler's entries waiting, without an error, once their transactions have
 * ended. In session mode new sessions wait, and open ones go on. Called again, it starts a new lease.
 *
 * @returns whether there was anything to pause
 * @throws Error with one sentence that names the database that was busy; nothing is paused then
 */
export async function pauseClients(
  engine: Docker,
  container: string,
  { seconds, lease = 120, which = "primary" }: PauseOptions,
  signal?: AbortSignal,
): Promise<boolean> {
  const words = ["pause", String(seconds), String(lease), which];
  const answer = await inPooler(engine, container, words, signal ? { signal } : {}).catch(
    (error: Error) => {
      throw new Error(`The clients of ${container} are not paused: ${error.message}.`, {
        cause: error,
      });
    },
  );
  return (JSON.parse(answer) as { paused: boolean }).paused;
}

/** Lets paused clients go on, and ends a pause that is only beginning. Does nothing when none is paused. */
export async function resumeClients(
  engine: Docker,
  container: string,
  signal?: AbortSignal,
): Promise<void> {
  const options = { patienceMs: 10_000, ...(signal ? { signal } : {}) };
  await inPooler(engine, container, ["resume"], options).catch((error: Error) => {
    throw new Error(`The clients of ${container} are not resumed: ${error.message}.`, {
      cause: error,
    });
  });
}
