import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEvent, type StepEvent } from "../../scripts/wrapper/events";

/** Real previews, a file each: lines of the engine's log, shortened by `shortened`. */
export const recordings = join(__dirname, "../unit/wrapper/fixtures/previews");

/** The steps in a log of the engine. */
export function stepsOf(log: string): StepEvent[] {
  return log.split("\n").flatMap((line) => {
    const event = line.startsWith("{") ? parseEvent(line) : undefined;
    return event?.kind === "step" && event.phase === "begin" ? [event.step] : [];
  });
}

interface Logged {
  resourcePreEvent?: { metadata: { op: string; type: string } & Record<string, unknown> };
}

/** The lines of a log about what changes, and about the stack. What the words do not read is left out. */
export function shortened(log: string): string {
  return log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .flatMap((line): string[] => {
      const { resourcePreEvent } = JSON.parse(line) as Logged;
      if (!resourcePreEvent) return [];
      const { metadata } = resourcePreEvent;
      if (metadata.op === "same" && metadata.type !== "laterbase:index:Laterbase") return [];
      const [old, now] = ["old", "new"].map((key) => stateOf(metadata[key]));
      return [
        `${JSON.stringify({ resourcePreEvent: { metadata: { ...metadata, old, new: now } } })}\n`,
      ];
    })
    .join("");
}

function stateOf(state: unknown): unknown {
  if (typeof state !== "object" || state === null) return null;
  const { parent, protect, retainOnDelete, inputs } = state as Record<string, unknown>;
  return { parent, protect, retainOnDelete, inputs };
}

export function recordedTitles(): string[] {
  if (!existsSync(recordings)) return [];
  return readdirSync(recordings)
    .map((file) => file.replace(/\.jsonl$/, ""))
    .sort();
}

export function recorded(title: string): string {
  return readFileSync(join(recordings, `${title}.jsonl`), "utf8");
}

export function record(title: string, log: string): void {
  mkdirSync(recordings, { recursive: true });
  writeFileSync(join(recordings, `${title}.jsonl`), shortened(log));
}
