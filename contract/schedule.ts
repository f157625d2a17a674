/**
 * When a job runs, as the configuration parsed it. Everybody gets this form, and nobody reads the
 * text again: it is for people, such as in an error or in a list of jobs.
 */
export type Schedule =
  /** An interval in seconds. Nobody knows what it is counted from. */
  | { text: string; every: number }
  /** Cron's five fields, in numbers, with Sunday as 0. A word such as `@hourly` has become fields. */
  | { text: string; fields: CronFields };

/** Minutes, hours, days of the month, months and days of the week. */
export type CronFields = [
  minutes: string,
  hours: string,
  days: string,
  months: string,
  weekdays: string,
];
