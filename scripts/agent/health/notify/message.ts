import { createHash } from "node:crypto";
import type { Check, CheckStatus, Verdict } from "../../../../contract/health/check";

/** What is said to people when something changes. */
export interface Message {
  /** The same for each attempt to send it, so that a receiver can drop what it has already. */
  id: string;
  event: "change" | "reminder" | "test";
  stack: string;
  /** ISO 8601. */
  at: string;
  verdict: Verdict;
  /** The verdict of the message before. Absent: there was none. */
  was?: Verdict;
  /** The verdict in one sentence. */
  sentence: string;
  /** What changed, the worst first. Of a reminder: everything that is not good. */
  checks: Changed[];
  /** How many more there are. */
  more: number;
  /** What else is not good, and was said before. */
  others: Pick<Check, "name" | "status">[];
  /** How many messages this one stands for, and the time of the first. Absent: it stands for itself. */
  instead?: { messages: number; since: string };
}

/** A check that changed. `since` is when it stopped being good. */
export interface Changed extends Check {
  /** What the message before said. */
  was: CheckStatus;
  /** How long it was not good. Only of one that is good again. */
  lastedSeconds?: number;
  /** It changed so often that its next changes wait until it has been the same for a while. */
  unsteady?: true;
}

/** So many checks are in a message. */
export const mostChecks = 50;

const order: readonly CheckStatus[] = ["failed", "degraded", "unknown", "pending", "good"];

export const isGood = (status: CheckStatus): boolean => status === "good" || status === "pending";

/** The worse of two comes first. */
export const byGravity = (a: { status: CheckStatus }, b: { status: CheckStatus }): number =>
  order.indexOf(a.status) - order.indexOf(b.status);

/** A message with its identity, and with no more checks than a person reads. */
export function messageOf(parts: Omit<Message, "id" | "more"> & { more?: number }): Message {
  const { checks, others, more = 0, ...rest } = parts;
  const message = {
    ...rest,
    checks: [...checks].sort(byGravity).slice(0, mostChecks),
    more: more + Math.max(0, checks.length - mostChecks),
    others: [...others].sort(byGravity).slice(0, mostChecks),
  };
  const id = createHash("sha256").update(JSON.stringify(message)).digest("hex").slice(0, 24);
  return { id, ...message };
}

/** One message for two, of which the first did not arrive: how it was before both, and how it is now. */
export function together(first: Message, then: Message): Message {
  const changed = new Map(first.checks.map((check) => [check.name, check]));
  for (const check of then.checks) {
    const before = changed.get(check.name);
    changed.set(check.name, before ? { ...check, was: before.was } : check);
  }
  const was = first.was;
  return messageOf({
    ...{ stack: then.stack, at: then.at, verdict: then.verdict, sentence: then.sentence },
    event: first.event === "reminder" && then.event === "reminder" ? "reminder" : "change",
    ...(was ? { was } : {}),
    checks: [...changed.values()],
    more: Math.max(first.more, then.more),
    others: then.others.filter(({ name }) => !changed.has(name)),
    instead: {
      messages: (first.instead?.messages ?? 1) + (then.instead?.messages ?? 1),
      since: first.instead?.since ?? first.at,
    },
  });
}
