/** One measured figure: ours, and what the same costs without Laterbase. */
export interface Figure {
  measured: string;
  against: string;
  unit: string;
  ours: number;
  theirs: number;
  /** `ratio`: ours / theirs. `difference`: ours - theirs, in `unit`. */
  kind: "ratio" | "difference";
  limit: number;
  /** The results of all runs, which show the spread. */
  runs: { ours: number[]; theirs: number[] };
}

/** A measurement that can be chosen by its name. */
export interface Measurement {
  name: string;
  run: (options: Options) => Promise<Figure[]>;
}

export interface Options {
  /** Small data and few runs. They show that the bench works, and their figures prove nothing. */
  quick: boolean;
  say: (line: string) => void;
}

/** The number that is compared with the limit. */
export function value({ kind, ours, theirs }: Figure): number {
  return kind === "ratio" ? ours / theirs : ours - theirs;
}

export function holds(figure: Figure): boolean {
  // A comparison with NaN (0 / 0) is false, so a figure that could not be computed fails.
  return value(figure) <= figure.limit;
}

/** The middle value; of an even number of values, the mean of the two middle ones. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error("The median needs at least one value.");
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] as number;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] as number;
  return (lower + upper) / 2;
}

/** The smallest value that `percent` of all values do not exceed (nearest rank). */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) throw new Error("A percentile needs at least one value.");
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] as number;
}

/**
 * Runs both sides in turns, so that other load on the machine slows both. The side that starts
 * alternates, because the second side finds warm caches.
 */
export async function interleaved(
  count: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<Figure["runs"]> {
  const runs: Figure["runs"] = { ours: [], theirs: [] };
  for (let i = 0; i < count; i++) {
    const sides = [
      async () => runs.ours.push(await ours()),
      async () => runs.theirs.push(await theirs()),
    ];
    for (const side of i % 2 === 0 ? sides : sides.reverse()) await side();
  }
  return runs;
}
