import { setTimeout as sleep } from "node:timers/promises";
import type { Session } from "../session";
import type { StackState } from "../stack/stackState";
import type { Collected } from "./collect";
import { isBehind } from "./judge";

/** The monitor looks each ten seconds, and a fault is over when two of its looks say so. */
const patience = { everyMs: 2000, mostMs: 25_000 };

/**
 * Collects, and again while the monitor is behind: for some seconds after `up`, a restore or a repair it has not seen
 * yet that everything is good. So nobody reads of a fault that is over, and this look and the page agree at its end.
 */
export async function collectSettled(
  session: Session,
  known: StackState,
  { everyMs, mostMs } = patience,
): Promise<Collected> {
  const { stack, terminal, looks, signal } = session;
  const until = performance.now() + mostMs;
  for (let isFirst = true; ; isFirst = false) {
    const collected = await looks.collect(known, () => session.superuser());
    if (!isBehind(stack, known.plain, collected)) return collected;
    if (performance.now() + everyMs > until || signal?.aborted) return collected;
    if (isFirst) terminal.progress("Everything is good; waiting until the monitor has seen it.");
    await sleep(everyMs);
  }
}
