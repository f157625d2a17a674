import { positionOf } from "../segments";

/** Segments are of 16 MB, as in `segments.ts`. */
const segmentBits = 24n;

/** An LSN such as `0/5000098` as a number. */
export function lsnOf(text: string): bigint {
  const [high = "", low = ""] = text.split("/");
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`);
}

/** Whether one LSN lies before another. */
export const isBefore = (a: string, b: string): boolean => lsnOf(a) < lsnOf(b);

/** The number of the segment that holds an LSN. */
export const segmentAt = (lsn: string): number => Number(lsnOf(lsn) >> segmentBits);

/** The name of a segment. */
export function segmentName(timeline: number, number: number): string {
  const hex = (value: number) => value.toString(16).toUpperCase().padStart(8, "0");
  return hex(timeline) + hex(Math.floor(number / 0x100)) + hex(number % 0x100);
}

/** The LSN at which the segment after this one begins. */
export function endOfSegment(segment: string): string {
  const end = BigInt(positionOf(segment).number + 1) << segmentBits;
  const hex = (value: bigint) => value.toString(16).toUpperCase();
  return `${hex(end >> 32n)}/${hex(end & 0xffffffffn)}`;
}
