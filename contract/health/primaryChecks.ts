import { inFuture } from "../clock";
import { clusterCheckName } from "./acceptPrimary";
import type { Advice, Check, Thresholds } from "./check";
import { type ArchiverFacts, isUnknown, type PrimaryFacts, type StackFacts } from "./facts";
import { duration, percentOf } from "./figures";
import { secondsOf } from "./jobChecks";
import { needsPerson, notSeen, reported, supervisorCheck } from "./notSeen";
import { shellQuote } from "../quoting";

/** What the primary says of itself. */
export function primaryChecks(
  { primary, managed, standbys, agent }: StackFacts,
  advice: Advice,
  thresholds: Thresholds,
): Check[] {
  const name = "primary";
  if (isUnknown(primary)) {
    const { report } = primary;
    // A primary never gets a new clone.
    const seen = report?.state === "blocked" ? { ...report, state: "stalled" } : report;
    const check = notSeen(name, seen ? { ...primary, report: seen } : primary, advice);
    if (managed !== false) return [check];
    // The Mac of an editor sleeps at night, and what needs it goes on when it is back. No container of ours has its log.
    const status = primary.down ? "degraded" : check.status;
    return [{ name, status, sentence: check.sentence }];
  }
  return [
    stateCheck(primary, managed === false ? undefined : advice),
    ...connectionsCheck(primary, advice, thresholds),
    ...(primary.lacking ?? []).map((database) => lackingCheck(database, agent && advice)),
    ...(primary.archiver
      ? [archivingCheck(primary.archiver, waitsSince(primary, agent), advice, thresholds)]
      : []),
    ...clusterCheck(primary, Object.keys(standbys), advice),
    ...transactionCheck(primary, advice, thresholds),
    ...driftCheck(primary, advice),
    ...(hasJustStarted(primary) ? [] : supervisorCheck(name, primary.report, advice)),
  ];
}

/** Its supervisor's first report comes a while after a start. */
const hasJustStarted = ({ startedAt, clock }: PrimaryFacts) =>
  clock !== undefined && Date.parse(clock.server) - Date.parse(startedAt) < 60_000;

function stateCheck(
  { inRecovery, connections: { used, most }, report }: PrimaryFacts,
  advice: Advice | undefined,
): Check {
  const name = "primary";
  const logs = advice ? { command: advice.operator("logs primary") } : {};
  if (report && !isUnknown(report) && needsPerson(report))
    return { name, status: "failed", sentence: reported(report), ...logs };
  if (inRecovery) {
    const sentence = "It is in recovery, so it takes no writes.";
    return { name, status: "failed", sentence, ...logs };
  }
  const sentence = `It answers; ${used} of ${most} connections are used.`;
  return { name, status: "good", sentence };
}

/** Nothing of ours makes it on an external primary. What was in it may be in a dump. */
const lackingCheck = (database: string, advice: Advice | undefined): Check => ({
  ...{ name: `database ${database}`, status: "degraded" },
  sentence: "The configuration names it, and the primary has no such database.",
  ...(advice ? { command: advice.operator(`list-dumps ${plainWord(database)}`) } : {}),
});

/** Only where few are left: how many are used says the check of the primary. */
function connectionsCheck(
  { connections: { used, most } }: PrimaryFacts,
  { operator }: Advice,
  { connectionsPercent }: Thresholds,
): Check[] {
  const percent = percentOf(used, most);
  if (percent < connectionsPercent) return [];
  return [
    {
      name: "connections",
      status: "degraded",
      sentence: `${used} of ${most} connections of the primary are used.`,
      ...{ value: percent, unit: "percent", threshold: connectionsPercent },
      command: operator("status"),
    },
  ];
}

function archivingCheck(
  archiver: ArchiverFacts,
  waits: number,
  { operator }: Advice,
  { walAgeMinutes }: Thresholds,
): Check {
  const name = "archiving";
  const { lastFailedAt, lastArchivedAt } = archiver;
  if (lastFailedAt === null || !isFailing(archiver)) {
    // An attempt that hangs does not fail.
    if (waits >= walAgeMinutes * 60) {
      return {
        ...{ name, status: "failed", command: operator("check") },
        sentence: `WAL has waited for ${duration(waits)} to be archived, and no attempt has failed: the primary keeps what is not archived, and its disk fills.`,
        ...{ value: Math.round(waits), unit: "seconds", threshold: walAgeMinutes * 60 },
      };
    }
    const sentence = lastArchivedAt === null ? "No WAL was archived yet." : "WAL is archived.";
    return { name, status: "good", sentence };
  }
  return {
    ...{ name, status: "failed", since: lastFailedAt },
    sentence:
      "The last attempt to archive WAL failed: the primary keeps what is not archived, and its disk fills.",
    command: operator("check"),
  };
}

/**
 * For how many seconds finished WAL has waited and none was archived: a backlog shrinks while its oldest segment is old.
 * While the primary was down nothing could archive it.
 */
function waitsSince(
  { startedAt, archiver, clock }: PrimaryFacts,
  agent: StackFacts["agent"],
): number {
  if (agent === undefined || isUnknown(agent)) return 0;
  const { since } = agent.waitingWal ?? {};
  if (since === undefined) return 0;
  const now = clock?.server ?? agent.at;
  const archived = archiver?.lastArchivedAt ?? null;
  // A clock that was ahead hides no hang.
  const idle =
    archived === null || inFuture(archived, Date.parse(now)) ? Infinity : secondsOf(archived, now);
  return Math.min(secondsOf(since, agent.at), secondsOf(startedAt, agent.at), idle);
}

/** A segment is tried again until it is archived. Its name counts too: a clock that was ahead hides later failures. */
function isFailing(archiver: ArchiverFacts): boolean {
  const { lastFailedAt, lastArchivedAt, lastFailedWal, lastArchivedWal } = archiver;
  const [failed, archived] = [lastFailedWal ?? "", lastArchivedWal ?? ""];
  const byName = segment.test(failed) && segment.test(archived) && failed > archived;
  return byName || (lastFailedAt !== null && (lastArchivedAt ?? "") < lastFailedAt);
}

const segment = /^[0-9A-F]{24}$/;

/** Whether it is the cluster that this stack knew. Nothing is said where nobody remembers one. */
function clusterCheck(
  { systemIdentifier, timeline, before }: PrimaryFacts,
  standbys: readonly string[],
  { operator }: Advice,
): Check[] {
  if (!before || systemIdentifier === undefined || timeline === undefined) return [];
  const name = clusterCheckName;
  // What shows that the new one is meant: a standby that follows it, or a person who says so.
  const [first] = standbys;
  const command = operator(first ? `rebuild ${first}` : "accept-primary");
  if (systemIdentifier !== before.systemIdentifier) {
    const accept = first
      ? `the command clones ${first} anew: what ${first} holds of the former one is lost.`
      : "accept it by the command.";
    const sentence = `The primary is another cluster than before: its system identifier is ${systemIdentifier} and was ${before.systemIdentifier}. Standbys and backups belong to the former one. If the new one is not meant, bring the former one back. If it is, ${accept}`;
    return [{ name, status: "failed", sentence, command }];
  }
  if (timeline < before.timeline) {
    const sentence = `The primary was set back: it is on timeline ${timeline} and was on ${before.timeline}.`;
    return [{ name, status: "failed", sentence, command }];
  }
  return [{ name, status: "good", sentence: `It is the same cluster, on timeline ${timeline}.` }];
}

function transactionCheck(
  { transactionAge }: PrimaryFacts,
  { operator }: Advice,
  { transactionAgePercent }: Thresholds,
): Check[] {
  if (!transactionAge) return [];
  const { age, limit, database } = transactionAge;
  const percent = percentOf(age, limit);
  const high = percent >= transactionAgePercent;
  const shell = operator(`shell ${plainWord(database)}`);
  return [
    {
      name: "transaction ids",
      status: percent >= 90 ? "failed" : high ? "degraded" : "good",
      sentence: high
        ? `${percent} % are used in the database "${database}". At 100 % the primary refuses to write.`
        : `${percent} % are used; the most in the database "${database}".`,
      ...{ value: percent, unit: "percent", threshold: transactionAgePercent },
      ...(high
        ? { command: `echo 'VACUUM (FREEZE)' | ${shell.replace("run ", "run --silent ")}` }
        : {}),
    },
  ];
}

/** `up` first: it may change what waits. A restart last: it puts in force what somebody may not have meant. */
function driftCheck(
  { drift, waiting = [], changedOwn = [] }: PrimaryFacts,
  { up, operator }: Advice,
): Check[] {
  if (!drift) return [];
  const name = "settings of the primary";
  const found = [...drift];
  let command = drift.length > 0 ? up : undefined;
  if (changedOwn.length > 0) {
    found.push(
      `Somebody changed what Laterbase sets itself, and a restart would put it in force: ${changedOwn.join(", ")}. ALTER SYSTEM RESET takes it back.`,
    );
    const resets = changedOwn.map((one) => `ALTER SYSTEM RESET ${one}; `).join("");
    const shell = operator("shell postgres").replace("run ", "run --silent ");
    command ??= `echo '${resets}SELECT pg_reload_conf()' | ${shell}`;
  }
  if (waiting.length > 0) {
    found.push(`These wait for a restart, which puts them in force: ${waiting.join(", ")}.`);
    command ??= operator("restart-primary");
  }
  if (command === undefined)
    return [{ name, status: "good", sentence: "They are as the stack wants them." }];
  return [{ name, status: "degraded", sentence: found.join(" "), command }];
}

/** A name that may stand in a command: quoted unless it is a plain word. */
export const plainWord = (name: string) =>
  /^[\w./-]+$/.test(name) && !name.startsWith("-") ? name : shellQuote(name);
