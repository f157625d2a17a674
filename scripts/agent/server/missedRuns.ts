import { setTimeout as sleep } from "node:timers/promises";
import { past } from "../../../contract/clock";
import { finishedDumps } from "../dump/finished";
import { Failure, sentenceOf, withStop } from "../kit/failure";
import { lastRun, readRecord, writeRecord } from "../kit/records";
import { retry } from "../kit/retry";
import type { Agent } from "./agent";
import { lastDue } from "../kit/schedule";

/** The time that the scheduler has to begin a run. */
const graceMs = 2 * 60_000;
const intervalMs = 30_000;
const againMs = 60_000;

const nobody = () => undefined;

/**
 * Makes the first dumps, and after that every run that the scheduler did not begin: because the
 * machine was off, or because the time of day does not exist when summer time starts. A run that
 * failed was begun, so it is not made again.
 */
export class MissedRuns {
  private readonly startedAt = Date.now();

  /** @param explain gets a sentence on what the agent waits for; empty: nothing */
  constructor(
    private readonly agent: Agent,
    private readonly explain: (detail: string) => void,
  ) {}

  /** Runs until the signal ends it. */
  async watch(signal: AbortSignal): Promise<void> {
    // The stack makes no dumps, so nothing is uploaded either.
    if (this.agent.context.config.dumps.databases.length === 0) return;
    let uploads: Promise<unknown> = Promise.resolve();
    const guarded = (work: () => Promise<void>) => this.guarded(work, signal);
    try {
      const names = await this.waitForServer(signal);
      await guarded(() => this.firstDumps(names, signal));
      // An upload may take hours, and dumps are due meanwhile.
      uploads = guarded(() => this.firstUpload(signal));
      // Not retry: this loop never succeeds, it repeats its work until the signal ends it.
      for (; ; await sleep(intervalMs, undefined, { signal })) {
        const moment = new Date(Date.now() - graceMs);
        await guarded(() => this.missedDumps(moment, signal));
        const upload = guarded(() => this.missedUpload(moment, signal));
        uploads = Promise.all([uploads, upload]).then(() => undefined);
      }
    } finally {
      await uploads;
    }
  }

  /** The databases to dump, once a server answers. A reason is recorded once, not each minute. */
  private async waitForServer(signal: AbortSignal): Promise<string[]> {
    const { context } = this.agent;
    let said = "";
    const onFailure = async (error: unknown) => {
      const detail = `No server can be dumped from yet: ${withStop(sentenceOf(error))}`;
      if (detail === said) return;
      said = detail;
      this.explain(detail);
      context.log(detail);
      const at = new Date().toISOString();
      // It is for the first dumps: one of them that is made shows that a server answers.
      const record = { job: "dump", trigger: "start", result: "failed", partial: true } as const;
      await writeRecord(context, { ...record, detail, startedAt: at, endedAt: at });
    };
    const names = await retry(() => this.databases(signal), { every: againMs, signal, onFailure });
    this.explain("");
    return names;
  }

  private async firstDumps(names: readonly string[], signal: AbortSignal): Promise<void> {
    const { context, dumps, lastAttempts } = this.agent;
    const newest = new Map<string, number>();
    // An operator may have been quicker and may just be making the first dumps.
    do {
      await dumps.whenIdle();
      for (const { manifest } of (await finishedDumps(context)).reverse()) {
        newest.set(manifest.database.name, Date.parse(manifest.takenAt));
      }
    } while (dumps.isBusy);
    lastAttempts.keep(names, (name) => newest.get(name) ?? 0);
    // The record of the last run has databases of earlier ones, too.
    const last = await lastRun(context, "dump");
    if (last && last.trigger !== "start") lastAttempts.note(last);
    const databases = names.filter((name) => !newest.has(name));
    if (databases.length === 0) return;
    await this.run("dump", { trigger: "start", databases, wait: true }, signal);
  }

  private async firstUpload(signal: AbortSignal): Promise<void> {
    const { context } = this.agent;
    if (context.config.upload?.afterFirstDump !== true) return;
    if (await readRecord(context, "upload", "success")) return;
    if ((await finishedDumps(context)).length === 0) return;
    await this.run("upload", { trigger: "start" }, signal);
  }

  private async missedDumps(moment: Date, signal: AbortSignal): Promise<void> {
    const { context, dumps, lastAttempts } = this.agent;
    const { config } = context;
    const due = lastDue(config.dumps.schedule, config.timeZone, moment);
    if (dumps.isBusy || lastAttempts.notSince(due).length === 0) return;
    const names = await this.databases(signal).catch((error: unknown) => {
      lastAttempts.note({ endedAt: new Date().toISOString() });
      throw error;
    });
    lastAttempts.keep(names);
    const databases = lastAttempts.notSince(due);
    if (databases.length === 0) return;
    context.log(`making the dump that was due at ${due.toISOString()}`);
    // One of all says what became of those that are gone, too.
    const some = databases.length < names.length ? { databases } : {};
    await this.run("dump", { trigger: "catch-up", ...some }, signal);
  }

  private async missedUpload(moment: Date, signal: AbortSignal): Promise<void> {
    const { context } = this.agent;
    const { upload, timeZone } = context.config;
    if (!upload) return;
    const due = lastDue(upload.schedule, timeZone, moment);
    const last = await readRecord(context, "upload");
    const tried = Math.max(
      past(this.agent.lastBegun("upload")),
      past(last ? Date.parse(last.endedAt) : this.startedAt),
    );
    if (tried >= due.getTime()) return;
    context.log(`making the upload that was due at ${due.toISOString()}`);
    await this.run("upload", { trigger: "catch-up" }, signal);
  }

  private async databases(signal: AbortSignal): Promise<string[]> {
    return (await this.agent.run("databases", {}, nobody, signal)) as string[];
  }

  private async run(
    name: string,
    args: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.agent.run(name, args, nobody, signal);
    } catch (error) {
      // The job's record and the log say already why it failed.
      if (!(error instanceof Failure)) throw error;
    }
  }

  /** Whatever goes wrong in this work, the agent goes on. */
  private async guarded(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!signal.aborted) this.agent.context.log(sentenceOf(error));
    }
  }
}
