import type { CronFields } from "../../contract/schedule";

/** What a schedule means: an interval in seconds, or cron's five fields in numbers with Sunday as 0. */
type ReadSchedule = { every: number } | { fields: CronFields };

/** What is wrong with a schedule. The sentence follows the name of a key. */
export class BadSchedule extends Error {}

/** The words that stand for five fields. */
export const words: ReadonlyMap<string, string> = new Map([
  ["@hourly", "0 * * * *"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@weekly", "0 0 * * 0"],
  ["@monthly", "0 0 1 * *"],
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
]);

interface Field {
  what: string;
  place: string;
  min: number;
  max: number;
  /** In the order of their numbers, from `min`. */
  names?: readonly string[];
}

const fields: readonly Field[] = [
  { what: "minutes", place: "first", min: 0, max: 59 },
  { what: "hours", place: "second", min: 0, max: 23 },
  { what: "days of the month", place: "third", min: 1, max: 31 },
  {
    what: "months",
    place: "fourth",
    min: 1,
    max: 12,
    names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" "),
  },
  {
    what: "days of the week",
    place: "fifth",
    min: 0,
    max: 7,
    names: "sun mon tue wed thu fri sat".split(" "),
  },
];

export const shape = 'must be five cron fields such as "0 3 * * *" or a word such as @hourly';

/**
 * Reads a schedule in cron's own meaning, and refuses what cron programs read differently. cron-parser
 * cannot be the reader: it accepts what other crons read differently (`L`, `?`, `H`, six fields), its
 * errors name no field, and it returns lists of numbers, while Ofelia's file keeps `5-59/10` as it is.
 * It computes the times of a schedule, in the agent, from the fields that this reader has checked.
 *
 * @throws BadSchedule
 */
export function cronFields(schedule: string): ReadSchedule {
  const text = words.get(schedule) ?? schedule;
  if (/^@every\s/.test(text)) return { every: interval(text.slice("@every".length).trim()) };
  if (text.startsWith("@")) {
    throw new BadSchedule(`must be a word among ${[...words.keys()].join(", ")} or @every 1h30m`);
  }
  const parts = text.trim().split(/\s+/);
  if (parts.length === 6) throw new BadSchedule(`${shape}; seconds are none of them`);
  if (parts.length !== 5) throw new BadSchedule(shape);
  const read = fields.map((field, i) => numbers(field, parts[i] ?? ""));
  checkDays(read);
  return { fields: read as CronFields };
}

function interval(text: string): number {
  const [, hours = "0", minutes = "0", seconds = "0"] =
    /^(?=\d)(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,8})s)?$/.exec(text) ?? [];
  const every = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  if (every >= 1 && every <= 8784 * 3600) return every;
  throw new BadSchedule("must be an interval from 1s to 8784h, such as @every 1h30m");
}

/** One field with its names as numbers. */
function numbers(field: Field, text: string): string {
  const items = text.split(",").map((item) => range(field, item));
  if (items.length > 1 && items.some((item) => item.star)) {
    const advice = `write * alone or leave it out of ${text}`;
    throw new BadSchedule(`must not list * beside other ${field.what}; ${advice}`);
  }
  // Cron takes 7 for Sunday, and not every reader does: numbers up to 6 mean the same to all.
  if (field.max === 7 && items.some(({ high, star }) => !star && high === 7)) {
    const days = new Set(items.flatMap(expand).map((day) => day % 7));
    return [...days].sort().join(",");
  }
  return items.map(written).join(",");
}

interface Range {
  star: boolean;
  low: number;
  high: number;
  step: number;
}

function range(field: Field, text: string): Range {
  const [, base = "", low = "", high, step] =
    /^(\*|([a-z0-9]+)(?:-([a-z0-9]+))?)(?:\/(\d+))?$/i.exec(text) ?? [];
  if (base === "") throw new BadSchedule(outOf(field, text));
  const every = step === undefined ? 1 : Number(step);
  if (every < 1 || every > field.max) {
    const bounds = `from 1 to ${field.max} after the slash of its ${field.place} field`;
    throw new BadSchedule(`must have a step ${bounds}, not ${step}`);
  }
  if (base === "*") return { star: true, low: field.min, high: field.max, step: every };
  const from = numberOf(field, low, text);
  // A step after one number goes on to the end of the range, in every cron that takes it.
  const open = step === undefined ? from : field.max;
  const to = high === undefined ? open : numberOf(field, high, text);
  if (from > to) throw new BadSchedule(backwards(field, text, from, to));
  return { star: false, low: from, high: to, step: every };
}

function numberOf(field: Field, text: string, whole: string): number {
  const name = field.names?.indexOf(text.toLowerCase()) ?? -1;
  const number = name >= 0 ? name + field.min : /^\d+$/.test(text) ? Number(text) : NaN;
  if (number >= field.min && number <= field.max) return number;
  throw new BadSchedule(outOf(field, whole));
}

function outOf({ what, place, min, max, names }: Field, text: string): string {
  const [first, last] = [names?.[0], names?.at(-1)].map((name) => name?.toUpperCase());
  const bounds = `${what} from ${min} to ${max}${first ? ` or ${first} to ${last}` : ""}`;
  return `must have ${bounds} in its ${place} field, not ${JSON.stringify(text)}`;
}

function backwards({ what, min, max }: Field, text: string, from: number, to: number): string {
  const split = max === 7 ? (to === 0 ? `${from}-7` : `${from}-6,0-${to}`) : undefined;
  const advice = split ?? `${from}-${max},${min}-${to}`;
  return `must not have a range of ${what} that goes backwards; write ${advice} for ${text}`;
}

const expand = ({ low, high, step }: Range): number[] =>
  Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step);

function written({ star, low, high, step }: Range): string {
  const base = star ? "*" : low === high ? String(low) : `${low}-${high}`;
  return step === 1 || low === high ? base : `${base}/${step}`;
}

/** Refuses two fields of days that crons combine differently, and days that no month has. */
function checkDays([, , days = "", months = "", weekdays = ""]: string[]): void {
  const stepped = [days, weekdays].find((field) => field.startsWith("*/"));
  if (stepped && days !== "*" && weekdays !== "*") {
    // Some crons read */2 as "any" here and want both days to fit, others want one of them.
    throw new BadSchedule(
      "must not have a step after * in one field of days and numbers in the other, which crons " +
        "read differently; write the days, such as 1-31/2",
    );
  }
  const [day, month] = [listed(days, 1, 31), listed(months, 1, 12)];
  if (!month.some((one) => day.some((other) => other <= longest(one)))) {
    throw new BadSchedule(`must name a day that its months have; ${days} never comes`);
  }
}

function listed(field: string, min: number, max: number): number[] {
  return field.split(",").flatMap((item) => {
    const [base = "", step = "1"] = item.split("/");
    const [low = "", high = low] = base === "*" ? [String(min), String(max)] : base.split("-");
    return expand({ star: false, low: Number(low), high: Number(high), step: Number(step) });
  });
}

const longest = (month: number): number =>
  month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31;
