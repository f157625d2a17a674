import { inFuture } from "../../../contract/clock";
import type { Check } from "../../../contract/health/check";
import { disksTogether } from "../../../contract/health/checks";
import {
  isUnknown,
  type PrimaryFacts,
  type Seen,
  type StackFacts,
  type Unknown,
} from "../../../contract/health/facts";
import { bytes, duration, percentOf, serverBytes } from "../../../contract/health/figures";
import type { StatusResult } from "../results";
import { age as span, moment } from "../terminal/format";
import { table } from "../terminal/table";
import { poolTable } from "./poolText";

/** The verdict first, then what is wrong, then everything that is known. */
export function statusText({ stack, at, verdict, sentence, checks, facts }: StatusResult): string {
  const wrong = checks.filter(({ status }) => status !== "good" && status !== "pending");
  return [
    `${verdict.toUpperCase()}: ${sentence}`,
    `Stack ${stack}, ${moment(at)}`,
    ...(wrong.length > 0 ? [problems(wrong)] : []),
    table([
      ["WHAT", "STATUS", ""],
      ...checks.map(({ name, status, sentence: said }) => [name, status, said]),
    ]),
    databases(facts),
    replication(facts),
    slots(facts.primary),
    ...(facts.pooler ? [poolTable(facts.pooler)] : []),
    ...agentTables(facts),
    disks(facts),
    running(facts),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** `12 min ago`, or `in the future`: a clock was wrong. */
function ago(then: string, now: Date): string {
  if (inFuture(then, now)) return "in the future";
  const since = span(then, now);
  return since === "now" ? since : `${since} ago`;
}

const why = ({ unknown }: Unknown) => `unknown: ${unknown}`;

/** What is wrong, each with the command that helps. */
export function problems(wrong: readonly Check[]): string {
  return wrong
    .flatMap(({ name, status, sentence, command }) => [
      `${status === "failed" ? "FAILED  " : status === "degraded" ? "DEGRADED" : "UNKNOWN "}  ${name}: ${sentence}`,
      ...(command ? [`          next: ${command}`] : []),
    ])
    .join("\n");
}

function databases({ at, primary, agent }: StackFacts): string {
  const known = agent && !isUnknown(agent) ? agent : undefined;
  const dumps = known?.dumps;
  const sized = isUnknown(primary) ? undefined : primary.databases;
  const names = [
    ...new Set([
      ...(sized ?? []).map(({ name }) => name),
      ...(dumps?.newest ?? []).map((one) => one.database),
    ]),
  ];
  const missing = isUnknown(primary) ? why(primary) : "unknown: the sizes did not come in time";
  if (names.length === 0) return table([["DATABASE"], [missing]]);
  // By the clock that dated them.
  const now = new Date(known?.at ?? at);
  const rows = names.map((name) => {
    const one = sized?.find((database) => database.name === name);
    const dump = dumps?.newest.find(({ database }) => database === name);
    return [
      ...[name, one ? bytes(one.bytes) : "unknown", one ? String(one.clients) : "unknown"],
      ...(dumps ? [dump ? `${ago(dump.takenAt, now)} (${bytes(dump.bytes)})` : "none"] : []),
    ];
  });
  const head = ["DATABASE", "SIZE", "CLIENTS", ...(dumps ? ["NEWEST DUMP"] : [])];
  return [table([head, ...rows]), ...(sized ? [] : [missing])].join("\n");
}

function replication({ primary, standbys, slots: bySlot }: StackFacts): string {
  const rows = Object.entries(standbys).map(([name, standby]) => {
    const replica = isUnknown(primary)
      ? undefined
      : primary.replicas.find(({ slot }) => slot === bySlot[name]);
    const behind = isUnknown(primary)
      ? [why(primary), ""]
      : [
          replica?.bytes == null ? "unknown: nothing streams to it" : bytes(replica.bytes),
          replica?.seconds == null ? "" : duration(replica.seconds),
        ];
    const state = isUnknown(standby)
      ? why(standby)
      : !standby.inRecovery
        ? "promoted"
        : standby.paused
          ? "replay is paused"
          : standby.streaming
            ? "streaming"
            : "not streaming";
    return [name, state, ...behind];
  });
  return rows.length === 0 ? "" : table([["STANDBY", "STATE", "BEHIND", ""], ...rows]);
}

function slots(primary: Seen<PrimaryFacts>): string {
  if (isUnknown(primary) || primary.slots.length === 0) return "";
  const rows = primary.slots.map(({ name, active, status, bytes: kept, limit }) => [
    ...[name, active ? "yes" : "NO", status ?? "", kept === null ? "" : serverBytes(kept)],
    ...(limit === null ? ["none", ""] : [serverBytes(limit), `${percentOf(kept ?? 0, limit)} %`]),
  ]);
  return table([["SLOT", "USED", "WAL", "KEEPS", "LIMIT", ""], ...rows]);
}

function agentTables({ agent }: StackFacts): string[] {
  if (!agent) return [];
  if (isUnknown(agent)) return [table([["JOB"], [why(agent)]])];
  // By the clock that dated them.
  const now = new Date(agent.at);
  const jobs = agent.jobs.map(({ name, last, next, schedule, due }) => [
    name,
    last ? ago(last.endedAt, now) : "never",
    last ? (last.result === "success" ? "good" : last.result.toUpperCase()) : "",
    next ? moment(next) : `after ${moment(due)}`,
    schedule,
  ]);
  const repositories = (agent.repositories ?? []).map((one) => [
    String(one.repository),
    one.lastBackup ? `${one.lastBackup.label} (${ago(one.lastBackup.at, now)})` : "none",
    one.newestWal ? ago(one.newestWal.at, now) : "none",
    one.lastDrill
      ? `${one.lastDrill.result === "success" ? "good" : "FAILED"}, ${ago(one.lastDrill.at, now)}`
      : "none",
    one.problem ? `unknown: ${one.problem}` : "",
  ]);
  return [
    jobs.length === 0 ? "" : table([["JOB", "LAST", "", "NEXT", "SCHEDULE"], ...jobs]),
    repositories.length === 0
      ? ""
      : table([["REPOSITORY", "NEWEST BACKUP", "NEWEST WAL", "LAST DRILL", ""], ...repositories]),
    agent.dumps ? `${agent.dumps.count} dumps are kept.` : "",
  ];
}

function disks(facts: StackFacts): string {
  const rows = disksTogether(facts).map(({ holds, bytes: all, free }) => [
    ...[holds, bytes(all), bytes(free), `${percentOf(free, all)} %`],
  ]);
  return rows.length === 0 ? "" : table([["DISK OF", "SIZE", "FREE", ""], ...rows]);
}

function running({ primary, agent, at }: StackFacts): string {
  const now = new Date(at);
  const server = isUnknown(primary) ? [] : primary.running;
  const own = agent === undefined || isUnknown(agent) ? undefined : agent;
  const rows = [
    ...(own?.running ?? []).map(({ name, since }) => [
      ...[name, "agent", span(since, new Date(own!.at))],
    ]),
    ...server.map(({ what, database, since, percent }) => [
      ...[percent === null ? what : `${what} (${percent} %)`, database ?? "primary"],
      since === null ? "" : span(since, now),
    ]),
  ];
  const silent = [
    ...(isUnknown(primary) ? ["the primary"] : []),
    ...(agent !== undefined && isUnknown(agent) ? ["the agent"] : []),
  ].join(" and ");
  const known = rows.length === 0 ? "" : table([["RUNS NOW", "WHERE", "FOR"], ...rows]);
  if (silent === "") return known === "" ? "Nothing runs now." : known;
  return [known, `What runs now is unknown of ${silent}.`].filter(Boolean).join("\n");
}
