import { toOfelia } from "../schema/schedule";

/** Something that the scheduler starts in the agent. */
export interface ScheduledJob {
  /** Such as dump: what Ofelia's log calls it. */
  name: string;
  /** Five-field cron or a word, as configured. */
  schedule: string;
  /** A program and plain words: no shell is between Ofelia and the container. */
  command: string;
}

/** Where Ofelia shows that it is alive. */
export const heartbeatFile = "/tmp/heartbeat";

/**
 * `/etc/ofelia/config.ini`. Ofelia reads it once, at its start; a key that it does not know would
 * end it. Without `no-overlap` it takes a failed run for a good one, without `user` it runs as root.
 *
 * @throws Error for a name or a command that the file cannot hold as it is
 */
export function renderOfeliaIni(agentContainer: string, jobs: readonly ScheduledJob[]): string {
  const sections = jobs.map(({ name, schedule, command }) => [
    `[job-exec "${plain(name)}"]`,
    `schedule = ${toOfelia(schedule)}`,
    `container = ${agentContainer}`,
    "user = postgres",
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

/** Quotes, backslashes, semicolons, # and the like mean something to the file or to Ofelia. */
function plain(text: string): string {
  if (/^[\w.,:/=@+-]+( [\w.,:/=@+-]+)*$/.test(text)) return text;
  throw new Error(`The scheduler takes plain words only, not ${JSON.stringify(text)}.`);
}

/**
 * The socket proxy's flags: the calls by which Ofelia runs a command in the one container, and
 * nothing else. An exec's number is 256 random bits, known to who created it. Each pattern gets ^
 * and $ but no group, so there is never a `|` in one: the flag is repeated instead. Ofelia also
 * asks for /version before each run, and does without: the refusal in the proxy's log is no fault.
 */
export function proxyFlags(agentContainer: string, scheduler: string): string[] {
  return [
    `-allowPOST=/containers/${agentContainer.replaceAll(".", "\\.")}/exec`,
    "-allowPOST=/exec/[0-9a-f]{64}/start",
    "-allowGET=/exec/[0-9a-f]{64}/json",
    `-allowfrom=${scheduler}`,
    "-listenip=0.0.0.0",
    "-allowhealthcheck",
  ];
}
