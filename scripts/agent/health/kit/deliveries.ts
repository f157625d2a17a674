import { elapsed } from "../../kit/clock";
import { failureOf } from "./deliveryFailure";

/** How long to wait after each failure, in milliseconds. The last one repeats. */
export const usualWaits: readonly number[] = [
  ...[10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000],
];

/** So often the same thing may be refused before it is given up. */
const mostRefusals = 3;

const minuteMs = 60_000;

/** So long a stop waits for an answer: Docker kills a container after ten seconds. */
const patienceMs = 3000;

/** What is kept over a restart. */
export interface DeliveriesState<T> {
  /** Not delivered yet, the oldest first. */
  items: T[];
  attempts: number;
  refusals: number;
  /** The time of the next attempt, in milliseconds since 1970. */
  nextAt: number;
}

export interface DeliveriesOptions<T> {
  /** What is said of the target: no address, no login. */
  name: string;
  /** May return a sentence about what went only partly well. */
  send: (item: T, signal: AbortSignal) => Promise<string | undefined>;
  /** Makes few items of those that wait. */
  bound: (waiting: readonly T[]) => T[];
  /** Called when the state has changed. */
  changed: () => Promise<void>;
  log: (sentence: string) => void;
  waits?: readonly number[];
  /** How many attempts there may be in a minute. Default: no limit. */
  perMinute?: number;
  /** Milliseconds of a clock that nobody sets. Tests replace it. */
  clock?: () => number;
}

/**
 * What has to reach one target: one after the other, again after a failure, and over a restart. It waits by a clock that
 * nobody sets: one that is set back silences nobody.
 */
export class Deliveries<T> {
  private readonly clock: () => number;
  private waiting: T[] = [];
  private flight: T | undefined;
  private attempts = 0;
  private refusals = 0;
  private nextAt = 0;
  /** The target asked for this. */
  private notBefore = 0;
  private lastCode: string | undefined;
  private recent: number[] = [];
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopping = false;
  private readonly ended = new AbortController();

  constructor(
    private readonly options: DeliveriesOptions<T>,
    kept?: DeliveriesState<T>,
  ) {
    this.clock = options.clock ?? elapsed;
    if (!kept) return;
    this.waiting = [...kept.items];
    this.attempts = kept.attempts;
    this.refusals = kept.refusals;
    // A clock that was set back must not keep it silent for longer than it would have been.
    const waits = options.waits ?? usualWaits;
    this.nextAt = this.clock() + Math.min(kept.nextAt - Date.now(), waits[waits.length - 1]!);
  }

  state(): DeliveriesState<T> {
    const { attempts, refusals } = this;
    const nextAt = Math.round(Date.now() + this.nextAt - this.clock());
    const flight = this.flight === undefined ? [] : [this.flight];
    return { items: [...flight, ...this.waiting], attempts, refusals, nextAt };
  }

  /** Why the last attempt failed. Undefined: it did not. */
  problem(): string | undefined {
    return this.lastCode;
  }

  /** Takes one more. It is tried at once, unless the target asked for silence. Call `go` when it is kept. */
  add(item: T): void {
    this.waiting = this.options.bound([...this.waiting, item]);
    this.nextAt = this.notBefore;
  }

  /** Begins to deliver, unless that is under way. */
  go(): void {
    if (this.running || this.stopping) return;
    clearTimeout(this.timer);
    this.running = this.run().finally(() => {
      this.running = undefined;
      this.later();
    });
  }

  /** Waits a moment for what is under way, and ends it. What did not arrive is in the state. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.timer);
    const end = setTimeout(() => this.ended.abort(), patienceMs);
    await this.running;
    clearTimeout(end);
  }

  private later(): void {
    if (this.waiting.length === 0 || this.stopping) return;
    this.timer = setTimeout(() => this.go(), Math.max(0, this.mayBegin() - this.clock()));
    this.timer.unref();
  }

  /** When the next attempt may begin. */
  private mayBegin(): number {
    const { perMinute } = this.options;
    if (perMinute === undefined) return this.nextAt;
    const now = this.clock();
    this.recent = this.recent.filter((at) => at > now - minuteMs);
    if (this.recent.length < perMinute) return this.nextAt;
    return Math.max(this.nextAt, this.recent[0]! + minuteMs);
  }

  private async run(): Promise<void> {
    while (!this.stopping && this.waiting.length > 0 && this.mayBegin() <= this.clock()) {
      const item = (this.flight = this.waiting.shift()!);
      this.recent.push(this.clock());
      try {
        const note = await this.options.send(item, this.ended.signal);
        this.arrived(note);
      } catch (error) {
        // It was ended from outside, so it says nothing of the target.
        if (this.ended.signal.aborted) this.waiting.unshift(item);
        else this.failed(item, error);
      }
      this.flight = undefined;
      await this.options.changed();
    }
  }

  private arrived(note: string | undefined): void {
    const { name, log } = this.options;
    if (note !== undefined) log(`${name}: ${note}`);
    if (this.lastCode !== undefined) log(`${name} is reached again.`);
    this.lastCode = undefined;
    [this.attempts, this.refusals, this.nextAt, this.notBefore] = [0, 0, 0, 0];
  }

  private failed(item: T, error: unknown): void {
    const { name, log, waits = usualWaits, bound } = this.options;
    const { code, permanent, retryAfterMs } = failureOf(error);
    if (code !== this.lastCode) log(`${name} was not reached: ${code}. It is tried again.`);
    this.lastCode = code;
    this.attempts++;
    this.refusals = permanent ? this.refusals + 1 : 0;
    const wait = waits[Math.min(this.attempts, waits.length) - 1]!;
    const now = this.clock();
    this.notBefore = now + retryAfterMs;
    this.nextAt = Math.max(now + spread(wait), this.notBefore);
    if (this.refusals < mostRefusals) {
      this.waiting = bound([item, ...this.waiting]);
      return;
    }
    log(`${name} refused it ${mostRefusals} times (${code}), so this one is given up.`);
    this.refusals = 0;
  }
}

/** Up to a tenth longer, so that many do not come back in the same moment. */
const spread = (wait: number) => Math.round(wait * (1 + Math.random() / 10));
