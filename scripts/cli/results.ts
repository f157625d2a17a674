import type { Check, Verdict } from "../../contract/health/check";
import type { PoolerFacts, StackFacts } from "../../contract/health/facts";
import type { LogLine } from "./servers/logs";
import type { KnownOutputs } from "./stack/outputs";

/** What `status --json` prints. */
export interface StatusResult {
  stack: string;
  /** ISO 8601. */
  at: string;
  verdict: Verdict;
  sentence: string;
  checks: Check[];
  facts: StackFacts;
}

/** What `pools --json` prints. */
export interface PoolsResult extends PoolerFacts {
  pooler: string;
}

/** What `logs --json` prints. */
export interface LogsResult {
  role: string;
  container: string;
  /** The oldest first. */
  lines: LogLine[];
}

/** What `connections --json` prints: by database, and there by way. */
export type ConnectionsResult = NonNullable<KnownOutputs["connections"]>;

/** Something that `doctor` found. */
export interface DoctorFinding {
  /** `note`: nothing has to be done. */
  level: "failed" | "degraded" | "unknown" | "note";
  /** Where it was found: in the running parts, on the primary, in what `up` looks at first, or by the preflight. */
  area: "parts" | "drift" | "looks" | "preflight";
  name: string;
  sentence: string;
  /** What to do: a command, or a sentence that has one. */
  command?: string;
}

/** What `doctor --json` prints. */
export interface DoctorResult {
  stack: string;
  verdict: Verdict;
  /** The worst first. */
  findings: DoctorFinding[];
}

/** What `completion --json` prints. */
export interface CompletionResult {
  shell: "bash" | "zsh";
  script: string;
}
