import type Docker from "dockerode";
import { inPooler } from "./exec";

export interface HoldOptions {
  /** Seconds that transactions under way may take to end; then nothing is held, and it fails. */
  seconds: number;
  /**
   * Seconds after which clients go on although nobody released them. Default 120: by then those that
   * wait are disconnected anyway (query_wait_timeout).
   */
  lease?: number;
  /** The entries of which server. Default those of the primary. */
  which?: "primary" | "all";
}

/**
 * Keeps the clients of the pooler's entries waiting, without an error, once their transactions have
 * ended. In session mode new sessions wait, and those that are open go on: nobody waits for their
 * end. Asked again it begins a new lease.
 *
 * @returns whether there was anything to hold
 * @throws Error with one sentence that names the database that was busy; nothing is held then
 */
export async function hold(
  engine: Docker,
  container: string,
  { seconds, lease = 120, which = "primary" }: HoldOptions,
  signal?: AbortSignal,
): Promise<boolean> {
  const words = ["hold", String(seconds), String(lease), which];
  const said = await inPooler(engine, container, words, signal ? { signal } : {}).catch(
    (error: Error) => {
      throw new Error(`The clients of ${container} are not held: ${error.message}.`, {
        cause: error,
      });
    },
  );
  return said.startsWith("held: ");
}

/** Lets the clients go on, also those of a hold that is only beginning; harmless when none is held. */
export async function release(
  engine: Docker,
  container: string,
  signal?: AbortSignal,
): Promise<void> {
  const options = { patienceMs: 10_000, ...(signal ? { signal } : {}) };
  await inPooler(engine, container, ["release"], options).catch((error: Error) => {
    throw new Error(`The clients of ${container} are not released: ${error.message}.`, {
      cause: error,
    });
  });
}
