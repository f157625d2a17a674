import type { Check, Verdict } from "./check";

/** What `GET /health` answers, and what `laterbase health --json` prints. */
export interface HealthReport {
  status: Verdict;
  /** ISO 8601, UTC, whole seconds. */
  timestamp: string;
  /** Whole hours since the newest backup or dump, as a text. `unknown` where there is none, or nobody could ask. */
  last_backup_age_hours: string;
  /** One sentence for each check that is neither good nor pending. */
  messages: string[];
  /** The verdict in one sentence. */
  sentence: string;
  checks: Check[];
}

/** The body of a report that a server of the stack sends: `POST /reports/<name>` on `healthPorts.reports`. */
export interface ServerReport {
  /** Of `laterbase-health`: the state of the supervisor, such as `running`, `degraded`, `stalled` or `blocked`. */
  state: string;
  detail: string;
  /** ISO 8601, or empty. */
  since: string;
  /** The file system of its data, in bytes. */
  disk: { bytes: number; free: number };
  /** How text is sorted there: absent where nothing is known. */
  collation?: unknown;
}
