import type { Check } from "../../../contract/health/check";
import type { Finding, Report } from "../../primary";
import type { DoctorFinding } from "../results";
import type { DriftNow } from "./drift";
import type { LookedNow } from "./looks";

/** What the parts of the examination said. One that could not be made says why. */
export interface Examined {
  checks: readonly Check[] | { unknown: string };
  drift: DriftNow | { unknown: string };
  looks: LookedNow | undefined | { unknown: string };
  preflight: Report | { unknown: string };
}

/** The commands that findings name. */
export interface Commands {
  up: string;
  preview: string;
  doctor: string;
  preflight: string;
}

const order: readonly DoctorFinding["level"][] = ["failed", "degraded", "unknown", "note"];

/** What was found, the worst first, each once and with what to do. */
export function findings(examined: Examined, commands: Commands): DoctorFinding[] {
  const { checks, drift, looks, preflight } = examined;
  const all: DoctorFinding[] = [
    ...unless(checks, "parts", commands.up, (known) => known.flatMap(ofCheck)),
    ...unless(drift, "drift", commands.preview, ({ changed, unseen }) => [
      ...Object.entries(changed).map(([step, sentence]) => ({
        level: "degraded" as const,
        ...{ area: "drift" as const, name: step, sentence: ended(sentence), command: commands.up },
      })),
      ...unseen.map((sentence) => unknown("drift", "primary", sentence, commands.doctor)),
    ]),
    ...unless(looks, "looks", commands.preview, ({ refused, unseen }) => [
      ...refused.map((sentence) => ({
        level: "failed" as const,
        ...{ area: "looks" as const, name: "up", sentence: ended(sentence), command: commands.up },
      })),
      ...unseen.map((sentence) => unknown("looks", "up", sentence, commands.doctor)),
    ]),
    ...unless(preflight, "preflight", commands.preflight, (report) =>
      report.findings.map(ofFinding),
    ),
  ];
  // The same engine or primary that is away is one cause, whatever misses it.
  const seen = new Set<string>();
  const once = all.filter(({ name, sentence }) => {
    const key = `${name} ${sentence}`;
    return !seen.has(key) && seen.add(key);
  });
  return once.sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

function unless<T>(
  part: T | undefined | { unknown: string },
  area: DoctorFinding["area"],
  command: string,
  found: (part: T) => DoctorFinding[],
): DoctorFinding[] {
  if (part === undefined) return [];
  if (typeof part === "object" && part !== null && "unknown" in part) {
    return [unknown(area, area, part.unknown, command)];
  }
  return found(part);
}

function unknown(
  area: DoctorFinding["area"],
  name: string,
  sentence: string,
  command: string,
): DoctorFinding {
  return { level: "unknown", area, name, sentence: ended(sentence), command };
}

function ofCheck({ name, status, sentence, command }: Check): DoctorFinding[] {
  if (status === "good" || status === "pending") return [];
  return [{ level: status, area: "parts", name, sentence, ...(command ? { command } : {}) }];
}

const levels: Readonly<Record<Finding["level"], DoctorFinding["level"]>> = {
  block: "failed",
  warn: "degraded",
  note: "note",
};

function ofFinding({ level, id, finding, means, todo }: Finding): DoctorFinding {
  const sentence = [finding, means].filter(Boolean).map(ended).join(" ");
  const does = todo !== "" && !todo.startsWith("Nothing");
  return {
    level: levels[level],
    area: "preflight",
    name: id,
    sentence,
    ...(does ? { command: todo } : {}),
  };
}

const ended = (sentence: string) => sentence.replace(/[.\s]*$/, ".");
