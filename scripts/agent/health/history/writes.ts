import type { DatabaseSync } from "node:sqlite";
import type { AgentOverview } from "../../../../contract/agentOverview";
import { disksIn } from "../../../../contract/health/checks";
import { isUnknown, type StackFacts } from "../../../../contract/health/facts";
import { lagOfStandby } from "../kit/lag";
import type { Cluster } from "../../../../contract/health/acceptPrimary";
import { acceptedKey, seenKey, textOf } from "./acceptance";
import { type Memory, unarchivedKey } from "./memory";
import { type Change, type Kind, type Point, steps } from "./tables";

/** What servers say is kept up to this length. */
const longest = 500;

/** Databases whose sizes are kept: the largest. */
const mostDatabases = 200;

/** Everything that is written, with its statements prepared once. */
export function writes(database: DatabaseSync) {
  const changed = database.prepare(
    "INSERT INTO changes (at, name, status, sentence) VALUES (?, ?, ?, ?)",
  );
  const state = database.prepare("REPLACE INTO states (name, status, since) VALUES (?, ?, ?)");
  const known = database.prepare(
    "INSERT INTO known (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> ?",
  );
  const taken = database.prepare("DELETE FROM known WHERE name = ? AND value = ?");
  const record = database.prepare(
    "INSERT OR IGNORE INTO records (job, ended, started, result, detail) VALUES (?, ?, ?, ?, ?)",
  );
  const drill = database.prepare(
    "INSERT OR IGNORE INTO drills (repository, at, result, seconds, bytes) VALUES (?, ?, ?, ?, ?)",
  );
  const name = database.prepare("INSERT OR IGNORE INTO series (kind, name) VALUES (?, ?)");
  const id = database.prepare("SELECT id FROM series WHERE kind = ? AND name = ?");
  const most = database.prepare(
    `INSERT INTO points (series, step, at, value) VALUES (?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET value = max(value, excluded.value)`,
  );
  const first = database.prepare(
    "INSERT OR IGNORE INTO points (series, step, at, value) VALUES (?, ?, ?, ?)",
  );
  const longer = database.prepare(
    "UPDATE watched SET ended = max(ended, ?) WHERE began = (SELECT max(began) FROM watched WHERE began <= ?) AND ended >= ?",
  );
  const began = database.prepare("INSERT OR IGNORE INTO watched (began, ended) VALUES (?, ?)");

  const seriesOf = (kind: Kind, of: string): number => {
    const cut = of.slice(0, longest);
    name.run(kind, cut);
    return Number((id.get(kind, cut) as { id: number }).id);
  };
  const bucket = (at: number, step: number) => at - (at % step);

  return {
    change(at: number, { name: check, status, since, sentence }: Change): void {
      changed.run(at, check.slice(0, longest), status, sentence.slice(0, longest));
      state.run(check.slice(0, longest), status, since);
    },
    /** Which cluster is the stack's, and which WAL is missing. Nothing is written where nothing changed. */
    known({ system, other, seen, unarchived }: Memory): void {
      const wanted = {
        ...{ system, other: other?.system, otherSince: other && String(other.since) },
        [seenKey]: seen && textOf(seen),
        [unarchivedKey]: JSON.stringify(unarchived),
      };
      for (const [of, to] of Object.entries(wanted)) known.run(of, to ?? "", to ?? "");
    },
    /** What a person accepted is done with. What they accepted meanwhile stays. */
    taken(accepted: Cluster): void {
      taken.run(acceptedKey, textOf(accepted));
    },
    /** The worst of each step counts: a lag of one minute is not hidden by the rest of its hour. */
    lag(points: readonly Point[]): void {
      for (const { name: standby, at, value } of points) {
        const series = seriesOf("lag", standby);
        for (const step of [steps.raw, steps.minute, steps.hour])
          most.run(series, step, bucket(at, step), value);
      }
    },
    /** The first size of each hour and of each day. */
    sizes(facts: StackFacts, at: number): void {
      // The agent's folders share a disk or not, so each has its own series.
      for (const { holds, bytes, free } of disksIn(facts))
        for (const part of holds.split(", "))
          first.run(seriesOf("disk", part), steps.hour, bucket(at, steps.hour), bytes - free);
      const databases = isUnknown(facts.primary) ? [] : (facts.primary.databases ?? []);
      const largest = databases.toSorted((a, b) => b.bytes - a.bytes).slice(0, mostDatabases);
      for (const { name: of, bytes } of largest)
        first.run(seriesOf("database", of), steps.day, bucket(at, steps.day), bytes);
    },
    records({ jobs, repositories }: AgentOverview): void {
      for (const { name: job, last, success } of jobs) {
        // The last good run may be an older one, of which only its times are known.
        for (const run of [last, success && { ...success, result: "success", detail: "" }]) {
          if (!run) continue;
          const times = [inSeconds(run.endedAt), inSeconds(run.startedAt)] as const;
          record.run(job, ...times, run.result, run.detail.slice(0, longest));
        }
      }
      for (const { repository, lastDrill } of repositories ?? []) {
        if (!lastDrill) continue;
        const { at, result, restore } = lastDrill;
        const figures = [restore?.seconds ?? null, restore?.bytes ?? null] as const;
        drill.run(repository, inSeconds(at), result, ...figures);
      }
    },
    /** The monitor looks until now. After a pause of three minutes it looks anew. */
    watched(at: number): void {
      if (longer.run(at, at, at - 180).changes === 0) began.run(at, at);
    },
  };
}

/** How far each standby is behind, where it is known. */
export function lagsIn(facts: StackFacts, at: number): Point[] {
  return Object.keys(facts.standbys).flatMap((name) => {
    const value = lagOfStandby(facts, name);
    return value === undefined ? [] : [{ name, at, value }];
  });
}

export type Writes = ReturnType<typeof writes>;

export const inSeconds = (iso: string): number => Math.floor(Date.parse(iso) / 1000);
