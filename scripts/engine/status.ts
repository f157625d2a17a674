/** The status that a container of ours publishes, as its health check prints it. */
export interface Status {
  state: string;
  /** What happens within the state, where a program has to know. */
  phase?: string;
  detail: string;
}

/** States that end only when the operator acts. */
const final = new Set(["blocked", "failed"]);
/** States that take long for large data: how long says nothing about health. */
const working = new Set(["cloning", "recloning", "verifying"]);
const workingPhases = new Set(["catching-up", "recovering"]);

/** Whether a status ends only when the operator acts. */
export function isFinal(status: Status | undefined): boolean {
  return status !== undefined && final.has(status.state);
}

/** Reads the standard output of the health check, whose last line is the status as JSON. */
export function parseStatus(output: string): Status | undefined {
  const line = output.trimEnd().split("\n").at(-1) ?? "";
  try {
    const { state, phase, detail } = JSON.parse(line) as Partial<Status>;
    if (typeof state !== "string") return undefined;
    return { state, ...(phase === undefined ? {} : { phase }), detail: detail ?? "" };
  } catch {
    // Not the health check's own output, such as the engine's reason why it could not run.
    return undefined;
  }
}

/** Decides when waiting for a container no longer makes sense. */
export class Patience {
  private idleSince: number | undefined;

  constructor(private readonly limitMs = 5 * 60_000) {}

  /** The sentence to fail with, or undefined to go on waiting. */
  exhausted(status: Status | undefined, now: number): string | undefined {
    if (status && isFinal(status)) return status.detail || status.state;
    if (status && (working.has(status.state) || workingPhases.has(status.phase ?? ""))) {
      this.idleSince = undefined;
      return undefined;
    }
    this.idleSince ??= now;
    if (now - this.idleSince < this.limitMs) return undefined;
    const seconds = Math.round(this.limitMs / 1000);
    const last = status ? `${status.state}${status.detail && `: ${status.detail}`}` : "no status";
    return `not ready for ${seconds} s without progress; last seen: ${last}`;
  }
}
