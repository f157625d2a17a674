export type Level = "ERROR" | "WARNING" | "NOTICE" | "DEBUG";

const colors: Record<Level, number> = { ERROR: 31, WARNING: 33, NOTICE: 32, DEBUG: 36 };

/** A line in Ofelia's format: time, place in Ofelia's source, level in colour, message. pino writes JSON. */
export function log(level: Level, place: string, message: string): void {
  process.stdout.write(
    `${localTime()} \x1b[${colors[level]}m ${place} ▶ ${level}\x1b[0m ${message}\n`,
  );
}

/** RFC 3339 with milliseconds, in the time zone of the process. */
function localTime(): string {
  const now = new Date();
  const minutes = -now.getTimezoneOffset();
  const text = new Date(now.getTime() + minutes * 60_000).toISOString().slice(0, -1);
  if (minutes === 0) return `${text}Z`;
  const two = (n: number) => String(Math.floor(Math.abs(n))).padStart(2, "0");
  return `${text}${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

/** A duration in Go's format, such as 1m2.5s or 350.2ms. */
export function goDuration(milliseconds: number): string {
  const decimal = (value: number, digits: number) => String(Number(value.toFixed(digits)));
  if (milliseconds < 1) return `${decimal(milliseconds * 1000, 3)}µs`;
  if (milliseconds < 1000) return `${decimal(milliseconds, 6)}ms`;
  const seconds = milliseconds / 1000;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${decimal(seconds - Math.floor(seconds / 60) * 60, 9)}s`;
  if (hours > 0) return `${hours}h${minutes}m${rest}`;
  return minutes > 0 ? `${minutes}m${rest}` : rest;
}

/** A quoted text, as Go's %q prints it. */
export const quoted = (text: string): string => JSON.stringify(text);
