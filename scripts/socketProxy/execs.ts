/** How long an exec that was made may be started. Ofelia starts it at once. */
const startWithinMs = 60_000;

/** How many execs are remembered. A job has one at a time. */
const most = 256;

type State = { phase: "made"; until: number } | { phase: "running" } | { phase: "ended" };

/**
 * The execs that the proxy itself made. No other one can be started or looked at, each can be started
 * once, and only soon after it was made.
 */
export class Execs {
  private readonly states = new Map<string, State>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Whether there is room for another one. Forgets those that never started, then the oldest ended one. */
  hasRoom(): boolean {
    for (const [id, state] of this.states) {
      if (state.phase === "made" && state.until < this.now()) this.states.delete(id);
    }
    if (this.states.size < most) return true;
    const ended = [...this.states].find(([, { phase }]) => phase === "ended");
    return ended !== undefined && this.states.delete(ended[0]);
  }

  made(id: string): void {
    this.states.set(id, { phase: "made", until: this.now() + startWithinMs });
  }

  /** Takes the only start of an exec. False where there is none left. */
  takeStart(id: string): boolean {
    const state = this.states.get(id);
    if (state?.phase !== "made" || state.until < this.now()) return false;
    this.states.set(id, { phase: "running" });
    return true;
  }

  ended(id: string): void {
    this.states.set(id, { phase: "ended" });
  }

  isKnown(id: string): boolean {
    return this.states.has(id);
  }
}
