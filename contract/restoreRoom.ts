import { usualMaxWal } from "./walSize";

const segmentBytes = 16 * 2 ** 20;

/** What else is written: segments that are fetched ahead, a log, sorts, the pages that a promotion changes. */
const more = 2 ** 28;

/** What a restore writes. */
export interface Restored {
  /** The size of the data. */
  bytes: number;
  /** How many WAL segments are replayed. */
  segments: number;
  /** The primary's max_wal_size in MB. Default: the usual one. */
  maxWal?: number | undefined;
}

/**
 * The room that restored data need, in bytes. A replay keeps the WAL since the last checkpoint that it holds. The
 * primary makes one after max_wal_size of WAL at most, and a little later under load.
 */
export function restoreRoom({ bytes, segments, maxWal = usualMaxWal }: Restored): number {
  return bytes + Math.min(segments * segmentBytes, Math.ceil(maxWal * 1.1 * 2 ** 20)) + more;
}
