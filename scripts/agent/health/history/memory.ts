import type { DatabaseSync } from "node:sqlite";
import { type Cluster, isSameCluster } from "../../../../contract/health/acceptPrimary";
import { isUnknown, type StackFacts } from "../../../../contract/health/facts";
import type { Snapshot } from "../kit/snapshot";
import { clusterIn, seenKey } from "./acceptance";
import { type Change, gone, type State, verdictName } from "./tables";

/** What was last seen, whether or not the file has it. */
export interface Memory {
  states: Map<string, State>;
  /** The system identifier of the stack's primary, and another one that was seen there instead, since a moment. */
  system: string | undefined;
  other: { system: string; since: number } | undefined;
  /** The cluster that the primary was when it was last seen. */
  seen: Cluster | undefined;
  /** Since when the primary has written what is in no WAL of a repository, by its number. */
  unarchived: Record<string, string>;
}

/** Where the table `known` has since when WAL is in no repository. */
export const unarchivedKey = "unarchived";

type Known = Omit<Memory, "states">;
type System = Omit<Known, "unarchived">;

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
 * Which cluster is the stack's. The first that was seen is. Another one takes its place when a person accepted it; when
 * every standby follows it, so that it was cloned on purpose; without standbys, when it has been there for a day.
 */
function systemAfter(
  { system, other, seen: before }: System,
  facts: StackFacts,
  at: number,
  accepted?: Cluster,
): System {
  const seen = clusterOf(facts) ?? before;
  const now = isUnknown(facts.primary) ? undefined : facts.primary.systemIdentifier;
  if (now === undefined) return { system, other, seen };
  if (system === undefined || now === system) return { system: now, other: undefined, seen };
  const since = other?.system === now ? other.since : at;
  const standbys = Object.values(facts.standbys);
  const taken =
    (accepted !== undefined && seen !== undefined && isSameCluster(accepted, seen)) ||
    (standbys.length > 0
      ? standbys.every((one) => !isUnknown(one) && one.systemIdentifier === now)
      : at - since >= patience);
  return taken
    ? { system: now, other: undefined, seen }
    : { system, other: { system: now, since }, seen };
}

/** The cluster that the primary is. Undefined: it was not seen, or did not say. */
export function clusterOf({ primary }: StackFacts): Cluster | undefined {
  if (isUnknown(primary)) return undefined;
  const { systemIdentifier, timeline } = primary;
  return systemIdentifier === undefined || timeline === undefined
    ? undefined
    : { systemIdentifier, timeline };
}

/** What is known after a look, besides how each check is. */
export function knownAfter(
  before: Known,
  facts: StackFacts,
  at: number,
  accepted?: Cluster,
): Known {
  const { agent, unarchivedSince = {} } = facts;
  // An agent that does not say what the repositories have leaves it as it was.
  const isKnown = agent !== undefined && !isUnknown(agent) && agent.repositories !== undefined;
  const unarchived = isKnown ? unarchivedSince : before.unarchived;
  return { ...systemAfter(before, facts, at, accepted), unarchived };
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
    seen: clusterIn(database, seenKey),
    unarchived: JSON.parse(known.get(unarchivedKey) ?? "{}") as Memory["unarchived"],
  };
}
