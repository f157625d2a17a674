/** A clock that is set right by seconds changes nothing. */
const TOLERANCE_MS = 60_000;

/** Whether a moment lies in the future: a clock was wrong when it was noted, or is wrong now. */
export function inFuture(moment: string | number, now: Date | number = Date.now()): boolean {
  return new Date(moment).getTime() > Number(now) + TOLERANCE_MS;
}

/** A time that has been, in milliseconds; 0 for one in the future. */
export const past = (at: number, now = Date.now()): number => (inFuture(at, now) ? 0 : at);
