import { stepWarning } from "../../contract/stepWarning";
import type { EngineEvent, Operation, StepEvent } from "./events";
import type { Output } from "./output";

/** What is said of a step that has ended. A replacement is its deletion and its creation. */
const done: Partial<Record<Operation, string>> = {
  create: "created",
  update: "changed",
  delete: "removed",
  "create-replacement": "made anew",
  "delete-replaced": "removed",
  import: "taken over",
  "import-replacement": "taken over",
};

const doing: Partial<Record<Operation, string>> = {
  create: "creating",
  update: "changing",
  delete: "removing",
  "create-replacement": "making anew",
  "delete-replaced": "removing",
  refresh: "looking at",
};

/** Without a terminal, a step that takes long says this often how far it is. */
const stillMs = 20_000;
/** What is kept of a step's own output, for the case that it fails. */
const keptLines = 30;

interface Running {
  step: StepEvent;
  since: number;
  said: string;
  saidAt: number;
}

/**
 * Shows a run in a line for each step that has ended, with its duration. A step's own output, such as the
 * steps of a build, is shown only when it fails. Its warnings are always shown.
 */
export class Progress {
  /** What went wrong, in Pulumi's words. */
  readonly errors: string[] = [];
  private readonly running = new Map<string, Running>();
  private readonly logs = new Map<string, string[]>();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param planning nothing happens in a preview, so its steps are not shown
   * @param warned each warning is shown once, and added to these
   */
  constructor(
    private readonly output: Output,
    private readonly options: { planning?: boolean; warned?: Set<string> } = {},
    private readonly clock: () => number = Date.now,
  ) {
    this.timer = setInterval(() => this.tick(), output.live ? 500 : 5000);
    this.timer.unref();
  }

  /** Takes the next event of a run. */
  take(event: EngineEvent): void {
    if (event.kind === "step") this.takeStep(event.phase, event.step);
    else if (event.kind === "message") this.takeMessage(event);
    this.show();
  }

  /** Ends the display. */
  end(): void {
    clearInterval(this.timer);
    this.output.now("");
  }

  /** Says again what a step that takes long is doing. The timer calls it. */
  tick(): void {
    if (this.output.live) return this.show();
    const now = this.clock();
    for (const one of this.running.values()) {
      if (now - one.saidAt < stillMs) continue;
      one.saidAt = now;
      this.output.line(`  ${this.lineOf(one)}`);
    }
  }

  private takeStep(phase: "begin" | "end" | "failed", step: StepEvent): void {
    // Only what a provider does takes time.
    if (this.options.planning || !(step.new ?? step.old)?.custom || !doing[step.op]) return;
    const now = this.clock();
    if (phase === "begin") {
      this.running.set(step.urn, { step, since: now, said: "", saidAt: now });
      return;
    }
    const since = this.running.get(step.urn)?.since ?? now;
    this.running.delete(step.urn);
    const took = duration(now - since);
    if (phase === "failed") {
      this.output.line(row("FAILED", step.name, took));
      const log = this.logs.get(step.urn) ?? [];
      // Most errors of a command hold its output.
      const isSaid = this.errors.some((error) => error.includes(log.at(-1) ?? ""));
      if (!isSaid) for (const line of log) this.output.line(`      ${line}`);
    } else {
      const word = done[step.op];
      if (word) this.output.line(row(word, step.name, took));
    }
    this.logs.delete(step.urn);
  }

  private takeMessage({ severity, text, urn, ephemeral }: EngineEvent & { kind: "message" }): void {
    if (severity === "error") this.errors.push(text);
    else if (severity === "warning") this.warn(text);
    else if (urn) {
      const lines = text.split("\n").filter((line) => line.trim() !== "");
      for (const line of lines) {
        if (line.startsWith(stepWarning)) this.warn(line.slice(stepWarning.length));
      }
      const one = this.running.get(urn);
      if (one) one.said = lines.at(-1) ?? one.said;
      if (ephemeral) return;
      const log = [...(this.logs.get(urn) ?? []), ...lines];
      this.logs.set(urn, log.slice(-keptLines));
    }
  }

  private warn(text: string): void {
    const { warned } = this.options;
    if (!warned?.has(text)) this.output.line(`${stepWarning}${text}`);
    warned?.add(text);
  }

  private show(): void {
    if (!this.output.live) return;
    if (this.options.planning) return this.output.now("  comparing the stack with its file…");
    // The one that has taken longest is the one that is waited for.
    const [oldest] = [...this.running.values()].sort((a, b) => a.since - b.since);
    const more = this.running.size > 1 ? ` (and ${this.running.size - 1} more)` : "";
    this.output.now(oldest ? `  ${this.lineOf(oldest)}${more}` : "");
  }

  private lineOf({ step, since, said }: Running): string {
    const took = duration(this.clock() - since);
    return `${doing[step.op]} ${step.name}, ${took}${said ? `: ${said}` : ""}`;
  }
}

function row(word: string, name: string, took: string): string {
  return `  ${word.padEnd(10)} ${name.padEnd(32)} ${took.padStart(8)}`;
}

/** `3.2 s`, `12 s`, `4 min 5 s`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
