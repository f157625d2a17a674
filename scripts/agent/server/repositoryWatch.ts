import { setTimeout as sleep } from "node:timers/promises";
import type { RepositoryOverview } from "../../../contract/agentOverview";
import type { Context } from "../kit/context";
import {
  drillProblem,
  drillsSince,
  isDrillUnderWay,
  type LastDrill,
  LastDrills,
} from "../pgBackRest/lastDrill";
import type { RepositoryDisk } from "../pgBackRest/disks";
import type { Look, WaitingWal } from "../pgBackRest/look";

const intervalMs = 30_000;
/** An engine keeps the first 4 kB of what a health check prints. */
const problemAtMost = 300;

/**
 * Milliseconds until the next look. Commands look too, and half a minute after theirs comes the next one. A clock that was
 * set back makes nothing wait for longer.
 */
export function untilNextLook(lookedAt: number, now: number): number {
  return Math.min(Math.max(0, lookedAt + intervalMs - now), intervalMs);
}

/** What the agent's status says about a repository: the overview's, and how old the newest WAL is. */
export interface RepositoryStatus extends Omit<RepositoryOverview, "newestWal"> {
  /** With its age in seconds at this moment. */
  newestWal?: { segment: string; at: string; age: number };
}

/** Looks at every repository again and again: which backup and which WAL is the newest there. */
export class RepositoryWatch {
  private looks: readonly Look[] = [];
  private lookedAt = 0;
  private looking: Promise<readonly Look[]> | undefined;
  private waiting: WaitingWal = { segments: 0 };
  private disks: RepositoryDisk[] = [];
  private drills: LastDrill[] = [];
  private drillsSince: string | undefined;
  private isDrillUnderWay = false;
  private readonly lastDrills: LastDrills;
  private readonly oldest = new Map<number, string | undefined>();
  private readonly lastBackups = new Map<number, RepositoryStatus["lastBackup"]>();

  /** @param seen called after each look */
  constructor(
    private readonly context: Context,
    private readonly seen: () => void,
  ) {
    this.lastDrills = new LastDrills(context);
  }

  /** Runs until the signal ends it. */
  async watch(signal: AbortSignal): Promise<void> {
    for (;;) {
      const pause = untilNextLook(this.lookedAt, Date.now());
      if (pause === 0) await this.look(signal);
      else await sleep(pause, undefined, { signal });
    }
  }

  /** Looks at all of them, or waits for the look under way. */
  look(signal: AbortSignal): Promise<readonly Look[]> {
    this.looking ??= this.lookNow(signal).finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  /** At the same time: a dead repository does not hold up the others. */
  private async lookNow(signal: AbortSignal): Promise<readonly Look[]> {
    const { lookAt, waitingWal } = await import("../pgBackRest/look.js");
    const { repositoryDisks } = await import("../pgBackRest/disks.js");
    const { repositories = [] } = this.context.config.backups ?? {};
    const before = this.looks;
    const knownOf = (number: number) => before.find((one) => one.repository.number === number);
    this.looks = await Promise.all(
      repositories.map((repository) =>
        lookAt(this.context, repository, { signal, known: knownOf(repository.number) }),
      ),
    );
    this.waiting = await waitingWal();
    this.disks = await repositoryDisks(this.context);
    this.drills = await this.lastDrills.read();
    this.drillsSince = await drillsSince(this.context);
    this.isDrillUnderWay = await isDrillUnderWay();
    this.lookedAt = Date.now();
    for (const look of this.looks) this.note(look, knownOf(look.repository.number));
    this.seen();
    return this.looks;
  }

  /** For the status file. Empty before the first look. */
  status(now = Date.now()): {
    repositories?: RepositoryStatus[];
    waitingWal?: WaitingWal;
    disks?: RepositoryDisk[];
  } {
    if (this.looks.length === 0) return {};
    const { disks } = this;
    const repositories = this.looks.map(({ repository: { number }, newestWal, problem }) => {
      const lastBackup = this.lastBackups.get(number);
      return {
        repository: number,
        ...(lastBackup ? { lastBackup } : {}),
        ...(newestWal ? { newestWal: { ...newestWal, age: ageOf(newestWal.at, now) } } : {}),
        ...this.drillOf(number, now),
        ...(problem === undefined ? {} : { problem: problem.slice(0, problemAtMost) }),
      };
    });
    return { repositories, waitingWal: this.waiting, ...(disks.length > 0 ? { disks } : {}) };
  }

  private drillOf(
    number: number,
    now: number,
  ): Pick<RepositoryStatus, "lastDrill" | "drillProblem"> {
    const last = this.drills.find(({ repository }) => repository === number);
    const drilled = {
      ...{ last, oldestBackup: this.oldest.get(number) },
      ...{ since: this.drillsSince, isUnderWay: this.isDrillUnderWay },
    };
    const problem = drillProblem(this.context, drilled, new Date(now));
    return {
      ...(last ? { lastDrill: { at: last.at, result: last.result, ...restoreOf(last) } } : {}),
      ...(problem === undefined ? {} : { drillProblem: problem.slice(0, problemAtMost) }),
    };
  }

  private note({ repository, info, problem }: Look, before: Look | undefined): void {
    const newest = info?.backups.at(-1);
    if (info) {
      this.oldest.set(repository.number, info.current[0]?.endedAt);
      const { label, type, endedAt } = newest ?? {};
      this.lastBackups.set(
        repository.number,
        label && type && endedAt ? { label, type, at: endedAt } : undefined,
      );
    }
    if (problem === before?.problem) return;
    const place = `repository ${repository.number} (${repository.location})`;
    this.context.log(problem ? `${place} cannot be read: ${problem}` : `${place} answers again`);
  }
}

const ageOf = (at: string, now: number) => Math.max(0, Math.round((now - Date.parse(at)) / 1000));

/** How long the way back took, and for how much. */
function restoreOf({ recoverySeconds: seconds, bytes }: LastDrill) {
  if (seconds === undefined || bytes === undefined) return {};
  return { restore: { seconds: Math.round(seconds), bytes } };
}
