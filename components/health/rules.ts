import type { BackupJob } from "../../contract/pgBackRest";
import { type PingedJob, pingedJobs } from "../../contract/health/config";
import type { HealthSettings } from "./schema";

/** What the rules of the monitor read of a configuration. */
interface HealthRulesConfig {
  /** `laterbase:health`. Default: no monitor. */
  health?: HealthSettings | undefined;
  /** `laterbase:dumps`. Default: no dumps. */
  dumps?: object | undefined;
  /** `laterbase:duplicati`. Default: no uploads. */
  duplicati?: object | undefined;
  /** `laterbase:backups`. Default: no backups. */
  backups?:
    | {
        repositories: readonly { type: string }[];
        schedules: Partial<Record<BackupJob, unknown>>;
      }
    | undefined;
}

/** The rules of the monitor: one sentence for each that is broken, without its full stop. */
export function healthRules({ health, ...config }: HealthRulesConfig): string[] {
  if (!health) return [];
  return [...order(health), ...logins(health), ...inClear(health), ...pings(health, config)];
}

/** What is degraded comes before what has failed. */
function order({ thresholds }: HealthSettings): string[] {
  const { slotPercent, slotFailedPercent, diskFreePercent, diskFailedPercent } = thresholds;
  const key = (name: string) => `laterbase:health.thresholds.${name}`;
  return [
    ...(slotPercent > slotFailedPercent
      ? [
          `${key("slotPercent")} must be at most ${key("slotFailedPercent")}, which is ${slotFailedPercent}; it is ${slotPercent}`,
        ]
      : []),
    ...(diskFailedPercent > diskFreePercent
      ? [
          `${key("diskFailedPercent")} must be at most ${key("diskFreePercent")}, which is ${diskFreePercent}; it is ${diskFailedPercent}`,
        ]
      : []),
  ];
}

/** A login is a name and a password. */
function logins({ notify }: HealthSettings): string[] {
  return notify.flatMap((one, i) => {
    if (one.kind !== "email" || (one.user === undefined) === (one.password === undefined))
      return [];
    const key = `laterbase:health.notify[${i}]`;
    const [has, lacks] = one.user === undefined ? ["password", "user"] : ["user", "password"];
    return [`${key}.${has} is set without ${key}.${lacks}: set both, or none`];
  });
}

/** Anybody on the way could read it. */
function inClear({ notify }: HealthSettings): string[] {
  return notify.flatMap((one, i) => {
    if (one.kind !== "email" || one.security !== "none" || one.password === undefined) return [];
    const key = `laterbase:health.notify[${i}]`;
    return [
      `${key}.password would be sent in clear: set ${key}.security to "starttls" or "tls", or take user and password out`,
    ];
  });
}

/** A ping for a job that never runs would look like a job that always fails. */
function pings(
  { pings: wanted }: HealthSettings,
  config: Omit<HealthRulesConfig, "health">,
): string[] {
  return pingedJobs
    .filter((job) => wanted[job] !== undefined && !runs(job, config))
    .map(
      (job) =>
        `laterbase:health.pings.${job} is for a job that the stack does not have: set ${keyOf(job)}, or take the ping out`,
    );
}

function runs(job: PingedJob, { dumps, duplicati, backups }: HealthRulesConfig): boolean {
  if (job === "dump") return dumps !== undefined;
  if (job === "upload") return duplicati !== undefined;
  const archives = backups?.repositories.some(({ type }) => type !== "none");
  return archives === true && backups?.schedules[job] !== undefined;
}

function keyOf(job: PingedJob): string {
  if (job === "dump") return "laterbase:dumps";
  return job === "upload" ? "laterbase:duplicati" : `laterbase:backups.schedules.${job}`;
}
