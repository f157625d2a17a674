import { networkInterfaces } from "node:os";
import { socketFolder } from "../../contract/names";
import { shellQuote } from "../../contract/quoting";
import type { Part } from "../cli/parts/part";
import { docker } from "../cli/parts/verdict";

/** What the summary shows of a stack. */
export interface Summarised {
  stack: string;
  parts: readonly Part[];
  /** The names of those that do not work. */
  broken: readonly string[];
  outputs: Record<string, unknown>;
  /** What the last backup did. Absent: there was none yet. */
  backup?: string | undefined;
  /** Whether stand-ins run in place of images that cannot be pulled. */
  standIns: boolean;
}

interface Outputs {
  primary?: { host: string; port: number; databases: string[] | "*"; container?: string };
  standbys?: Record<string, { host: string; port: number }>;
  backups?: {
    dumps?: { schedule: string; location: string };
    repositories?: { number: number; location: string }[];
  };
}

/**
 * What to open and what to try, in the same words for every stack. The commands need no program on this
 * machine other than Docker.
 *
 * @param addresses this machine's own addresses, for ports that it publishes on all of them
 */
export function summary(
  { stack, parts, broken, outputs, standIns, backup }: Summarised,
  addresses: readonly string[] = ownAddresses(),
): string[] {
  const { primary, backups } = outputs as Outputs;
  const [first] = Array.isArray(primary?.databases) ? primary.databases : [];
  const rows: [string, string][] = [];
  if (primary && !primary.container) rows.push(["primary", `${primary.host}:${primary.port}`]);
  for (const part of parts) {
    if (!part.published) continue;
    const page = pages.includes(part.kind);
    const where = reached(part, addresses).map(
      (host) => `${bracketed(host)}:${part.published!.port}`,
    );
    const addressed = where.map((one) => (page ? `http://${one}` : one)).join("  ");
    if (broken.includes(part.name)) {
      rows.push([title(part), `${addressed} (does not work, see above)`]);
      continue;
    }
    rows.push([title(part), addressed]);
    if (part.kind === "primary" || part.kind === "standby") rows.push(["", psql(part, first)]);
  }
  const flag = stack === "dev" ? "" : ` --stack ${stack}`;
  const ask = (words: string) => `npm run laterbase -- ${words}${flag}`;
  if (backups?.dumps) {
    const { schedule, location } = backups.dumps;
    rows.push(["dumps", `${schedule}, in ${location}`], ["", ask("list-dumps")]);
  }
  const repositories = backups?.repositories ?? [];
  for (const [i, { number, location }] of repositories.entries())
    rows.push([i === 0 ? "backups" : "", `repository ${number}: ${location}`]);
  if (repositories.length > 0 && backup !== undefined) rows.push(["", `newest: ${backup}`]);
  if (repositories.length > 0) rows.push(["", ask("list-backups")]);
  rows.push(["passwords", ask("credentials")]);
  const width = Math.max(...rows.map(([name]) => name.length));
  const change =
    stack === "dev"
      ? "change Pulumi.dev.yaml and 'npm start' again; 'npm run destroy' takes it down and keeps the data"
      : `change Pulumi.${stack}.yaml and 'npm run pulumi -- up --stack ${stack}' again; 'npm run destroy -- --stack ${stack}' takes it down and keeps the data`;
  return [
    ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`),
    ...(standIns && (backups?.dumps ?? backups?.repositories)
      ? [
          "Stand-ins of ours run in place of Ofelia and Duplicati, whose images cannot be pulled here.",
        ]
      : []),
    `What next: ${change}.`,
  ];
}

/** What the first run with encryption says. */
export function storeThePassphrase(stack: string): string {
  const flag = stack === "dev" ? "" : ` --stack ${stack}`;
  return (
    "Store the passphrase of the backups elsewhere: without it nobody can restore them, and this machine may be " +
    `what is lost. 'npm run laterbase -- credentials${flag}' prints it.`
  );
}

/** What people open in a browser. */
const pages: readonly Part["kind"][] = ["pgadmin", "duplicati", "health"];

function title({ kind, name }: Part): string {
  const names: Partial<Record<Part["kind"], string>> = {
    pgadmin: "pgAdmin",
    duplicati: "Duplicati",
  };
  return kind === "standby" ? `${name} (read-only)` : (names[kind] ?? name);
}

/** A session inside the server's own container: no client is needed, and no password. */
function psql(part: Part, database = "postgres"): string {
  const kind = part.kind === "primary" ? "primary" : "standby";
  const words = ["psql", "-h", socketFolder(kind), "-U", part.superuser, "-d", database].map(word);
  return docker(part, `exec -it ${part.container} ${words.join(" ")}`);
}

function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : shellQuote(text);
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

/** The hosts under which people reach a published port: of all addresses, those that are real. */
function reached({ published, host }: Part, addresses: readonly string[]): readonly string[] {
  const bound = published?.host ?? "";
  if (bound !== "0.0.0.0" && bound !== "::") return [bound];
  const engine = /^(?:ssh|tcp):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(host)?.[1];
  return engine ? [engine.replace(/^\[|\]$/g, "")] : addresses;
}

/** This machine's addresses, the loopback one first, without those of Docker's bridges. */
export function ownAddresses(): string[] {
  const others = Object.entries(networkInterfaces())
    .filter(([name]) => !/^(docker|br-|veth|virbr)/.test(name))
    .flatMap(([, list = []]) => list)
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
  return ["127.0.0.1", ...others];
}
