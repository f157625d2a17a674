/** What PostgreSQL reads as one, in bytes. The case counts. */
const units: Readonly<Record<string, number>> = {
  B: 1,
  kB: 2 ** 10,
  MB: 2 ** 20,
  GB: 2 ** 30,
  TB: 2 ** 40,
};

/**
 * A value of `max_wal_size` or `min_wal_size` in whole MB, as PostgreSQL reads it: a number alone is in MB. Undefined:
 * PostgreSQL does not take it.
 */
export function walMegabytes(value: string): number | undefined {
  const [, number = "", unit = "MB"] =
    /^\s*\+?(0x[0-9a-f]+|\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)\s*(B|kB|MB|GB|TB)?\s*$/i.exec(value) ?? [];
  const bytes = units[unit];
  if (number === "" || bytes === undefined) return undefined;
  // A zero at the begin makes it octal.
  const read = /^0[0-7]+$/.test(number) ? Number.parseInt(number, 8) : Number(number);
  return Math.round((read * bytes) / 2 ** 20);
}

/** What parameters set max_wal_size to, in MB. Undefined: they leave it as it is. */
export function maxWalOf(all: Readonly<Record<string, string>> = {}): number | undefined {
  const [, value] = Object.entries(all).find(([name]) => /^max_wal_size$/i.test(name)) ?? [];
  return value === undefined ? undefined : walMegabytes(value);
}

/** What a managed primary has where nothing else is set, in MB. */
export const usualMaxWal = 4096;

/** PostgreSQL does not start with less than two WAL segments, in MB. */
export const leastWalSize = 32;
