import { z } from "zod";
import { defaultThresholds, type Thresholds } from "../../contract/health/check";
import { megabytes, Size } from "../schema/primitives";
import { strict } from "../schema/strict";

const change = "A change restarts the monitor; its history stays.";

/** A whole number of some unit. Its default is the one that `laterbase status` uses too. */
function number(
  key: Exclude<keyof Thresholds, "lagBytes">,
  [least, most, what]: readonly [least: number, most: number, what: string],
  description: string,
) {
  const example = defaultThresholds[key];
  const error = `must be a whole number of ${what} from ${least} to ${most}, such as ${example}`;
  return z
    .int({ error })
    .min(least, error)
    .max(most, error)
    .default(example)
    .meta({ description, change, example });
}

const percent = [1, 100, "percent"] as const;
const days = [1, 36500, "days"] as const;
const day = 86400;

/** `laterbase:health.thresholds`: from where on something is not good. */
export const thresholdsSchema = strict({
  lagSeconds: number(
    "lagSeconds",
    [1, 7 * day, "seconds"],
    "Seconds that a standby may be behind the primary. From there on it is degraded.",
  ),
  lagBytes: Size.default("256MB").meta({
    description: "WAL that a standby may be behind the primary. From there on it is degraded.",
    change,
    example: "256MB",
  }),
  slotPercent: number(
    "slotPercent",
    percent,
    "Percent of `primary.slotRetention` that a slot may use. From there on it is degraded.",
  ),
  slotFailedPercent: number(
    "slotFailedPercent",
    percent,
    "Percent of `primary.slotRetention` from which on a slot has failed: soon its standby has to clone again.",
  ),
  diskFreePercent: number(
    "diskFreePercent",
    percent,
    "Percent of a file system that should be free. With less it is degraded.",
  ),
  diskFailedPercent: number(
    "diskFailedPercent",
    percent,
    "Percent of a file system that must be free. With less it has failed.",
  ),
  diskDays: number(
    "diskDays",
    days,
    "Days until a file system is full by its growth of the last week. With fewer it is degraded.",
  ),
  jobGrace: number(
    "jobGrace",
    [60, 30 * day, "seconds"],
    "Seconds after which a job that was due is overdue.",
  ),
  jobHours: number("jobHours", [1, 720, "hours"], "Hours that one run of a job may take."),
  connectionsPercent: number(
    "connectionsPercent",
    percent,
    "Percent of the primary's connections, and of the pooler's clients, that may be in use.",
  ),
  poolWait: number(
    "poolWait",
    [1, 3600, "seconds"],
    "Seconds that a client may wait for a connection of the pooler.",
  ),
  walAgeMinutes: number(
    "walAgeMinutes",
    [1, 10080, "minutes"],
    "Minutes that the newest WAL in a repository may be old while the primary writes.",
  ),
  transactionAgePercent: number(
    "transactionAgePercent",
    percent,
    "Percent of the way to the transaction id at which PostgreSQL takes no more writes.",
  ),
  schedulerSeconds: number(
    "schedulerSeconds",
    [90, day, "seconds"],
    "Seconds without a sign of the scheduler, which gives one each minute.",
  ),
  clockSeconds: number(
    "clockSeconds",
    [1, 3600, "seconds"],
    "Seconds that the clocks of two machines may be apart.",
  ),
  certificateDays: number("certificateDays", days, "Days that a certificate must still be valid."),
  imageDays: number(
    "imageDays",
    days,
    "Days since the images were built, after which they are old.",
  ),
});

/** Thresholds as configured. */
export type ThresholdsConfig = z.output<typeof thresholdsSchema>;

/** The same in the units of the checks. */
export function thresholdsOf({ lagBytes, ...others }: ThresholdsConfig): Thresholds {
  return { ...others, lagBytes: megabytes(lagBytes) * 1024 * 1024 };
}
