import { statfs } from "node:fs/promises";
import { drillPaths } from "../../../../contract/pgBackRest";
import { amount } from "../../kit/figures";

const segmentBytes = 16 << 20;

/** WAL that is replayed goes again, after the next checkpoint that it holds. */
const walAtMost = 3 * 2 ** 30;

/** What else is written: segments that are fetched ahead, a log, sorts, the pages that a promotion changes. */
const besides = 2 ** 28;

/** The room that a drill needs, in bytes. */
export function roomNeeded(bytes: number, segments: number): number {
  return bytes + Math.min(segments * segmentBytes, walAtMost) + besides;
}

/** Why there is no room. Undefined: there is. */
export function roomProblem(needed: number, free: number): string | undefined {
  if (needed <= free) return undefined;
  return `The drill needs ${amount(needed)} for the restored data and their WAL, and its volume has ${amount(free)} free.`;
}

/** What is free where drills restore. */
export async function freeRoom(): Promise<number> {
  const { bavail, bsize } = await statfs(drillPaths.volume);
  return bavail * bsize;
}
