import type { Check, CheckStatus, Verdict } from "../../../../contract/health/check";
import { unseen } from "../../../../contract/health/unseen";
import { inFuture } from "../../../../contract/clock";
import type { Snapshot } from "../kit/snapshot";
import { byGravity, type Changed, isGood, type Message, messageOf } from "./message";

/** What people were told last. It is kept over a restart. */
export interface Told {
  verdict?: Verdict;
  /** When there was a message last. */
  at?: string;
  /** What they know to be not good, by the check's name. */
  problems: Record<string, { status: CheckStatus; since: string }>;
  /** When they were told of a change of a check, in the last hour. */
  changes: Record<string, string[]>;
  /** What a check that changes too often is now, and since when. */
  unsteady: Record<string, { status: CheckStatus; since: string }>;
}

export const nothingTold: Told = { problems: {}, changes: {}, unsteady: {} };

const reminderMs = 24 * 3_600_000;
/** A check that changes more often than this in an hour waits until it has been the same for a quarter of one. */
const mostChanges = 6;
const changesMs = 3_600_000;
const steadyMs = 15 * 60_000;

/** What a look means for people: the message, if there is one, and what they know then. */
export function changesOf(
  stack: string,
  told: Told,
  { at, facts, checks, judged }: Snapshot,
): { told: Told; message?: Message } {
  const now = Date.parse(at);
  const seen = worstByName(checks);
  const next: Told = {
    ...told,
    problems: { ...told.problems },
    changes: recently(told.changes, now),
    unsteady: {},
  };
  const changed: Changed[] = [];
  for (const name of new Set([...seen.keys(), ...Object.keys(told.problems)])) {
    const check = seen.get(name);
    // A check that is made only where something is wrong is absent when it is good. It is absent, too, where nobody could
    // look and no history has it: then nothing is known of it.
    if (!check && unseen(name, facts) !== undefined) continue;
    const known = told.problems[name];
    const status = !check || isGood(check.status) ? "good" : check.status;
    const was = known?.status ?? "good";
    if (status === was) continue;
    const before = next.changes[name] ?? [];
    if (before.length >= mostChanges && !isSteady(told.unsteady[name], status, now)) {
      next.unsteady[name] = heldSince(told.unsteady[name], status, at);
      continue;
    }
    next.changes[name] = [...before, at];
    const since = known?.since ?? earlier(check?.since, at);
    if (status === "good") delete next.problems[name];
    else next.problems[name] = { status, since };
    changed.push({
      ...(check ?? { name, sentence: "It is good again." }),
      ...{ status, was, since },
      ...(status === "good" ? { lastedSeconds: secondsBetween(since, at) } : {}),
      ...(before.length + 1 >= mostChanges ? { unsteady: true } : {}),
    });
  }
  const names = new Set(changed.map(({ name }) => name));
  const bad = [...seen.values()].filter(({ status }) => !isGood(status));
  const remind = isReminderDue(told, at);
  // Where all is well the reminder is done, too: a new target has missed nothing.
  if (remind && bad.length === 0 && Object.keys(next.problems).length === 0) next.at = at;
  if (changed.length === 0 && (bad.length === 0 || !remind)) return { told: next };
  const message = messageOf({
    ...{ stack, at, verdict: judged.verdict, sentence: judged.sentence },
    event: changed.length > 0 ? "change" : "reminder",
    ...(told.verdict ? { was: told.verdict } : {}),
    checks:
      changed.length > 0
        ? changed
        : bad.map((check) => ({ ...check, was: check.status, since: sinceOf(next, check, at) })),
    others: changed.length > 0 ? bad.filter(({ name }) => !names.has(name)).map(brief) : [],
  });
  return { told: { ...next, verdict: judged.verdict, at }, message };
}

const brief = ({ name, status }: Check) => ({ name, status });

const sinceOf = ({ problems }: Told, { name, since }: Check, at: string) =>
  problems[name]?.since ?? earlier(since, at);

/** A clock that was wrong may have noted a time that is still to come. */
const earlier = (since: string | undefined, at: string) =>
  since === undefined || !(Date.parse(since) <= Date.parse(at)) ? at : since;

const secondsBetween = (since: string, at: string) =>
  Math.max(0, Math.round((Date.parse(at) - Date.parse(since)) / 1000));

/** Of two checks with one name, the worse one. */
function worstByName(checks: readonly Check[]): Map<string, Check> {
  const byName = new Map<string, Check>();
  for (const check of [...checks].sort(byGravity)) {
    if (!byName.has(check.name)) byName.set(check.name, check);
  }
  return byName;
}

function recently(changes: Told["changes"], now: number): Told["changes"] {
  const kept = Object.entries(changes).map(([name, times]) => {
    const left = times.filter((at) => Date.parse(at) > now - changesMs && !inFuture(at, now));
    return [name, left] as const;
  });
  return Object.fromEntries(kept.filter(([, times]) => times.length > 0));
}

const isSteady = (held: Told["unsteady"][string] | undefined, status: CheckStatus, now: number) =>
  held?.status === status && now - Date.parse(held.since) >= steadyMs;

const heldSince = (held: Told["unsteady"][string] | undefined, status: CheckStatus, at: string) =>
  held?.status === status && Date.parse(held.since) <= Date.parse(at)
    ? held
    : { status, since: at };

/** A day after the last message. */
function isReminderDue({ at: last }: Told, at: string): boolean {
  if (last === undefined) return false;
  // The clock was wrong when the last message was noted.
  if (inFuture(last, Date.parse(at))) return true;
  return Date.parse(at) - Date.parse(last) >= reminderMs;
}
