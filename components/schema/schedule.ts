import { z } from "zod";
import type { Schedule as ParsedSchedule } from "../../contract/schedule";
import { BadSchedule, cronFields, shape } from "./cronFields";

/**
 * When a job runs: cron's five fields, a word such as @hourly, or an interval. The text is read here
 * and nowhere else: the parser's output is the form that everybody gets.
 */
export const Schedule = z
  .string({ error: shape })
  .transform((text, context): ParsedSchedule => {
    try {
      return { text, ...cronFields(text) };
    } catch (error) {
      if (!(error instanceof BadSchedule)) throw error;
      context.issues.push({ code: "custom", message: error.message, input: text });
      return z.NEVER;
    }
  })
  .meta({
    values: "five cron fields, a word such as `@hourly`, or an interval such as `@every 90m`",
  });
