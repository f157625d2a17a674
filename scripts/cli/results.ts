import type { Check, Verdict } from "../../contract/health/check";
import type { PoolerFacts, StackFacts } from "../../contract/health/facts";

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
