import type { Check, CheckStatus } from "../../../contract/health/check";

const order: readonly CheckStatus[] = ["good", "pending", "unknown", "degraded", "failed"];
const badness = (status: CheckStatus) => order.indexOf(status);

/**
 * Makes one line of the checks of all looks. What gets worse counts at once. What gets better counts when two looks in a
 * row say so, so that a value around its threshold is one fault and not fifty.
 */
export class Settled {
  private last = new Map<string, Check>();
  /** The names of those that the look before saw better than they count. */
  private better = new Set<string>();

  /** @param known since when a check was so at the end of the last run of the monitor */
  constructor(private readonly known: (name: string, status: CheckStatus) => string | undefined) {}

  settle(checks: readonly Check[], at: string): Check[] {
    const better = new Set<string>();
    const now = merged(checks);
    const kept = [...this.last.values()].flatMap((before): Check[] => {
      const check = now.get(before.name);
      const isBetter = badness(check?.status ?? "good") < badness(before.status);
      // A first result that came is no fault that went.
      if (!isBetter || before.status === "pending" || this.better.has(before.name)) return [];
      better.add(before.name);
      return [before];
    });
    for (const before of kept) now.set(before.name, before);
    this.better = better;
    const settled = [...now.values()].map((check) => this.dated(check, at));
    this.last = new Map(settled.map((check) => [check.name, check]));
    return settled;
  }

  /** As long as a check stays as it is, it is so since the same moment: the first that is known. */
  private dated(check: Check, at: string): Check {
    const before = this.last.get(check.name);
    const known =
      before?.status === check.status
        ? before.since
        : before === undefined
          ? this.known(check.name, check.status)
          : undefined;
    return { ...check, since: earlier(known, check.since) ?? at };
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
