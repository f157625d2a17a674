import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StepEvent } from "../../scripts/wrapper/events";
import { asText, changeLines } from "../../scripts/wrapper/words";
import type { LaterbaseArgs } from "../../components/stack/laterbaseArgs";
import { pingedJobs } from "../../contract/health/config";
import { defaultThresholds } from "../../contract/health/check";
import { images } from "./stackProgram";

type Keys = Record<string, any>;
type More = Partial<LaterbaseArgs>;

/** A change of a stack file, or of what does not come from it. */
export interface StackChange {
  /** The documented key that changes, or what happens. */
  title: string;
  /** The stack file: of a managed primary, or of an external one. */
  stack: "dev" | "editor";
  /** The keys before it, where the file's own are not enough. */
  from?: (keys: Keys) => void;
  to?: (keys: Keys) => void;
  /** What does not come from the file, before it. */
  less?: More;
  /** What does not come from the file, after it. */
  more?: More;
}

const dev = (
  title: string,
  to: (keys: Keys) => void,
  from?: (keys: Keys) => void,
): StackChange => ({
  title,
  stack: "dev",
  to,
  ...(from ? { from } : {}),
});

const editor = (
  title: string,
  to: (keys: Keys) => void,
  from?: (keys: Keys) => void,
): StackChange => ({ ...dev(title, to, from), stack: "editor" });

const bySsh = (keys: Keys): void => {
  const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI";
  keys["primary"].access = { kind: "ssh", user: "admin", port: 22, privateKey: "PR1VATE", hostKey };
};

const tagged = (tag: string): More["images"] => ({
  ...images,
  postgres: { ...images.postgres, tag: `laterbase/postgres:${tag}` },
  agent: { ...images.agent!, tag: `laterbase/agent:${tag}` },
});

/** The images of ours as a registry has them, with one content for each. */
const pushed = (digit: string, registry = "registry.example.com/group/project"): More["images"] => {
  const image = (name: string, content = digit) => ({
    pushed: `${registry}/${name}@sha256:${content.repeat(64)}`,
    pinned: true,
  });
  const own = { postgres: image("postgres-17", "5"), agent: image("agent-17") };
  const others = { pooler: image("pgbouncer", "6"), socketProxy: image("socket-proxy", "7") };
  return { ...images, ...own, ...others };
};

/** From the registry's images of a commit, where only the agent's has another content in the next one. */
const fromRegistry = (key: "registry" | "tag", value: string): StackChange => ({
  ...dev(
    `images.${key}`,
    (keys) => (keys["images"][key] = value),
    (keys) => (keys["images"] = { registry: "registry.example.com/group/project", tag: "3f2a9c1" }),
  ),
  less: { images: pushed("1")! },
  more: { images: key === "tag" ? pushed("2")! : pushed("1", value)! },
});

const second = { name: "reader", port: 8010 };

/** A change of `laterbase:backups`, from one repository in the volume. */
const backed = (key: string, change: (own: Keys) => void): StackChange[] => [
  dev(`backups.${key}`, (keys) => change(keys["backups"]), withBackups),
];

/** A change of `laterbase:applications`, from one with a migration. */
const applied = (key: string, change: (own: Keys) => void): StackChange =>
  dev(`applications.<name>.${key}`, (keys) => change(keys["applications"].jarvis), withApplication);

function withApplication(keys: Keys): void {
  const migrate = { command: ["alembic", "upgrade", "head"], directory: "../dashboard" };
  keys["applications"] = { jarvis: { database: "homelab", migrate } };
}

function withBackups(keys: Keys): void {
  keys["backups"] = { repositories: [{ type: "posix" }] };
}

const applications: readonly StackChange[] = [
  applied("database", (own) => (own["database"] = "house")),
  applied("password", (own) => (own["password"] = "S3cret")),
  applied("migrate.command", (own) => (own["migrate"].command = ["alembic", "upgrade", "+1"])),
  applied("migrate.directory", (own) => (own["migrate"].directory = "../web")),
  applied("migrate.container", (own) => {
    own["migrate"] = { command: ["alembic", "upgrade", "head"], container: "dashboard" };
  }),
];

/** One change of every documented key: its value in the file becomes another. */
export const keyChanges: readonly StackChange[] = [
  dev("dockerHost", (keys) => (keys["dockerHost"] = "ssh://media@nas.local")),
  dev("timeZone", (keys) => (keys["timeZone"] = "Europe/London")),
  dev("bindAddress", (keys) => (keys["bindAddress"] = "0.0.0.0")),
  {
    ...dev("primary.version", (keys) => (keys["primary"].version = 18)),
    more: { images: tagged("18-abc")! },
  },
  ...applications,
  dev(
    "an application that is added",
    (keys) => (keys["applications"] = { web: { database: "web" } }),
  ),
  dev(
    "an application that is taken away",
    (keys) => (keys["applications"] = undefined),
    withApplication,
  ),
  dev("primary.port", (keys) => (keys["primary"].port = 8007)),
  dev("primary.databases", (keys) => keys["primary"].databases.push("jobs")),
  {
    ...dev("primary.initScripts", (keys) => (keys["primary"].initScripts = "examples/other")),
    more: { initScripts: [{ name: "10-a.sql", content: Buffer.from("select 1") }] },
  },
  dev("primary.maxConnections", (keys) => (keys["primary"].maxConnections = 300)),
  dev("primary.memory", (keys) => (keys["primary"].memory = "4GB")),
  dev("primary.settings", (keys) => (keys["primary"].settings = { work_mem: "64MB" })),
  dev(
    "primary.settings.work_mem",
    (keys) => (keys["primary"].settings = { work_mem: "128MB" }),
    (keys) => (keys["primary"].settings = { work_mem: "64MB" }),
  ),
  dev(
    "primary.settings.max_worker_processes",
    (keys) => (keys["primary"].settings = { max_worker_processes: 16, work_mem: "64MB" }),
    (keys) => (keys["primary"].settings = { work_mem: "64MB" }),
  ),
  dev(
    "primary.settings, two of them",
    (keys) => (keys["primary"].settings = { wal_buffers: "32MB", work_mem: "128MB" }),
    (keys) => (keys["primary"].settings = { wal_buffers: "16MB", work_mem: "64MB" }),
  ),
  {
    ...dev("primary.extensions", (keys) => (keys["primary"].extensions = ["postgis", "pgvector"])),
    more: { images: tagged("17-with-extensions")! },
  },
  dev("primary.superuser.password", (keys) => (keys["primary"].superuser = { password: "S3cret" })),
  dev("primary.allowFrom", (keys) => (keys["primary"].allowFrom = ["192.168.1.0/24"])),
  dev("primary.slotRetention", (keys) => (keys["primary"].slotRetention = "20GB")),
  editor("primary.host", (keys) => (keys["primary"].host = "192.168.1.21")),
  editor("primary.superuser.name", (keys) => (keys["primary"].superuser.name = "resolve")),
  editor("primary.access.user", (keys) => (keys["primary"].access.user = "editor"), bySsh),
  editor("primary.access.port", (keys) => (keys["primary"].access.port = 2222), bySsh),
  editor(
    "primary.access.privateKey",
    (keys) => (keys["primary"].access.privateKey = "0THER"),
    bySsh,
  ),
  editor("primary.access.hostKey", (keys) => (keys["primary"].access.hostKey += "B"), bySsh),
  editor("primary.access.sudo", (keys) => (keys["primary"].access.sudo = true), bySsh),
  editor("primary.access.psql", (keys) => (keys["primary"].access.psql = "/opt/bin/psql"), bySsh),
  editor("primary.tablespaces", (keys) => (keys["primary"].tablespaces = { fast: "/srv/fast" })),
  dev("standbys[].name", (keys) => (keys["standbys"][0].name = "replica")),
  dev("standbys[].port", (keys) => (keys["standbys"][0].port = 8010)),
  dev(
    "standbys[].dockerHost",
    (keys) => (keys["standbys"][0].dockerHost = "ssh://media@nas.local"),
    (keys) => {
      keys["bindAddress"] = "192.168.1.10";
      keys["primary"].allowFrom = ["192.168.1.0/24"];
    },
  ),
  dev("standbys[].bindAddress", (keys) => (keys["standbys"][0].bindAddress = "0.0.0.0")),
  dev("standbys[].memory", (keys) => (keys["standbys"][0].memory = "2GB")),
  dev("pooler.port", (keys) => (keys["pooler"].port = 6433)),
  dev("pooler.mode", (keys) => (keys["pooler"].mode = "session")),
  dev("pooler.maxClients", (keys) => (keys["pooler"].maxClients = 2000)),
  dev("pooler.poolSize", (keys) => (keys["pooler"].poolSize = 20)),
  dev("pooler.maxServerConnections", (keys) => (keys["pooler"].maxServerConnections = 200)),
  dev(
    "pooler.databases.<name>.mode",
    (keys) => (keys["pooler"].databases.mfi_banking.mode = "transaction"),
    (keys) => (keys["pooler"].databases = { mfi_banking: { mode: "session" } }),
  ),
  dev(
    "pooler.databases.<name>.poolSize",
    (keys) => (keys["pooler"].databases = { mfi_banking: { poolSize: 5 } }),
  ),
  dev("pgAdmin.port", (keys) => (keys["pgAdmin"].port = 5051)),
  dev("pgAdmin.email", (keys) => (keys["pgAdmin"].email = "you@example.com")),
  dev("pgAdmin.hostNames", (keys) => (keys["pgAdmin"].hostNames = ["nas.local"])),
  dev("pgAdmin.superuser", (keys) => (keys["pgAdmin"].superuser = true)),
  dev("dumps.schedule", (keys) => (keys["dumps"].schedule = "30 2 * * *")),
  dev("dumps.retentionDays", (keys) => (keys["dumps"].retentionDays = 14)),
  dev("dumps.retentionCount", (keys) => (keys["dumps"].retentionCount = 5)),
  dev("dumps.path", (keys) => (keys["dumps"].path = "/srv/backups")),
  dev("dumps.source", (keys) => (keys["dumps"].source = "primary")),
  dev("dumps.plain", (keys) => (keys["dumps"].plain = true)),
  dev("dumps.timeout", (keys) => (keys["dumps"].timeout = "2h")),
  dev("dumps.databaseTimeout", (keys) => (keys["dumps"].databaseTimeout = "10m")),
  dev("dumps.minFree", (keys) => (keys["dumps"].minFree = "50GB")),
  dev("dumps.databases", (keys) => (keys["dumps"].databases = ["mfi_banking"])),
  ...backed("stanza", (own) => (own["stanza"] = "app")),
  ...["full", "diff", "incr", "check", "verify", "drill", "maintenance"].flatMap((job) =>
    backed(`schedules.${job}`, (own) => (own["schedules"] = { [job]: "7 1 * * *" })),
  ),
  ...backed("retention.full", (own) => (own["retention"] = { full: 8 })),
  ...backed("retention.fullType", (own) => (own["retention"] = { fullType: "time" })),
  ...backed("retention.diff", (own) => (own["retention"] = { diff: 14 })),
  ...backed("retention.archiveDays", (own) => (own["retention"] = { archiveDays: 7 })),
  ...backed("retention.logDays", (own) => (own["retention"] = { logDays: 10 })),
  ...backed("compression.type", (own) => (own["compression"] = { type: "zst" })),
  ...backed("compression.level", (own) => (own["compression"] = { level: 9 })),
  ...backed("processMax", (own) => (own["processMax"] = 2)),
  ...backed("encryption.passphrase", (own) => (own["encryption"] = { passphrase: "Phr4se" })),
  ...backed("archiveTimeout", (own) => (own["archiveTimeout"] = "5m")),
  ...backed("archiveQueueMax", (own) => (own["archiveQueueMax"] = "16GB")),
  ...backed("async", (own) => (own["async"] = false)),
  ...backed("bundle", (own) => Object.assign(own, { bundle: false, block: false })),
  ...backed("block", (own) => (own["block"] = false)),
  ...backed("repositories", (own) => own["repositories"].push({ type: "posix" })),
  dev(
    "objectStore.port",
    (keys) => (keys["objectStore"].port = 7071),
    (keys) => (keys["objectStore"] = { port: 7070, bucket: "backups" }),
  ),
  dev(
    "objectStore.bucket",
    (keys) => (keys["objectStore"].bucket = "others"),
    (keys) => (keys["objectStore"] = { port: 7070, bucket: "backups" }),
  ),
  dev("duplicati.port", (keys) => (keys["duplicati"].port = 8201)),
  dev("duplicati.target", (keys) => (keys["duplicati"].target = "s3://b/f?auth-password=K3Y")),
  dev("duplicati.passphrase", (keys) => (keys["duplicati"].passphrase = "Phr4se")),
  dev("duplicati.schedule", (keys) => (keys["duplicati"].schedule = "0 4 * * *")),
  dev("duplicati.retention", (keys) => (keys["duplicati"].retention = "30D:1D")),
  dev("health.port", (keys) => (keys["health"].port = 8081)),
  dev("health.token", (keys) => (keys["health"].token = "T0KEN-of-the-monitor")),
  ...Object.entries(defaultThresholds).map(([key, value]) =>
    dev(
      `health.thresholds.${key}`,
      (keys) =>
        (keys["health"].thresholds = { [key]: key === "lagBytes" ? "512MB" : Number(value) + 1 }),
    ),
  ),
  dev(
    "health.notify",
    (keys) => (keys["health"].notify = [{ kind: "slack", url: "https://example.com/K3Y" }]),
  ),
  ...pingedJobs.map((job) =>
    dev(
      `health.pings.${job}`,
      (keys) => (keys["health"].pings = { [job]: "https://example.com/K3Y" }),
    ),
  ),
  fromRegistry("registry", "registry.example.com/other"),
  fromRegistry("tag", "9b1c4d7"),
  dev("rotations", (keys) => (keys["rotations"] = { superuser: 1 })),
];

const drift = { "slot-standby": "slot laterbase_standby_slot is gone (seen 2026-11-29T06:00:00Z)" };

const secrets = [
  ...["replication", "dumps", "pooler", "pgadmin", "duplicati", "objectStore", "health"],
];

/** A stack that has every secret, and has replaced each once. */
function withRotations(keys: Keys): void {
  withBackups(keys);
  keys["objectStore"] = { port: 7070, bucket: "backups" };
  keys["backups"].repositories.push({ type: "objectStore" });
  keys["rotations"] = Object.fromEntries(secrets.map((secret) => [secret, 1]));
}

const rotations = secrets.map((secret) =>
  dev(`another secret: ${secret}`, (keys) => (keys["rotations"][secret] = 2), withRotations),
);

/** What else happens to a stack. */
export const otherChanges: readonly StackChange[] = [
  ...rotations,
  dev("another secret of an application", (keys) => (keys["rotations"] = { mfi_banking: 1 })),
  dev("nothing", () => undefined),
  dev("a second standby", (keys) => keys["standbys"].push(second)),
  dev(
    "a standby removed",
    (keys) => (keys["standbys"] = keys["standbys"].slice(0, 1)),
    (keys) => keys["standbys"].push(second),
  ),
  dev(
    "a pooler added",
    (keys) => (keys["pooler"] = { port: 6432 }),
    (keys) => delete keys["pooler"],
  ),
  dev("pgAdmin removed", (keys) => delete keys["pgAdmin"]),
  dev(
    "a monitor added",
    (keys) => (keys["health"] = { port: 8080 }),
    (keys) => delete keys["health"],
  ),
  dev("the monitor removed", (keys) => delete keys["health"]),
  dev(
    "Duplicati added",
    (keys) => (keys["duplicati"] = { port: 8200, target: "file:///archive" }),
    (keys) => delete keys["duplicati"],
  ),
  dev("dumps removed", (keys) => (delete keys["dumps"], delete keys["duplicati"])),
  dev("backups added", withBackups, (keys) => delete keys["backups"]),
  dev("backups removed", (keys) => delete keys["backups"], withBackups),
  dev("archiving off", (keys) => (keys["backups"].repositories = [{ type: "none" }]), withBackups),
  dev(
    "a repository in a folder",
    (keys) => (keys["backups"].repositories[0].path = "/srv/repository"),
    withBackups,
  ),
  dev(
    "another secret of a repository",
    (keys) => (keys["backups"].repositories[1].secretKey = "K3Y"),
    (keys) => {
      const s3 = { type: "s3", bucket: "backups", accessKey: "AK", secretKey: "0THER" };
      keys["backups"] = { repositories: [{ type: "posix" }, s3] };
    },
  ),
  dev(
    "an object store for a repository",
    (keys) => {
      keys["objectStore"] = { port: 7070, bucket: "backups" };
      keys["backups"].repositories.push({ type: "objectStore" });
    },
    withBackups,
  ),
  dev(
    "the first standby",
    (keys) => (keys["standbys"] = [{ name: "standby", port: 8009 }]),
    (keys) => delete keys["standbys"],
  ),
  dev("the last standby removed", (keys) => delete keys["standbys"]),
  dev("two keys of one part", (keys) =>
    Object.assign(keys["dumps"], { retentionDays: 14, source: "primary" }),
  ),
  dev("a key of all parts and one of a part", (keys) => {
    keys["timeZone"] = "Europe/London";
    keys["standbys"][0].port = 8010;
  }),
  dev(
    "another password of a managed primary",
    (keys) => (keys["primary"].superuser.password = "An0ther"),
    (keys) => (keys["primary"].superuser = { password: "S3cret" }),
  ),
  editor(
    "primary.superuser.password of an external primary",
    (keys) => (keys["primary"].superuser.password = "An0ther"),
  ),
  editor("access by SSH", bySsh),
  editor("primary.port of an external primary", (keys) => (keys["primary"].port = 5433)),
  editor("primary.databases of an external primary", (keys) =>
    keys["primary"].databases.push("Archive"),
  ),
  editor(
    "primary.allowFrom of an external primary",
    (keys) => (keys["primary"].allowFrom = ["10.0.0.0/8"]),
  ),
  dev(
    "another target that nobody sees",
    (keys) => (keys["duplicati"].target = "s3://b/g?auth-password=K3Y"),
    (keys) => (keys["duplicati"].target = "s3://b/f?auth-password=K3Y"),
  ),
  {
    ...dev("images from a registry", (keys) => {
      keys["images"] = { registry: "registry.example.com/group/project", tag: "3f2a9c1" };
    }),
    more: { images: pushed("1")! },
  },
  { ...dev("another image", () => undefined), more: { images: tagged("17-def")! } },
  { ...dev("a drift", () => undefined), more: { drift } },
  {
    ...dev("another content of a script", () => undefined),
    more: { initScripts: [{ name: "10-a.sql", content: Buffer.from("select 'S3cret'") }] },
  },
];

/** What no line may hold. */
export const secretsOfChanges = [
  ...[
    "Tr0ub4dor",
    "S3cret",
    "An0ther",
    "Phr4se",
    "K3Y",
    "PR1VATE",
    "0THER",
    "T0KEN",
    "password-of-",
  ],
];

export const allChanges: readonly StackChange[] = [...keyChanges, ...otherChanges];

/** A change with the steps of its preview, shortened. */
export interface PreviewedChange {
  title: string;
  steps: StepEvent[];
}

/** The steps of all changes, a line each. The trial `words` makes them. */
export const previewedFile = join(__dirname, "../unit/wrapper/fixtures/keys.jsonl");

export function previewedChanges(): PreviewedChange[] {
  const lines = readFileSync(previewedFile, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as PreviewedChange);
}

/** Their golden text. */
export const previewedWords = join(__dirname, "../unit/wrapper/fixtures/keys.txt");

/** The lines of each change below its title. */
export function wordsOf(changes: readonly PreviewedChange[]): string {
  return changes.map(({ title, steps }) => `# ${title}\n${asText(changeLines(steps))}`).join("\n");
}
