import { writeFileSync } from "node:fs";
import type { Unobserved } from "./observe";

/** The environment variable with the file that the program writes for the wrapper. Absent: nobody reads it. */
export const reportVariable = "LATERBASE_REPORT";

/** Why the primary could not be observed. */
export interface PrimaryReport {
  why: Unobserved;
  sentence: string;
}

/** Tells the wrapper, which would otherwise have to tell one warning from another by its words. */
export function reportPrimary(report: PrimaryReport, file = process.env[reportVariable]): void {
  if (file) writeFileSync(file, JSON.stringify(report), { mode: 0o600 });
}
