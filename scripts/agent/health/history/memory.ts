import type { DatabaseSync } from "node:sqlite";
import { isUnknown, type StackFacts } from "../../../../contract/health/facts";
import type { Snapshot } from "../kit/snapshot";
import { type Change, gone, type State, verdictName } from "./tables";

/** What was last seen, whether or not the file has it. */
export interface Memory {
  states: Map<string, State>;
  /** The system identifier of the stack's primary, and another one that was seen there instead, since a moment. */
  system: string | undefined;
  other: { system: string; since: number } | undefined;
}

/** How bad each status is: of two checks with one name, the worse counts. */
const badness = ["good", "pending", "unknown", "degraded", "failed"];

/** How everything is in a snapshot, by name. A check that is not made any more is `gone`. */
export function statesIn(
  { at, checks, judged }: Snapshot,
  before: ReadonlyMap<string, State>,
): Map<string, Change> {
  const found = new Map<string, Change>();
  const add = (name: string, status: string, sentence: string, since?: string) => {
    const old = before.get(name);
    const kept = old?.status === status ? old.since : at;
    found.set(name, { name, status, sentence, since: since ?? kept });
  };
  add(verdictName, judged.verdict, judged.sentence);
  for (const { name, status, sentence, since } of checks) {
    const rival = found.get(name);
    if (rival && badness.indexOf(rival.status) >= badness.indexOf(status)) continue;
    add(name, status, sentence, since);
  }
  for (const [name, { status }] of before)
    if (!found.has(name) && status !== gone) add(name, gone, "");
  return found;
}

/** What is otherwise than the file has it. */
export function changesIn(
  now: ReadonlyMap<string, Change>,
  stored: ReadonlyMap<string, State>,
): Change[] {
  return [...now.values()].filter(({ name, status }) => stored.get(name)?.status !== status);
}

/** After which time another cluster is the stack's own where no standby says so: a day. */
const patience = 24 * 3600;

/**
 * Which cluster is the stack's. The first that was seen is. Another one takes its place when every standby follows it,
 * so that it was cloned on purpose; without standbys, when it has been there for a day.
 */
export function systemAfter(
  { system, other }: Memory,
  facts: StackFacts,
  at: number,
): Pick<Memory, "system" | "other"> {
  const seen = isUnknown(facts.primary) ? undefined : facts.primary.systemIdentifier;
  if (seen === undefined) return { system, other };
  if (system === undefined || seen === system) return { system: seen, other: undefined };
  const since = other?.system === seen ? other.since : at;
  const standbys = Object.values(facts.standbys);
  const taken =
    standbys.length > 0
      ? standbys.every((one) => !isUnknown(one) && one.systemIdentifier === seen)
      : at - since >= patience;
  return taken ? { system: seen, other: undefined } : { system, other: { system: seen, since } };
}

/** What the last run knew. */
export function memoryIn(database: DatabaseSync): Memory {
  const rows = database
    .prepare("SELECT name, status, since FROM states")
    .all() as unknown as (State & { name: string })[];
  const known = new Map(
    (
      database.prepare("SELECT name, value FROM known").all() as { name: string; value: string }[]
    ).map(({ name, value }) => [name, value]),
  );
  const [other, since] = [known.get("other"), known.get("otherSince")];
  return {
    states: new Map(rows.map(({ name, status, since: from }) => [name, { status, since: from }])),
    system: known.get("system"),
    other: other && since ? { system: other, since: Number(since) } : undefined,
  };
}
