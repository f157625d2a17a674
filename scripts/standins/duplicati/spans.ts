const seconds: Record<string, number> = {
  s: 1,
  m: 60,
  h: 3600,
  D: 86400,
  W: 7 * 86400,
  M: 30 * 86400,
  Y: 365 * 86400,
};

/** The milliseconds of a span such as `1M4D3m`; a number without a unit means seconds. */
export function spanMs(span: string): number {
  if (/^\d+$/.test(span)) return Number(span) * 1000;
  if (!/^(?:\d+[smhDWMY])+$/.test(span)) throw new Error(`not a span of time: ${span}`);
  const parts = [...span.matchAll(/(\d+)([smhDWMY])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * seconds[unit!]! * 1000, 0);
}

/** A time in the format of Duplicati's names and metadata: `20261121T030000Z`. */
export const stamp = (time: Date): string => time.toISOString().replace(/[-:]|\.\d+/g, "");

/** The time of such a stamp. */
export function timeOf(text: string): Date {
  const iso = text.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5");
  return new Date(iso);
}
