/** How much a finding of the preflight matters: it cannot work, it can hurt, it is good to know. */
export type Level = "block" | "warn" | "note";

export interface Finding {
  level: Level;
  /** Its name, for programs: `fsync`. */
  id: string;
  finding: string;
  /** Empty where the finding says it all in one sentence, as what blocks does. */
  means: string;
  /** What to do; more lines only where they are to be copied. */
  todo: string;
}

/** What the preflight saw of a primary. */
export interface Report {
  /** Absent where whoever asked is no superuser. */
  server?: { version: string; build: string; databases: number };
  findings: Finding[];
}

/** Reads what the preflight's script prints with `report`. */
export function readReport(text: string): Report {
  const report: Report = { findings: [] };
  for (const line of text.split("\n").filter(Boolean)) {
    const [level = "", id = "", finding = "", means = "", todo = ""] = line.split("\x1f");
    if (level === "server") {
      report.server = { version: id, build: finding, databases: Number(means) };
    } else {
      const lines = todo.split("\x1e").join("\n");
      report.findings.push({ level: level as Level, id, finding, means, todo: lines });
    }
  }
  return report;
}
