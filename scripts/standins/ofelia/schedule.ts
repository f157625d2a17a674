/** The next whole second after `after` at which a job is due; undefined if it is never due. */
export type Schedule = (after: Date) => Date | undefined;

/** A moment in local time. */
export interface Wall {
  month: number;
  day: number;
  weekday: number;
  hour: number;
  minute: number;
  second: number;
}

/** In the time zone of the process, which TZ sets. */
const local = (time: Date): Wall => ({
  month: time.getMonth() + 1,
  day: time.getDate(),
  weekday: time.getDay(),
  hour: time.getHours(),
  minute: time.getMinutes(),
  second: time.getSeconds(),
});

const words = new Map([
  ["@yearly", "0 0 0 1 1 *"],
  ["@annually", "0 0 0 1 1 *"],
  ["@monthly", "0 0 0 1 * *"],
  ["@weekly", "0 0 0 * * 0"],
  ["@daily", "0 0 0 * * *"],
  ["@midnight", "0 0 0 * * *"],
  ["@hourly", "0 0 * * * *"],
]);

/**
 * Reads a schedule as robfig/cron 1.2.0 does: seconds come first and the day of the week is optional, so
 * cron's five fields have another meaning here. cron-parser cannot replace it: it reads five fields as
 * standard cron, accepts 7 as Sunday, and restricts days differently for a step after a star.
 * In a comparison with the library over a year the runs were the same, except in zones that change at
 * midnight or by half an hour, where the library loses whole days.
 *
 * @throws Error with the library's text
 */
export function parseSchedule(spec: string, wall: (time: Date) => Wall = local): Schedule {
  const every = /^@every (.*)$/.exec(spec);
  if (every) return constantDelay(parseDuration(every[1] ?? ""));
  const text = words.get(spec) ?? spec;
  if (text === "") throw new Error("Empty spec string");
  if (text.startsWith("@")) throw new Error(`Unrecognized descriptor: ${spec}`);
  const parts = text.split(/\s+/).filter(Boolean);
  if (parts.length < 5 || parts.length > 6)
    throw new Error(`Expected 5 to 6 fields, found ${parts.length}: ${spec}`);
  if (parts.length === 5) parts.push("*");
  const [second, minute, hour, day, month, weekday] = bounds.map((bound, i) =>
    parseField(parts[i] ?? "", bound),
  ) as [Field, Field, Field, Field, Field, Field];
  const onDay = (at: Wall): boolean => {
    const [byDate, byWeekday] = [day.values.has(at.day), weekday.values.has(at.weekday)];
    // When both are restricted, one of them is enough. A star, even in */2, counts as unrestricted.
    return day.star || weekday.star ? byDate && byWeekday : byDate || byWeekday;
  };
  return (after) => {
    const limit = after.getTime() + 5 * 366 * 86_400_000;
    let time = Math.floor(after.getTime() / 1000) * 1000 + 1000;
    while (time < limit) {
      const at = wall(new Date(time));
      const ofHour = at.minute * 60 + at.second;
      // A day may have 23 hours, so two are left for the next step.
      const ofDay = 22 * 3600 - at.hour * 3600 - ofHour;
      const dayFits = month.values.has(at.month) && onDay(at);
      if (!dayFits && ofDay > 3600) time += ofDay * 1000;
      else if (!dayFits || !hour.values.has(at.hour)) time += (3600 - ofHour) * 1000;
      else if (!minute.values.has(at.minute)) time += (60 - at.second) * 1000;
      else if (!second.values.has(at.second)) time += 1000;
      else return new Date(time);
    }
    return undefined;
  };
}

interface Bounds {
  min: number;
  max: number;
  names?: string[];
}

const bounds: Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" ") },
  { min: 0, max: 6, names: "sun mon tue wed thu fri sat".split(" ") },
];

interface Field {
  values: Set<number>;
  star: boolean;
}

function parseField(text: string, bound: Bounds): Field {
  const field: Field = { values: new Set(), star: false };
  for (const item of text.split(",").filter(Boolean)) addRange(field, item, bound);
  return field;
}

function addRange(field: Field, item: string, { min, max, names }: Bounds): void {
  const [range = "", stepText, ...more] = item.split("/");
  const [low = "", highText, ...rest] = range.split("-");
  if (more.length > 0) throw new Error(`Too many slashes: ${item}`);
  const star = low === "*" || low === "?";
  if (!star && rest.length > 0) throw new Error(`Too many hyphens: ${item}`);
  const number = (text: string): number => {
    const name = names?.indexOf(text.toLowerCase()) ?? -1;
    return name >= 0 ? name + min : wholeNumber(text);
  };
  const start = star ? min : number(low);
  let end = star ? max : highText === undefined ? start : number(highText);
  const step = stepText === undefined ? 1 : wholeNumber(stepText);
  if (stepText !== undefined && highText === undefined) end = max;
  if (start < min) throw new Error(`Beginning of range (${start}) below minimum (${min}): ${item}`);
  if (end > max) throw new Error(`End of range (${end}) above maximum (${max}): ${item}`);
  if (start > end)
    throw new Error(`Beginning of range (${start}) beyond end of range (${end}): ${item}`);
  if (step === 0) throw new Error(`Step of range should be a positive number: ${item}`);
  for (let value = start; value <= end; value += step) field.values.add(value);
  if (star) field.star = true;
}

function wholeNumber(text: string): number {
  if (/^[+-]?\d+$/.test(text)) {
    const number = Number(text);
    if (number < 0) throw new Error(`Negative number (${number}) not allowed: ${text}`);
    return number;
  }
  throw new Error(
    `Failed to parse int from ${text}: strconv.Atoi: parsing "${text}": invalid syntax`,
  );
}

const units: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5,
};

/** Go's time.ParseDuration, in milliseconds. */
function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)];
  if (text !== "0" && (parts.length === 0 || parts.map(([part]) => part).join("") !== text))
    throw new Error(`Failed to parse duration @every ${text}: time: invalid duration "${text}"`);
  return parts.reduce((sum, [, number, unit = ""]) => sum + Number(number) * (units[unit] ?? 0), 0);
}

/** Counted from the start of the process, then from each run. */
function constantDelay(milliseconds: number): Schedule {
  const delay = Math.max(1, Math.floor(milliseconds / 1000)) * 1000;
  return (after) => new Date(Math.floor(after.getTime() / 1000) * 1000 + delay);
}
