import type { Advice, Check, Thresholds } from "./check";
import { isUnknown, type ServerIdentity, type StackFacts } from "./facts";
import { duration } from "./figures";
import { notSeen } from "./notSeen";

const day = 86_400_000;

/** What else of the stack has to answer. */
export function serviceChecks({ services }: StackFacts, advice: Advice): Check[] {
  return Object.entries(services ?? {}).map(([name, seen]) =>
    isUnknown(seen)
      ? notSeen(name, seen, advice)
      : { name, status: "good", sentence: "It accepts connections." },
  );
}

/** What the monitor itself cannot do. What it can do makes no noise. */
export function ownChecks(
  { historyProblem, undelivered = [] }: StackFacts,
  { operator }: Advice,
): Check[] {
  const checks: Check[] = [];
  if (historyProblem !== undefined) {
    const sentence = `The monitor keeps no history: ${historyProblem.replace(/[.\s]*$/, ".")}`;
    const command = operator("logs health");
    checks.push({ name: "history", status: "degraded", sentence, command });
  }
  if (undelivered.length > 0) {
    const which = undelivered.map(({ target, code }) => `${target} (${code})`).join(", ");
    const sentence = `Messages do not arrive at ${which}.`;
    // A ping of no run would look like one to its service, so the test sends none.
    const command = operator(
      undelivered.every(({ ping }) => ping) ? "logs health" : "notify --test",
    );
    checks.push({ name: "messages", status: "degraded", sentence, command });
  }
  return checks;
}

/** What is only wrong after some time. */
export function ageChecks(
  { at, certificates, imageBuiltAt }: StackFacts,
  { up }: Advice,
  { certificateDays, imageDays }: Thresholds,
): Check[] {
  const now = Date.parse(at);
  const certified = Object.entries(certificates ?? {}).map(([of, { until }]): Check => {
    const name = `certificate of ${of}`;
    const left = Math.floor((Date.parse(until) - now) / day);
    const date = until.slice(0, 10);
    const measured = { value: left, unit: "days", threshold: certificateDays } as const;
    if (left < 0) {
      const sentence = `It expired on ${date}.`;
      return { name, status: "failed", sentence, ...measured, command: up };
    }
    const sentence = `It is valid until ${date}.`;
    return left < certificateDays
      ? { name, status: "degraded", sentence, ...measured, command: up }
      : { name, status: "good", sentence, ...measured };
  });
  return [...certified, ...(imageBuiltAt ? [imageCheck(imageBuiltAt, now, imageDays)] : [])];
}

function imageCheck(builtAt: string, now: number, threshold: number): Check {
  const days = Math.max(0, Math.floor((now - Date.parse(builtAt)) / day));
  const name = "images";
  const measured = { value: days, unit: "days", threshold } as const;
  const date = builtAt.slice(0, 10);
  if (days < threshold) {
    const sentence = `Their packages are of ${date}.`;
    return { name, status: "good", sentence, ...measured };
  }
  const sentence = `Their packages are of ${date}, so they lack the repairs of ${duration(days * 86_400)}. A new version of Laterbase has new ones.`;
  return { name, status: "degraded", sentence, ...measured, command: "git pull" };
}

/** Each server's clock against the monitor's, by the middle of the question. */
export function clockChecks(
  { primary, standbys }: StackFacts,
  { clockSeconds }: Thresholds,
): Check[] {
  const servers = { primary, ...standbys };
  return Object.entries(servers).flatMap(([name, seen]) =>
    isUnknown(seen) ? [] : clockCheck(name, seen, clockSeconds),
  );
}

function clockCheck(of: string, { clock }: ServerIdentity, threshold: number): Check[] {
  if (!clock) return [];
  const apart = (Date.parse(clock.server) - Date.parse(clock.monitor)) / 1000;
  if (Math.abs(apart) <= threshold) return [];
  return [
    {
      name: `clock of ${of}`,
      status: "degraded",
      sentence: `It is ${duration(Math.abs(apart))} ${apart > 0 ? "ahead of" : "behind"} the monitor's, so times and points in time cannot be trusted. The command sets the clock of the machine on which it is run: choose the wrong one.`,
      ...{ value: Math.round(Math.abs(apart)), unit: "seconds", threshold },
      command: setClock,
    },
  ];
}

/** No command of ours sets a machine's clock. */
export const setClock = "sudo timedatectl set-ntp true";
