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
  /** What an earlier stack had left there and was removed first, a sentence each. Absent where nobody asked for it. */
  removed?: string[];
}

/**
 * Reads what the preflight's script prints with `report`: one line of JSON. A login shell on the primary's machine
 * may print lines around it, which are nobody's finding.
 */
export function readReport(text: string): Report {
  for (const line of text.split("\n").filter((one) => one.startsWith("{"))) {
    try {
      const report = JSON.parse(line) as Partial<Report>;
      if (Array.isArray(report.findings)) return report as Report;
    } catch {
      // Not JSON, so it is not the report.
    }
  }
  throw new Error("the check of the primary printed no report");
}
