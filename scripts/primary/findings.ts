/** How much a finding of the preflight matters: a standby cannot work, it can do harm, or it is only a note. */
export type Level = "block" | "warn" | "note";

export interface Finding {
  level: Level;
  /** Its name, for programs: `fsync`. */
  id: string;
  finding: string;
  /** Empty when the finding says everything in one sentence, as those that block do. */
  means: string;
  /** What to do; more lines only where they are to be copied. */
  todo: string;
}

/** What the preflight found on a primary. */
export interface Report {
  /** Absent when the login is not a superuser's. */
  server?: { version: string; build: string; databases: number };
  findings: Finding[];
}

/** Reads what the preflight's script prints with `report`: one line of JSON. */
export function readReport(text: string): Report {
  return JSON.parse(text) as Report;
}
