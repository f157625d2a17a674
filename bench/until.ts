import { setTimeout as sleep } from "node:timers/promises";

/** Calls `ask` every 100 ms until it returns a value. Fails after `seconds`. */
export async function until<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`Waited ${seconds} s until ${what}, without success.`);
}
