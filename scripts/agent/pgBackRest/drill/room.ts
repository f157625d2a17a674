import { statfs } from "node:fs/promises";
import { drillPaths } from "../../../../contract/pgBackRest";
import { amount } from "../../kit/figures";

/** The room of a file system, in bytes. */
export interface Room {
  free: number;
  size: number;
}

/** What a drill leaves free, a tenth within bounds: the primary or the repository may be on the same disk. */
const reserve = ({ size }: Room) => Math.min(Math.max(size / 10, 1e9), 10e9);

/** Why there is no room. Undefined: there is. */
export function roomProblem(needed: number, room: Room): string | undefined {
  const left = reserve(room);
  if (needed + left <= room.free) return undefined;
  return (
    `The drill needs ${amount(needed)} for the restored data and their WAL, and leaves ${amount(left)} free. ` +
    `The disk of its volume has ${amount(room.free)} free.`
  );
}

/** The room where drills restore. */
export async function freeRoom(): Promise<Room> {
  const { bavail, blocks, bsize } = await statfs(drillPaths.volume);
  return { free: bavail * bsize, size: blocks * bsize };
}
