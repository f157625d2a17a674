import type { Check, Judged } from "../../../../contract/health/check";
import type { StackFacts } from "../../../../contract/health/facts";

/** What the monitor knows at a moment. Each check says since when it is as it is. */
export interface Snapshot {
  /** ISO 8601. */
  at: string;
  facts: StackFacts;
  checks: Check[];
  judged: Judged;
}

/** Called after each look. What it throws is logged, and harms nothing else. */
export type Listener = (now: Snapshot, before: Snapshot | undefined) => void | Promise<void>;
