/** How many are kept: more than three hours of looks, before older ones get coarser. */
const most = 2048;

/** A position that a server had reached, and when that was seen, in milliseconds of one clock. */
interface Mark {
  position: bigint;
  at: number;
}

/**
 * Remembers when positions were reached, so that it can be told for how long another server has not reached them. A
 * position is a beat of the heartbeat, or one in the WAL.
 */
export class Marks {
  private marks: Mark[] = [];

  add(position: bigint, at: number): void {
    const last = this.marks.at(-1);
    // A server that was set back begins anew.
    if (last && position < last.position) this.marks = [];
    if (last?.position === position) return;
    this.marks.push({ position, at });
    if (this.marks.length > most)
      this.marks = this.marks.filter((_, index) => index % 2 === 0 || index > most / 2);
  }

  /**
   * When the first position was reached that is beyond this one. Undefined: none is. `earlier`: it was the first that
   * was seen, so there may be earlier ones.
   */
  firstBeyond(position: bigint): { at: number; earlier: boolean } | undefined {
    const index = this.marks.findIndex((mark) => mark.position > position);
    return index < 0 ? undefined : { at: this.marks[index]!.at, earlier: index === 0 };
  }

  /** When the first position was seen after this moment. Undefined: none was. */
  firstAfter(at: number): number | undefined {
    // The first mark of all was reached at some time before it was seen.
    return this.marks.slice(1).find((mark) => mark.at > at)?.at;
  }
}

/** A position in the WAL such as `1/2AF00D0` as a number. */
export function positionOf(lsn: string): bigint {
  const [high = "0", low = "0"] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}
