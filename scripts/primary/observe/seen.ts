import { visible } from "../../../contract/visible";

/**
 * The sentence of a drift, with the time when it was seen. The state keeps the last one. Without its time, the same
 * change made again later would look like the one that was repaired, and its step would not run again.
 */
export function seenAt(sentence: string, now = new Date()): string {
  return `${visible(sentence)} (seen ${now.toISOString().replace(/\.\d+Z$/, "Z")})`;
}
