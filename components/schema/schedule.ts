import { z } from "zod";
import type { Schedule as ParsedSchedule } from "../../contract/schedule";
import { BadSchedule, cronFields, shape, words } from "./cronFields";

/** When a job runs: cron's five fields, a word such as @hourly, or an interval. */
export const Schedule = z
  .string({ error: shape })
  .superRefine((schedule, context) => {
    try {
      cronFields(schedule);
    } catch (error) {
      if (!(error instanceof BadSchedule)) throw error;
      context.addIssue({ code: "custom", message: error.message });
    }
  })
  .meta({
    values: "five cron fields, a word such as `@hourly`, or an interval such as `@every 90m`",
  });

/** The form that everybody gets. @throws BadSchedule */
export function parseSchedule(text: string): ParsedSchedule {
  return { text, ...cronFields(text) };
}

/**
 * A schedule as mcuadros/ofelia 0.3.21 reads it: seconds come first, Sunday is 0 only, and five
 * fields would be taken for six without the last. On one point it is no cron: a time that summer
 * time skips is not run that day, and one that comes twice is run twice.
 *
 * @throws BadSchedule for what `Schedule` refuses
 */
export function toOfelia(schedule: string): string {
  const read = cronFields(schedule);
  if ("every" in read) return `@every ${read.every}s`;
  return words.has(schedule) ? schedule : ["0", ...read.fields].join(" ");
}
