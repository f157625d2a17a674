import { type Level, levels } from "./flags";

let least: Level = "INFO";

export function setLevel(level: Level): void {
  least = level;
}

/** A line in the text format of Go's slog, as the original writes it; pino writes JSON. */
export function log(level: Level, msg: string, fields: Record<string, string | number> = {}): void {
  if (levels.indexOf(level) < levels.indexOf(least)) return;
  const all = Object.entries({ time: new Date().toISOString(), level, msg, ...fields });
  process.stdout.write(
    `${all.map(([key, value]) => `${key}=${plainOrQuoted(value)}`).join(" ")}\n`,
  );
}

function plainOrQuoted(value: string | number): string {
  const text = String(value);
  return /^[^\s"=\p{Cc}]+$/u.test(text) ? text : JSON.stringify(text);
}
