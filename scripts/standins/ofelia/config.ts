import { parseIni, type Section } from "./ini";

export type JobKind = "job-exec" | "job-local";

/** A job of the configuration file. */
export interface JobConfig {
  kind: JobKind;
  name: string;
  schedule: string;
  command: string;
  noOverlap: boolean;
  environment: string[];
  /** For job-exec. */
  container: string;
  user: string;
  tty: boolean;
  /** For job-local. */
  dir: string;
}

/** Keys by the type of their value. Keys that Ofelia has and this stand-in lacks are refused by name. */
const common = ["schedule", "command", "name"];
const middlewares = [
  ...["slack-webhook", "slack-only-on-error", "save-folder", "save-only-on-error", "smtp-host"],
  ...["smtp-port", "smtp-user", "smtp-password", "smtp-tls-skip-verify", "email-to", "email-from"],
  "mail-only-on-error",
];
const keys: Record<JobKind, Record<"texts" | "switches" | "lists", string[]>> = {
  "job-exec": {
    texts: [...common, "container", "user"],
    switches: ["tty", "no-overlap"],
    lists: ["environment"],
  },
  "job-local": { texts: [...common, "dir"], switches: ["no-overlap"], lists: ["environment"] },
};

/**
 * The jobs of a configuration file. As in Ofelia, an unknown key or section is fatal.
 *
 * @throws Error
 */
export function readConfig(text: string, file: string): JobConfig[] {
  const jobs = new Map<string, JobConfig>();
  const unknown: string[] = [];
  for (const section of parseIni(text, file)) {
    const kind = section.name.toLowerCase();
    if (kind === "job-run" || kind === "job-service-run") throw beyond(`[${section.name}]`);
    if (kind === "global" && section.sub === "") {
      unknown.push(...section.entries.map(({ key }) => refused(section, key)));
    } else if (kind === "job-exec" || kind === "job-local") {
      const id = `${kind} ${section.sub}`;
      const job = jobs.get(id) ?? emptyJob(kind, section.sub);
      jobs.set(id, job);
      for (const { key, value } of section.entries) {
        if (!assign(job, section, key.toLowerCase(), value)) unknown.push(refused(section, key));
      }
    } else unknown.push(`can't store data at section "${section.name}"`);
  }
  if (unknown.length > 0) throw new Error(["warnings:", ...unknown].join("\n"));
  return [...jobs.values()];
}

/** Without `user` a command runs as root, whatever user the image has. */
function emptyJob(kind: JobKind, name: string): JobConfig {
  const [schedule, command, container, user, dir] = ["", "", "", "root", ""];
  const [noOverlap, tty] = [false, false];
  return { kind, name, schedule, command, noOverlap, environment: [], container, user, tty, dir };
}

/** Whether the key is known. */
function assign(job: JobConfig, section: Section, key: string, value?: string): boolean {
  const known = keys[job.kind];
  const place = `section "${section.name}", subsection "${section.sub}", variable "${key}"`;
  if (known.lists.includes(key)) {
    if (value === undefined) job.environment = [];
    else job.environment.push(value);
  } else if (known.texts.includes(key)) {
    if (value === undefined) throw new Error(`blank value not supported for type at ${place}`);
    // The section names the job, and an empty user counts as missing.
    if (key === "user") job.user = value || "root";
    else if (key !== "name") job[key as "schedule" | "command" | "container" | "dir"] = value;
  } else if (known.switches.includes(key)) {
    job[key === "tty" ? "tty" : "noOverlap"] = onOrOff(value, place);
  } else return false;
  return true;
}

function onOrOff(value: string | undefined, place: string): boolean {
  if (value === undefined || /^(true|yes|on|1)$/i.test(value)) return true;
  if (/^(false|no|off|0)$/i.test(value)) return false;
  throw new Error(`failed to parse bool ${JSON.stringify(value)} at ${place}`);
}

function refused({ name, sub }: Section, key: string): string {
  if (middlewares.includes(key.toLowerCase())) throw beyond(key);
  const subsection = sub ? `, subsection "${sub}"` : "";
  return `can't store data at section "${name}"${subsection}, variable "${key}"`;
}

const beyond = (what: string): Error =>
  new Error(`${what} is part of Ofelia, but not of this stand-in of Laterbase.`);
