import type { RepositoryResult } from "./backupRecord";
import type { BackupType } from "./pgBackRest";

/** What a drill proves, in its order. */
export const drillProofs = ["restore", "replay", "rows", "pages"] as const;

export type DrillProof = (typeof drillProofs)[number];

/** How one proof ended. */
export interface Proof {
  /** `unproven`: nothing is known to be wrong, and nothing was shown. */
  result: "proven" | "failed" | "unproven";
  /** One or a few sentences. */
  detail: string;
  seconds: number;
}

/** What a drill found in one repository. Sizes are in bytes, times are ISO 8601 in UTC. */
export interface DrillResult extends RepositoryResult {
  proofs: Record<DrillProof, Proof>;
  /** There was no room for the data, so the drill says nothing about the repository. */
  noRoom?: true;
  /** The backup that was restored. Absent when there was none. */
  backup?: { label: string; type: BackupType; endedAt: string; bytes: number };
  /** What was written on the primary after the backup, and its time there. */
  marker?: { name: string; lsn: string; at: string };
  /** The server whose rows are compared, and the LSN up to which was replayed. */
  source?: "standby" | "primary";
  targetLsn?: string;
  /** How long it takes until a server answers that has everything up to the target. */
  recovery?: { restoreSeconds: number; replaySeconds: number; segments: number; walBytes: number };
  loss?: DrillLoss;
  /** What is equal on both servers. */
  compared?: { databases: number; tables: number; rows: number };
  /** What was read in full: B-trees against their tables, pages against their checksums. */
  checked?: { indexes: number; pages: number };
  /** What this drill says nothing about: the first twenty, and how many there are. */
  unproven?: { count: number; first: Unproven[] };
}

/** What a loss of the primary costs. */
export interface DrillLoss {
  /** The last commit that was replayed. Absent: none came after the backup. */
  lastCommit?: string;
  /**
   * How old that commit was at the marker. Replay goes past the marker, so nothing that was committed before it is missing.
   * 0: the commit came after the marker.
   */
  seconds?: number;
  /** How old the newest WAL of the repository was when the drill began, before the drill sent more. */
  archiveAge?: number;
}

/** Something that a drill could not compare or check. */
export interface Unproven {
  /** Absent: it is about the whole server. */
  database?: string;
  /** A table with its schema, or "large objects". */
  name: string;
  why: string;
}

/** The proofs of a drill that did not get as far as any of them. */
export function unreached(why: string): DrillResult["proofs"] {
  const proof = (result: Proof["result"], detail: string): Proof => ({
    result,
    detail,
    seconds: 0,
  });
  const later = proof("unproven", "It was not reached.");
  return { restore: proof("failed", why), replay: later, rows: later, pages: later };
}
