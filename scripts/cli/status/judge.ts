import {
  type Advice,
  type Check,
  type CheckStatus,
  judged,
  type Judged,
} from "../../../contract/health/check";
import { checksOf } from "../../../contract/health/checks";
import { isUnknown, type Seen } from "../../../contract/health/facts";
import type { HealthReport } from "../../../contract/health/report";
import { judge } from "../parts/verdict";
import type { Judgement, Stack, Verdict } from "../parts/judgement";
import { operator } from "../parts/judgement";
import type { KnownOutputs } from "../stack/outputs";
import { upCommand } from "../stack/outputs";
import type { Collected } from "./collect";

/** A stack's checks and what they mean together. */
export interface Assessed extends Judged {
  checks: Check[];
}

/**
 * Judges what was collected: the containers as `npm start` does at its end, and the rest as the monitor does. Where it
 * answers, its own checks count: another look at the same things would now and then say something else. Where it does
 * not, or there is none, the facts are judged by the same checks.
 */
export function assess(stack: string, plain: KnownOutputs, collected: Collected): Assessed {
  const { looks, facts, monitor } = collected;
  const advice: Advice = { operator: (words) => operator(words, stack), up: upCommand(stack) };
  const containers = judge(looks, stackOf(stack, plain)).map(checkOf);
  const seen = monitor && looked(monitor);
  const answered = seen && !isUnknown(seen) ? seen.checks : undefined;
  const checks = merged(containers, [
    ...(answered ?? checksOf(facts, advice, plain.health?.thresholds)),
    ...(seen && isUnknown(seen)
      ? [
          {
            ...{ name: "health", status: "unknown" as const, sentence: seen.unknown },
            command: advice.operator("logs health"),
          },
        ]
      : []),
  ]);
  return { ...judged(checks), checks };
}

/** A report without checks is that of a monitor that has not looked: what it does not name is not good. */
function looked(monitor: Seen<HealthReport>): Seen<HealthReport> {
  return isUnknown(monitor) || monitor.checks.length > 0 ? monitor : { unknown: monitor.sentence };
}

/**
 * Whether nothing that the monitor calls bad is bad in this look, which is newer, and nothing else is. A monitor that has
 * just started has not looked yet.
 */
export function isBehind(stack: string, plain: KnownOutputs, collected: Collected): boolean {
  const { monitor, ...look } = collected;
  if (!monitor || isUnknown(monitor)) return false;
  const bad = monitor.checks.filter(isBad);
  const own = assess(stack, plain, look).checks;
  const seen = new Set(own.map(({ name }) => name));
  // Only the monitor knows how a disk grows.
  const isOver = ({ name, unit }: Check) => unit !== "days" && seen.has(name);
  const isNews = bad.length > 0 || monitor.checks.length === 0;
  return isNews && bad.every(isOver) && !own.some(isBad);
}

const isBad = ({ status }: Check) => status !== "good" && status !== "pending";

function stackOf(name: string, { primary }: KnownOutputs): Stack {
  const external = primary && primary.container === undefined;
  return { name, ...(external ? { external: { host: primary.host, port: primary.port } } : {}) };
}

const statusOf: Readonly<Record<Judgement, CheckStatus>> = {
  good: "good",
  pending: "pending",
  degraded: "degraded",
  waiting: "degraded",
  failed: "failed",
};

function checkOf({ name, judgement, sentence, next }: Verdict): Check {
  const said = sentence === "" ? "It runs." : `${sentence[0]!.toUpperCase()}${sentence.slice(1)}`;
  return {
    ...{ name, status: statusOf[judgement], sentence: said.replace(/[.\s]*$/, ".") },
    ...(next ? { command: next } : {}),
  };
}

const order: readonly CheckStatus[] = ["good", "pending", "unknown", "degraded", "failed"];

/**
 * One check for each name: the worse of the two. Of two that are as bad as each other, the one by the facts, which
 * measured something.
 */
export function merged(containers: readonly Check[], byFacts: readonly Check[]): Check[] {
  const known = new Map(containers.map((check) => [check.name, check]));
  for (const check of byFacts) {
    const other = known.get(check.name);
    if (!other || order.indexOf(check.status) >= order.indexOf(other.status))
      known.set(check.name, check);
  }
  return [...known.values()];
}
