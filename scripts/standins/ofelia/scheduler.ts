import { randomBytes } from "node:crypto";
import { performance } from "node:perf_hooks";
import { Output } from "./frames";
import type { Job } from "./job";
import { goDuration, log, quoted } from "./log";
import { parseSchedule, type Schedule } from "./schedule";

const places = { ERROR: "common.go:121", WARNING: "common.go:123", NOTICE: "common.go:125" };

interface Entry {
  job: Job;
  schedule: Schedule;
  next: Date | undefined;
}

/** Starts each job when it is due, until the process ends. */
export class Scheduler {
  private readonly entries: Entry[] = [];
  private running = 0;
  private idle: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** A wrong schedule causes a warning; a job with an empty one is ignored silently. */
  add(job: Job): void {
    const { name, command, schedule } = job.config;
    if (schedule === "") return;
    const described = [name, command, schedule].map(quoted).join(" - ");
    try {
      this.entries.push({ job, schedule: parseSchedule(schedule), next: undefined });
      log("NOTICE", "scheduler.go:44", `New job registered ${described}`);
    } catch {
      log("WARNING", "scheduler.go:40", `Failed to register job ${described}`);
    }
  }

  /** @throws Error when there is no job */
  start(): void {
    if (this.entries.length === 0) throw new Error("unable to start a empty scheduler.");
    log("DEBUG", "scheduler.go:55", `Starting scheduler with ${this.entries.length} jobs`);
    const now = new Date();
    for (const entry of this.entries) entry.next = entry.schedule(now);
    this.wait();
  }

  /** Waits without limit until no job runs. Jobs that become due meanwhile are still started. */
  async stop(): Promise<void> {
    log("WARNING", "daemon.go:84", "Waiting running jobs.");
    if (this.running > 0) await new Promise<void>((resolve) => (this.idle = resolve));
    clearTimeout(this.timer);
  }

  private wait(): void {
    const due = this.entries.flatMap(({ next }) => next?.getTime() ?? []);
    // At most an hour, because Node's timers have a limit.
    const delay = Math.min(Math.max(0, Math.min(...due) - Date.now()), 3_600_000);
    this.timer = setTimeout(() => this.tick(), delay);
  }

  private tick(): void {
    const now = new Date();
    for (const entry of this.entries) {
      if (!entry.next || entry.next > now) continue;
      void this.run(entry.job);
      entry.next = entry.schedule(now);
    }
    this.wait();
  }

  private async run(job: Job): Promise<void> {
    const { name, command, noOverlap } = job.config;
    const id = randomBytes(6).toString("hex");
    const output = new Output();
    const began = performance.now();
    const say = (level: "NOTICE" | "WARNING" | "ERROR", message: string) =>
      log(level, places[level], `[Job ${quoted(name)} (${id})] ${message}`);
    this.running++;
    job.running++;
    say("NOTICE", `Started - ${command}`);
    const skipped = noOverlap && job.running > 1;
    const failure = skipped ? undefined : await job.run(output).then(() => undefined, messageOf);
    const took = goDuration(performance.now() - began);
    const level = failure !== undefined ? "ERROR" : skipped ? "WARNING" : "NOTICE";
    if (output.stdout) say(level, `StdOut: ${output.stdout}`);
    if (output.stderr) say(level, `StdErr: ${output.stderr}`);
    const failed = failure !== undefined;
    say(
      level,
      `Finished in ${quoted(took)}, failed: ${failed}, skipped: ${skipped}, error: ${failure ?? "none"}`,
    );
    job.running--;
    if (--this.running === 0) this.idle?.();
  }
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
