import type { Schedule } from "../../contract/schedule";
import type { ProxyRules } from "../../contract/socketProxy";
import type { ScheduledJob } from "../kit/job";

/** Ofelia touches this file each minute, and the health check looks at its age. */
export const heartbeatFile = "/tmp/heartbeat";

/** PostgreSQL's user in every image: it runs the jobs. */
const jobUser = "postgres";

/**
 * `/etc/ofelia/config.ini`. Ofelia reads it once, at its start, and ends at a key that it does not
 * know. Without `no-overlap` it takes a failed run for a good one, and without `user` it runs as root.
 *
 * @throws Error for a name or a command that the file cannot hold as it is
 */
export function renderOfeliaIni(jobs: readonly ScheduledJob[]): string {
  const sections = jobs.map(({ name, schedule, container, command }) => [
    `[job-exec "${plain(name)}"]`,
    `schedule = ${ofeliaSchedule(schedule)}`,
    `container = ${container}`,
    `user = ${jobUser}`,
    `command = ${plain(command)}`,
    "no-overlap = true",
  ]);
  const heartbeat = [
    '[job-local "heartbeat"]',
    "schedule = @every 1m",
    `command = touch ${heartbeatFile}`,
    "no-overlap = true",
  ];
  return [...sections, heartbeat].map((lines) => `${lines.join("\n")}\n`).join("\n");
}

/**
 * A schedule as mcuadros/ofelia 0.3.21 reads it: seconds come first and Sunday is 0 only. It takes five
 * fields for six without the last. Unlike cron, it skips a run whose time summer time leaves out, and
 * runs twice at a time that comes twice.
 */
export function ofeliaSchedule(schedule: Schedule): string {
  if ("every" in schedule) return `@every ${schedule.every}s`;
  // A word means the same there, and keeps the file as older versions wrote it.
  return schedule.text.startsWith("@") ? schedule.text : ["0", ...schedule.fields].join(" ");
}

/** Quotes, backslashes, semicolons and # mean something to the file or to Ofelia. */
function plain(text: string): string {
  if (/^[\w.,:/=@+-]+( [\w.,:/=@+-]+)*$/.test(text)) return text;
  throw new Error(`The scheduler takes plain words only, not ${JSON.stringify(text)}.`);
}

/**
 * What the socket proxy lets Ofelia start: each job's command, in its container, as the user that
 * Ofelia's file names. Ofelia also asks for /version before each run, and works without it: the
 * refusal in the proxy's log means nothing.
 */
export function proxyRules(jobs: readonly ScheduledJob[], client: string): ProxyRules {
  const commands = jobs.map(({ container, command }) => ({
    container,
    argv: plain(command).split(" "),
    user: jobUser,
  }));
  return { client, commands };
}
