import { inFuture } from "../../../contract/clock";
import type { Check, CheckStatus } from "../../../contract/health/check";

const order: readonly CheckStatus[] = ["good", "pending", "unknown", "degraded", "failed"];
const badness = (status: CheckStatus) => order.indexOf(status);
const isBad = ({ status }: Check) => badness(status) >= badness("unknown");

/** For so long after a start a look may know less: a supervisor reports each 15 s, and a message needs its time. */
const startMs = 60_000;

/** What a look could see of a check, by the check's name. */
export interface Sight {
  /** Why a check that is missing could not be made. Undefined: nothing hindered it. */
  unseen: (name: string) => string | undefined;
  /** Whether a monitor that has just started may not know it yet. */
  early: (name: string) => boolean;
}

const everything: Sight = { unseen: () => undefined, early: () => false };

/**
 * Makes one line of the checks of all looks. What gets worse counts at once. What gets better counts when two looks in a
 * row say so, so that a value around its threshold is one fault and not fifty. A fault that nobody can see any more is
 * unknown.
 */
export class Settled {
  private last: Map<string, Check>;
  /** The names of those that the look before saw better than they count. */
  private better = new Set<string>();
  /** What is unknown now, as it was when it was seen last. */
  private readonly hidden = new Map<string, Check>();
  /** The faults of the last run that no look of this one could judge yet. */
  private readonly left: Set<string>;
  private readonly begun: number;

  /**
   * @param known since when a check was so at the end of the last run of the monitor
   * @param left what was not good then
   * @param clock milliseconds
   */
  constructor(
    private readonly known: (name: string, status: CheckStatus) => string | undefined,
    left: readonly Check[] = [],
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.last = new Map(left.map((check) => [check.name, check]));
    this.left = new Set(this.last.keys());
    this.begun = clock();
  }

  settle(checks: readonly Check[], at: string, sight: Sight = everything): Check[] {
    this.forgetLeft(checks, sight);
    const better = new Set<string>();
    const now = merged(checks);
    const seen = [...now.keys()];
    const kept = [...this.last.values()].flatMap((before): Check[] => {
      const check = now.get(before.name);
      const isBetter = badness(check?.status ?? "good") < badness(before.status);
      if (isBetter && this.left.has(before.name)) return [before];
      const blind = check ? undefined : this.blind(before, sight);
      if (blind) return [blind];
      // A first result that came is no fault that went.
      if (!isBetter || before.status === "pending" || this.better.has(before.name)) return [];
      better.add(before.name);
      return [before];
    });
    for (const check of kept) now.set(check.name, check);
    this.better = better;
    const settled = [...now.values()].map((check) => this.dated(check, at));
    this.last = new Map(settled.map((check) => [check.name, check]));
    for (const name of seen) this.hidden.delete(name);
    for (const name of this.hidden.keys()) if (!now.has(name)) this.hidden.delete(name);
    return settled;
  }

  /** A fault of the last run is as any other one, once a look could judge it. */
  private forgetLeft(checks: readonly Check[], { unseen, early }: Sight): void {
    const isNew = this.clock() - this.begun < startMs;
    const made = new Set(checks.map(({ name }) => name));
    for (const name of this.left) {
      const isKept = isNew && (early(name) || (!made.has(name) && unseen(name) !== undefined));
      if (!isKept) this.left.delete(name);
    }
  }

  /** What stands for a fault that cannot be seen now. Undefined: it went, or there was none. */
  private blind(before: Check, { unseen }: Sight): Check | undefined {
    const { name, status, sentence } = before;
    if (!isBad(before)) return undefined;
    const why = unseen(name);
    if (why === undefined) return undefined;
    if (status === "unknown") return before;
    this.hidden.set(name, before);
    return {
      ...{ name, status: "unknown" },
      sentence: `It could not be looked at: ${why}. Before, it was ${status}: ${sentence}`,
    };
  }

  /** As long as a check stays as it is, it is so since the same moment: the first that is known. */
  private dated(check: Check, at: string): Check {
    const before = this.last.get(check.name);
    const hidden = this.hidden.get(check.name);
    const known =
      before?.status === check.status
        ? before.since
        : hidden?.status === check.status
          ? hidden.since
          : before === undefined
            ? this.known(check.name, check.status)
            : undefined;
    const since = earlier(known, check.since) ?? at;
    // A clock was ahead when it was noted.
    return { ...check, since: inFuture(since, Date.parse(at)) ? at : since };
  }
}

const earlier = (one: string | undefined, other: string | undefined) =>
  one === undefined || other === undefined
    ? (one ?? other)
    : Date.parse(one) <= Date.parse(other)
      ? one
      : other;

/** One check for each name: the worst. */
function merged(checks: readonly Check[]): Map<string, Check> {
  const found = new Map<string, Check>();
  for (const check of checks) {
    const rival = found.get(check.name);
    if (!rival || badness(check.status) > badness(rival.status)) found.set(check.name, check);
  }
  return found;
}
