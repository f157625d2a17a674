import { z } from "zod";

/** What a restore in place leaves on the volume of the primary's data. The primary's entry point knows these names. */
export const inPlaceFiles = {
  /** The primary's data. */
  live: "data",
  /** The restored data, before they take that name. */
  restoring: "data.restoring",
  /** The data from before the restore, until it is accepted or undone. */
  before: "data.before-restore",
  /** What is being deleted. Nobody uses it. */
  leaving: "data.leaving",
  /** Of a restore that overwrites: who may connect, and WAL that is in no repository. */
  kept: "restore.kept",
  /** How far the restore is. */
  journal: "restore.json",
} as const;

/** The steps of a restore in place, in the order in which the journal notes them. */
export const inPlacePhases = [
  /** The backup's files are being restored; the primary runs. */
  "restoring",
  /** They are complete beside the primary's data. */
  "restored",
  /** The primary is stopped, and the restored data take its place. */
  "swapping",
  /** With `--delta`: the primary is stopped, and its data are being overwritten. */
  "overwriting",
  /** The primary's folder holds the restored data, which replay their WAL. */
  "replaying",
  /** The primary takes writes; the standbys get new clones. */
  "following",
  /** All of it works, and the data from before are kept. */
  "restored-and-kept",
  /** Those are being deleted. */
  "accepting",
  /** The data from before are being put back. */
  "undoing",
  /** They are back; standbys and repositories are not. */
  "tidying",
] as const;

export type InPlacePhase = (typeof inPlacePhases)[number];

const timeline = z.int().min(1);
const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/);

/** What of a restore's plan another process needs: to go on with it, and to compare what it came to. */
export const plannedRestore = z.object({
  /** The state in words, such as a time. */
  target: z.string(),
  kind: z.enum(["latest", "immediate", "time", "xid", "lsn", "name"]),
  value: z.string().exactOptional(),
  repository: z.int().min(1),
  set: z.string(),
  timeline,
  bytes: z.number().min(0),
  /** The last segment that is read. */
  wal: z.string(),
  /** The last transaction that is known to be there. */
  reaches: lsn.exactOptional(),
  words: z.array(z.string()).min(1),
});

export type PlannedRestore = z.output<typeof plannedRestore>;

const journalSchema = z.object({
  version: z.literal(1),
  phase: z.enum(inPlacePhases),
  startedAt: z.iso.datetime(),
  /** The primary's data are overwritten, and nothing is kept. */
  delta: z.boolean(),
  /** What the operator asked for, to compare another call with it. */
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  plan: plannedRestore,
  /** Where the primary was when it was stopped. Absent before that. */
  left: z
    .object({
      timeline: timeline.exactOptional(),
      /** The last checkpoint. */
      lsn: lsn.exactOptional(),
    })
    .exactOptional(),
  /** The logins before the restore, with a few digits of a digest of what the server stores of each password. */
  logins: z.record(z.string(), z.string()).exactOptional(),
  /** Names of standbys that were stopped for it. */
  standbys: z.array(z.string()),
  /** Of those, the ones that could not be stopped, each with a sentence. Their data may hold rows that are undone. */
  away: z.record(z.string(), z.string()).exactOptional(),
  /** Why the restored server is not at the planned state. While it stands, nothing goes on from there. */
  problem: z.string().exactOptional(),
  /** What the restored server came to. */
  reached: z
    .object({
      lsn: lsn.exactOptional(),
      /** When its last transaction ended. */
      at: z.string().exactOptional(),
      /** The timeline that it opened. */
      timeline: timeline.exactOptional(),
    })
    .exactOptional(),
});

/** How far a restore in place is: a small file beside the primary's data. */
export type InPlaceJournal = z.output<typeof journalSchema>;

/** Reads a journal. Undefined: it is none, or of a newer release. */
export function readJournal(text: string): InPlaceJournal | undefined {
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
