import { Marks, positionOf } from "./marks";
import type { Beat } from "./heartbeat";

/** How far a standby has replayed. */
export interface Replayed {
  beat?: Beat | undefined;
  /** A position in the WAL. */
  lsn?: string | undefined;
  /** When the last transaction that was replayed had been committed, by the primary's clock. */
  at?: string | undefined;
}

/** Tells by what was seen of the primary how long a standby is behind it. */
export class Lag {
  private readonly beats = new Marks();
  private readonly positions = new Marks();

  /**
   * Notes where the primary was at a moment of the monitor's own clock, which no one sets.
   *
   * @param now milliseconds
   */
  note(primary: { beat?: Beat | undefined; lsn?: string | undefined }, now: number): void {
    if (primary.beat) this.beats.add(primary.beat.beat, now);
    if (primary.lsn) this.positions.add(positionOf(primary.lsn), now);
  }

  /**
   * Seconds since the primary has had what the standby has not replayed. Null: it cannot be told.
   *
   * @param clock the primary's, now; undefined where it does not answer
   */
  of(standby: Replayed, now: number, clock: string | undefined): number | null {
    const { beat, lsn } = standby;
    const first = beat
      ? this.beats.firstBeyond(beat.beat)
      : lsn
        ? this.positions.firstBeyond(positionOf(lsn))
        : null;
    if (first === null) return null;
    if (first === undefined) return 0;
    const seen = (now - first.at) / 1000;
    if (!first.earlier) return rounded(seen);
    // Nothing older was seen, so what the standby has is the best witness. It may be older than what it lacks.
    const last = beat?.at ?? standby.at;
    if (last === undefined || clock === undefined) return rounded(seen);
    return rounded(Math.max(seen, (Date.parse(clock) - Date.parse(last)) / 1000));
  }
}

const rounded = (seconds: number) => Math.max(0, Math.round(seconds * 10) / 10);
