import { type Advice, judged, type Thresholds } from "../../../contract/health/check";
import { checksOf } from "../../../contract/health/checks";
import type { StackFacts } from "../../../contract/health/facts";
import { isEarly, unseen } from "../../../contract/health/unseen";
import { elapsed } from "../kit/clock";
import { sentenceOf, stackOf } from "../kit/failure";
import type { Listener, Snapshot } from "./kit/snapshot";
import type { Settled } from "./settle";

/** From the begin of a look to the begin of the next, in milliseconds. */
export const everyMs = 10_000;

export interface MonitorArgs {
  collect: () => Promise<StackFacts>;
  advice: Advice;
  thresholds: Thresholds;
  settled: Settled;
  listeners: readonly Listener[];
  log: (sentence: string) => void;
  /** Milliseconds. Tests replace it. */
  clock?: () => number;
}

/** Looks again and again, and says what it saw. */
export class Monitor {
  private snapshot: Snapshot | undefined;
  private readonly clock: () => number;
  private lookedAt: number;
  private readonly listeners: Told[];

  constructor(private readonly args: MonitorArgs) {
    this.clock = args.clock ?? elapsed;
    this.lookedAt = this.clock();
    this.listeners = args.listeners.map((listener) => new Told(listener, args.log));
  }

  /** The last snapshot. Undefined before the first look is done. */
  get now(): Snapshot | undefined {
    return this.snapshot;
  }

  /** Whether looks go on. */
  get lives(): boolean {
    return this.lookedAgo * 1000 < 6 * everyMs;
  }

  /** Seconds since the last look, or since the start. */
  get lookedAgo(): number {
    return (this.clock() - this.lookedAt) / 1000;
  }

  /** Runs until the signal ends it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const begun = this.clock();
      try {
        await this.look();
      } catch (error) {
        // One look that fails must not end the monitor.
        this.args.log(stackOf(error));
      }
      await pause(Math.max(0, begun + everyMs - this.clock()), signal);
    }
  }

  async look(): Promise<Snapshot> {
    const { collect, advice, thresholds, settled } = this.args;
    const facts = await collect();
    const checks = settled.settle(checksOf(facts, advice, thresholds), facts.at, {
      unseen: (name) => unseen(name, facts),
      early: (name) => isEarly(name, facts),
    });
    const snapshot = { at: facts.at, facts, checks, judged: judged(checks) };
    this.snapshot = snapshot;
    this.lookedAt = this.clock();
    for (const listener of this.listeners) listener.tell(snapshot);
    return snapshot;
  }
}

/** Says each snapshot to one listener. One that is slow or throws harms no other, and misses no change. */
class Told {
  private busy = false;
  /** What the listener was told last. */
  private before: Snapshot | undefined;
  private waiting: Snapshot | undefined;

  constructor(
    private readonly listener: Listener,
    private readonly log: (sentence: string) => void,
  ) {}

  tell(now: Snapshot): void {
    if (this.busy) {
      this.waiting = now;
      return;
    }
    this.busy = true;
    void this.next(now);
  }

  private async next(now: Snapshot): Promise<void> {
    for (let next: Snapshot | undefined = now; next;) {
      try {
        await this.listener(next, this.before);
      } catch (error) {
        this.log(`a listener failed: ${sentenceOf(error)}`);
      }
      this.before = next;
      next = this.waiting;
      this.waiting = undefined;
    }
    this.busy = false;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
