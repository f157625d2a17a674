import type { Unproven } from "../../../../contract/drillRecord";
import { type DatabaseState, type Limit, limitOf } from "./contents";
import type { Marker } from "./marker";

/** What was read of a running server, to compare a restored one with. */
export interface SourceState {
  from: "standby" | "primary";
  marker: Marker;
  /** The LSN up to which the restored server replays. It then has the rows that were read. */
  target: string;
  databases: DatabaseState[];
  /** What of them could not be read, or was written meanwhile. */
  unproven: Unproven[];
  /** What is damaged on that server, one sentence each. */
  problems: string[];
  /** What the operator should know beyond that, one sentence each. */
  notes: string[];
}

/** How long the tables of a server may be read: replay on the standby is paused meanwhile. */
const readingSeconds = 600;

export const readingLimit = (): Limit => limitOf(readingSeconds);
