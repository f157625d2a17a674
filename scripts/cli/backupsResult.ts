import type { ListedRepository } from "../../contract/agentReplies";
import type { RestoredServer } from "./restore/besideLook";

/** What `list-backups --json` prints. */
export interface BackupsResult {
  repositories: ListedRepository[];
  /** What a restore beside the primary has left. Absent: nothing, or the engine did not answer. */
  restored?: ListedRestored;
  /** What a restore in place waits for, in one sentence. Absent: there is none, or the engine did not answer. */
  inPlace?: string;
}

/** What there is of a restore beside the primary. */
export interface ListedRestored {
  /** `unfinished`: a run is at work, or was killed. `data`: a volume whose container is gone. */
  state: "running" | "stopped" | "unfinished" | "data";
  /** All of it in words, with the command that removes it. */
  sentence: string;
  /** Where it is and what it holds. Present when it runs or is stopped. */
  server?: RestoredServer;
}
