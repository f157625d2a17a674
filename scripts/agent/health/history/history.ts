import type { DatabaseSync } from "node:sqlite";
import type { Cluster } from "../../../../contract/health/acceptPrimary";
import type { Check, CheckStatus } from "../../../../contract/health/check";
import { isUnknown } from "../../../../contract/health/facts";
import { sentenceOf, withStop } from "../../kit/failure";
import type { Listener, Snapshot } from "../kit/snapshot";
import { acceptedKey, clusterIn } from "./acceptance";
import { tidy } from "./bounds";
import { Calendar } from "./calendar";
import type { Day } from "./days";
import { faultOf, inTransaction, moveAside, openFile } from "./file";
import { changesIn, clusterOf, knownAfter, type Memory, memoryIn, statesIn } from "./memory";
import { growthOf, lagOf, leftIn, type Outage, outagesOf } from "./queries";
import { allDays, type Point, type State } from "./tables";
import { inSeconds, lagsIn, type Writes, writes } from "./writes";

/** What the monitor remembers: 400 days, in one file. */
export interface History {
  /** Keeps what changed. What it cannot write is logged once, and harms nothing else. */
  note: Listener;
  /** Since when a check is as it is now, ISO 8601, if it was so at the last look. */
  sinceOf(name: string, status: CheckStatus): string | undefined;
  /** What was not good at the last look, each with its sentence. */
  left(): Check[];
  /** Since when the primary has written what is in no WAL of a repository, by its number. */
  unarchived(): Record<string, string>;
  /** Bytes that a disk grows a day, by the last week. Absent: less than a day is known. */
  growth(disk: string): number | undefined;
  /** The system identifier that belongs to this stack's primary. */
  knownSystem(): string | undefined;
  /**
   * The cluster that a person accepted since the last look. The next look that sees the primary takes it, or gives it up
   * because the primary is another one.
   */
  accepted(): Cluster | undefined;
  /** The last 30 days of a time zone, the oldest first. */
  days(now: Date, timeZone: string): Day[];
  /** What was not good in the last 30 days, the newest first. */
  outages(now: Date): Outage[];
  /** The last day's lag of a standby: the worst of each quarter of an hour. */
  lag(standby: string, now: Date): Point[];
  /** Why nothing is kept at present, in one sentence. */
  problem(): string | undefined;
  close(): void;
}

export interface Bounds {
  /** The file never grows beyond this. Its log takes up to 4 MiB more. */
  mostBytes: number;
}

export function openHistory(
  folder: string,
  log: (sentence: string) => void,
  { mostBytes }: Bounds = { mostBytes: 64 * 1024 * 1024 },
): History {
  return new Kept(folder, log, mostBytes);
}

/** Measured values that wait while nothing can be written. */
const mostWaiting = 1000;

class Kept implements History {
  private file: { database: DatabaseSync; write: Writes } | undefined;
  private memory: Memory = {
    ...{ states: new Map(), system: undefined, other: undefined, seen: undefined, unarchived: {} },
  };
  private taking: Cluster | undefined;
  /** As the file has it. */
  private stored = new Map<string, State>();
  private waiting: Point[] = [];
  private latest = { minute: 0, hour: 0, at: 0, days: allDays };
  private trouble: string | undefined;
  private said = { well: true, at: -Infinity };
  private readonly calendar = new Calendar();
  private readonly answers = new Map<string, unknown>();

  constructor(
    private readonly folder: string,
    private readonly log: (sentence: string) => void,
    private readonly mostBytes: number,
  ) {
    this.attempt(() => this.open());
  }

  note = (now: Snapshot): void => {
    const at = inSeconds(now.at);
    // Memory is right also while the disk is full.
    const states = statesIn(now, this.memory.states);
    this.memory = { states, ...knownAfter(this.memory, now.facts, at, this.taking) };
    const taken = clusterOf(now.facts) ? this.taking : undefined;
    if (taken) this.taking = undefined;
    this.waiting = [...this.waiting, ...lagsIn(now.facts, at)].slice(-mostWaiting);
    this.latest.at = at;
    this.attempt(() => {
      const { database, write } = this.file ?? this.open();
      const [minute, hour] = [Math.floor(at / 60), Math.floor(at / 3600)];
      const measured = minute !== this.latest.minute;
      inTransaction(database, () => {
        for (const change of changesIn(states, this.stored)) write.change(at, change);
        write.known(this.memory);
        if (taken) write.taken(taken);
        if (now.facts.agent && !isUnknown(now.facts.agent)) write.records(now.facts.agent);
        if (!measured) return;
        // Once a minute, so that six looks are one write.
        write.watched(at);
        write.lag(this.waiting);
        write.sizes(now.facts, at);
      });
      this.stored = states;
      if (!measured) return;
      this.waiting = [];
      this.latest.minute = minute;
      this.answers.clear();
      if (hour !== this.latest.hour) this.tidy(database, at);
      this.latest.hour = hour;
    });
  };

  sinceOf(name: string, status: CheckStatus): string | undefined {
    const state = this.memory.states.get(name);
    return state?.status === status ? state.since : undefined;
  }

  left(): Check[] {
    return this.answer("left", [], leftIn);
  }

  unarchived(): Record<string, string> {
    return this.memory.unarchived;
  }

  growth(disk: string): number | undefined {
    return this.answer(`growth ${disk}`, undefined, (database) =>
      growthOf(database, disk, this.latest.at),
    );
  }

  knownSystem(): string | undefined {
    return this.memory.system;
  }

  accepted(): Cluster | undefined {
    this.attempt(() => {
      this.taking = this.file && clusterIn(this.file.database, acceptedKey);
    }, false);
    return this.taking;
  }

  days(now: Date, timeZone: string): Day[] {
    const ask = (database?: DatabaseSync) => this.calendar.days(database, now, timeZone);
    return this.answer(`days ${timeZone}`, undefined, ask) ?? ask();
  }

  outages(now: Date): Outage[] {
    return this.answer("outages", [], (database) => outagesOf(database, now.getTime() / 1000));
  }

  lag(standby: string, now: Date): Point[] {
    return this.answer(`lag ${standby}`, [], (database) =>
      lagOf(database, standby, now.getTime() / 1000),
    );
  }

  problem(): string | undefined {
    return this.trouble;
  }

  close(): void {
    this.attempt(() => {
      const waiting = this.waiting;
      if (this.file && waiting.length > 0)
        inTransaction(this.file.database, () => this.file?.write.lag(waiting));
    });
    this.file?.database.close();
    this.file = undefined;
  }

  private open() {
    const database = openFile(this.folder, this.mostBytes, this.log);
    const found = memoryIn(database);
    this.stored = found.states;
    // What was seen while there was no file counts more.
    if (this.memory.states.size === 0) this.memory = found;
    return (this.file = { database, write: writes(database) });
  }

  private tidy(database: DatabaseSync, at: number): void {
    const days = tidy(database, at);
    if (days < this.latest.days)
      this.log(
        `The history is as large as it may be, so only the last ${days} days of it are kept.`,
      );
    this.latest.days = Math.min(days, this.latest.days);
  }

  /** The same question is answered once until the next write. */
  private answer<T>(question: string, unknown: T, ask: (database: DatabaseSync) => T): T {
    if (this.answers.has(question)) return this.answers.get(question) as T;
    let found = unknown;
    this.attempt(() => {
      if (this.file) found = ask(this.file.database);
    }, false);
    this.answers.set(question, found);
    return found;
  }

  /** A fault of the disk is said, and tried again with the next look. */
  private attempt(work: () => void, writes = true): void {
    try {
      work();
      if (writes) this.trouble = undefined;
    } catch (error) {
      this.trouble = `The history cannot be kept: ${withStop(sentenceOf(error))}`;
      this.recover(error);
    }
    this.say();
  }

  /** Once an hour at most: a disk that is nearly full changes its mind with each look. */
  private say(): void {
    const { at } = this.latest;
    const changed = (this.trouble === undefined) !== this.said.well;
    if (!changed || at - this.said.at < 3600) return;
    this.log(this.trouble ?? "The history is kept again.");
    this.said = { well: this.trouble === undefined, at };
  }

  private recover(error: unknown): void {
    const fault = faultOf(error);
    if (!this.file) return;
    try {
      // The file's own bound is reached: the oldest makes room.
      if (fault === "full") return this.tidy(this.file.database, this.latest.at);
      this.file.database.close();
      this.file = undefined;
      if (fault !== "damaged") return;
      const aside = moveAside(this.folder, "damaged");
      this.log(`The history is damaged. It is kept as ${aside}, and a new one begins.`);
    } catch {
      // The next look tries again.
    }
  }
}
