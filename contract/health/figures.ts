const units = ["B", "kB", "MB", "GB", "TB"];

/** `1.2 GB`: units of a thousand, two significant digits. */
export function bytes(number: number): string {
  return inUnits(number, 1000);
}

/** The same in PostgreSQL's units of 1024, for what its configuration sets: `10GB` there is `10 GB` here. */
export function serverBytes(number: number): string {
  return inUnits(number, 1024);
}

function inUnits(number: number, step: number): string {
  let [value, unit] = [number, 0];
  while (value >= step - 0.5 && unit < units.length - 1) {
    value /= step;
    unit++;
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}

/** A time span in the unit that people would use: `0.4 s`, `12 min`, `5 h`, `3 days`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  if (minutes < 120) return `${Math.floor(minutes)} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / 60 / 24)} days`;
}

/** Whole percent, rounded down: 100 only where all of it is used. */
export function percentOf(part: number, all: number): number {
  return all <= 0 ? 0 : Math.floor((part / all) * 100);
}
