import { setTimeout as sleep } from "node:timers/promises";

/** Asks every 100 ms until there is an answer; gives up with what was waited for. */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`Waited ${seconds} s in vain until ${what}.`);
}
