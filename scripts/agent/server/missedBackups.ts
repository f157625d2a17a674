import { setTimeout as sleep } from "node:timers/promises";
import { backupJobs } from "../../../contract/pgBackRest";
import { elapsed } from "../kit/clock";
import { Failure, sentenceOf } from "../kit/failure";
import { lastDue } from "../kit/schedule";
import type { BackupAttempts } from "../pgBackRest/attempts";
import type { Look } from "../pgBackRest/look";
import type { Agent } from "./agent";
import type { RepositoryWatch } from "./repositoryWatch";

/** The time that the scheduler has to begin a run. */
const graceMs = 2 * 60_000;
const intervalMs = 30_000;
/** The time after which a full backup that is missing is tried again. */
const againMs = 15 * 60_000;
/** A listing of the whole archive costs something where it is far away. */
const gapIntervalMs = 5 * 60_000;

/**
 * The time between full backups of one repository that gaps cause. Retention counts them, so each pushes an older
 * one out.
 */
const gapFullHours = 24;

const nobody = () => undefined;

/**
 * Makes what must be there and nobody makes: the stanza, the first full backup of each repository, a full one
 * after WAL was lost, and every run that the scheduler did not begin.
 */
export class MissedBackups {
  private gapsLookedAt = -Infinity;
  private readonly said = new Set<string>();
  private drilling: Promise<void> = Promise.resolve();

  constructor(
    private readonly agent: Agent,
    private readonly watched: RepositoryWatch,
    private readonly attempts: BackupAttempts,
  ) {}

  /** Runs until the signal ends it. */
  async watch(signal: AbortSignal): Promise<void> {
    // Not retry: this loop never succeeds, it repeats its work until the signal ends it.
    try {
      for (; ; await sleep(intervalMs, undefined, { signal })) {
        await this.guarded(() => this.round(signal), signal);
      }
    } finally {
      // A drill that is stopped resumes replay on the standby.
      await this.drilling;
    }
  }

  private async round(signal: AbortSignal): Promise<void> {
    const { backups } = this.agent;
    if (backups.isBusy) return;
    let looks = await this.watched.look(signal);
    if (await this.createStanza(looks, signal)) looks = await this.watched.look(signal);
    await this.firstFulls(looks, signal);
    await this.missed(looks, new Date(Date.now() - graceMs), signal);
    // By a clock that nobody sets.
    if (elapsed() - this.gapsLookedAt < gapIntervalMs) return;
    this.gapsLookedAt = elapsed();
    await this.afterGaps(looks, signal);
  }

  /** Creates the stanza where a repository lacks it. Returns whether it was created. */
  private async createStanza(looks: readonly Look[], signal: AbortSignal): Promise<boolean> {
    const { ensureStanza } = await import("../pgBackRest/ensureStanza.js");
    try {
      return await ensureStanza(this.agent.context, looks, { signal });
    } catch (error) {
      // A repository of another server keeps nobody from backing up into the others.
      if (!(error instanceof Failure)) throw error;
      this.sayOnce(error.message);
      return false;
    }
  }

  /** Logs a sentence, but not in each round. */
  private sayOnce(sentence: string): void {
    if (!this.said.has(sentence)) this.agent.context.log(sentence);
    this.said.add(sentence);
  }

  private async firstFulls(looks: readonly Look[], signal: AbortSignal): Promise<void> {
    const repositories = looks
      .filter(({ info }) => info?.current.length === 0)
      .map(({ repository }) => repository.number)
      // One that worked a moment ago is in another place, and the repository was moved since.
      .filter((number) => Date.now() - this.attempts.lastFailed("full", number) > againMs);
    if (repositories.length > 0) await this.run("full", { trigger: "start", repositories }, signal);
  }

  /** The runs that were due and that nobody began. A full backup makes a diff unnecessary. */
  private async missed(looks: readonly Look[], moment: Date, signal: AbortSignal): Promise<void> {
    const { context, backups } = this.agent;
    const empty = looks.filter(({ info }) => info?.current.length === 0);
    const isEmpty = (number: number) =>
      empty.some(({ repository }) => repository.number === number);
    const { schedules = {} } = context.config.backups ?? {};
    for (const job of backupJobs) {
      const schedule = schedules[job];
      // A check runs beside this loop, and may take long.
      if (!schedule || backups.isUnderWay(job)) continue;
      const due = lastDue(schedule, context.config.timeZone, moment);
      const repositories = this.attempts
        .notSince(job, due)
        // Without a backup there is nothing to restore.
        .filter((number) => job !== "drill" || !isEmpty(number));
      if (repositories.length === 0) continue;
      context.log(`making up for the ${job} that was due at ${due.toISOString()}`);
      const run = this.run(job, { trigger: "catch-up", repositories }, signal);
      // A drill runs beside the other jobs, so none of them waits for it.
      if (job === "drill") this.drilling = this.guarded(() => run, signal);
      else await run;
    }
  }

  /** WAL that is gone ends what a restore can reach, until a full backup begins anew. */
  private async afterGaps(looks: readonly Look[], signal: AbortSignal): Promise<void> {
    const { findOpenGaps, gapSentence } = await import("../pgBackRest/gaps.js");
    const { context } = this.agent;
    for (const look of looks.filter(({ info }) => (info?.current.length ?? 0) > 0)) {
      const { number } = look.repository;
      const options = { signal, seconds: 120 };
      // One that went away a moment ago has its turn again.
      const open = await findOpenGaps(context, look.repository, options).catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error;
        return [];
      });
      const newest = open.at(-1);
      if (!newest) continue;
      const because = gapSentence(newest);
      const wait = this.whyNoFull(number, looks);
      this.sayOnce(`repository ${number}: ${because}${wait === undefined ? "" : ` ${wait}`}`);
      if (wait === undefined) await this.full([look], { trigger: "archive-gap", because }, signal);
    }
  }

  /** Why a gap is not answered by a full backup now. */
  private whyNoFull(number: number, looks: readonly Look[]): string | undefined {
    const away = looks.find(({ info }) => !info)?.repository.number;
    if (away !== undefined) {
      return `A full backup follows when repository ${away} answers: until then more WAL may be lost.`;
    }
    const since = Date.now() - this.attempts.lastGapFull(number);
    if (since > gapFullHours * 3_600_000) return undefined;
    return `A full backup follows ${gapFullHours} hours after the last one for lost WAL.`;
  }

  /** A full backup of these repositories, unless one was tried a moment ago. */
  private async full(
    looks: readonly Look[],
    args: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    const repositories = looks
      .map(({ repository }) => repository.number)
      .filter((number) => Date.now() - this.attempts.lastOf("full", number) > againMs);
    if (repositories.length > 0) await this.run("full", { ...args, repositories }, signal);
  }

  private async run(
    job: (typeof backupJobs)[number],
    args: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.agent.backups.run(job, args, nobody, signal);
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
