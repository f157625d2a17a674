import { readFileSync } from "node:fs";
import { join } from "node:path";
import { defaultThresholds } from "../../contract/health/check";

/** A row of the table of faults in docs/health-checks.md. */
export interface DocumentedFault {
  fault: string;
  /** The name of its check. `<…>` stands for any text. */
  check: RegExp;
  /** How soon it is named, as the page says it: numbers of seconds and names of thresholds, added up. */
  within: string;
}

/** Every fault that the page promises a bound for. */
export function documentedFaults(): DocumentedFault[] {
  const page = readFileSync(join(__dirname, "../../docs/health-checks.md"), "utf8");
  const [, section = ""] = page.split("\n## Faults that are tried\n");
  const rows = section
    .split("\n## ")[0]!
    .split("\n")
    .filter((line) => line.startsWith("| "));
  return rows.slice(2).map((row) => {
    const [fault, check, , within] = row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
    const pattern = check!.replace(/`/g, "").replace(/<[^>]+>/g, ".+");
    return { fault: fault!, check: new RegExp(`^${pattern}$`), within: within! };
  });
}

/** The row of a fault. */
export function documentedFault(fault: string): DocumentedFault {
  const found = documentedFaults().find((one) => one.fault === fault);
  if (!found) throw new Error(`docs/health-checks.md has no row for this fault: ${fault}`);
  return found;
}

/**
 * The bound of a fault in seconds.
 *
 * @param own thresholds of the stack that are not the defaults, and the `interval` of the job
 */
export function boundOf({ within }: DocumentedFault, own: Record<string, number> = {}): number {
  const known: Record<string, number> = { ...defaultThresholds, ...own };
  const parts = within.split(" + ").map((part) => {
    const seconds = /^(\d+) s$/.exec(part)?.[1] ?? known[part.replace(/`/g, "")];
    if (seconds === undefined) throw new Error(`docs/health-checks.md: what is "${part}"?`);
    return Number(seconds);
  });
  return parts.reduce((all, one) => all + one, 0);
}
