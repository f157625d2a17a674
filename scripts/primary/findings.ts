/** How much a finding of the preflight matters: it cannot work, it can hurt, it is good to know. */
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

/** What the preflight saw of a primary. */
export interface Report {
  /** Absent when the login is not a superuser's. */
  server?: { version: string; build: string; databases: number };
  findings: Finding[];
}

/** Reads what the preflight's script prints with `report`: one line of JSON. */
export function readReport(text: string): Report {
  return JSON.parse(text) as Report;
}
