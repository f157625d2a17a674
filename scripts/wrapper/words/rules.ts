import type { KeyChange } from "./keys";
import type { Located } from "./located";
import type { Part } from "./place";

/** What a key of the stack file leads to. */
export interface Rule {
  /** Whether a change may come of this key. */
  covers: (change: Located, key: KeyChange) => boolean;
  /** What people should know that the changes themselves do not say. */
  note?: (key: KeyChange) => string | undefined;
}

type Covers = Rule["covers"];

const any =
  (...all: Covers[]): Covers =>
  (change, key) =>
    all.some((covers) => covers(change, key));

const everything: Covers = () => true;

const parts =
  (...names: Part[]): Covers =>
  ({ place }) =>
    names.includes(place.part);

const containers =
  (...names: Part[]): Covers =>
  ({ kind, place }) =>
    kind === "Container" && names.includes(place.part);

/** Steps on the primary, by their resources' names. Each key also has the preflight look again. */
const steps =
  (...names: string[]): Covers =>
  ({ place: { part, step } }) =>
    part === "steps" && (step === "preflight" || names.includes(step ?? ""));

const program =
  (...names: string[]): Covers =>
  ({ kind, place }) =>
    kind === "Command" && place.part !== "steps" && names.includes(place.step ?? "");

/** What belongs to the standby that the key is about. */
const ofStandby: Covers = ({ place: { part, standby, step } }, { path }) =>
  part === "standby"
    ? standby === path[1]
    : part === "steps" && ["slot-", "probe-"].some((word) => step === `${word}${path[1]}`);

/** What the address of a server leads to. */
const readers = any(containers("pgAdmin", "agent"), program("configuration"), steps());

const servers = any(containers("primary", "standby"), readers, program("login", "order"));

const owners = any(parts("applications"), containers("primary"), program("configuration"));

const allSteps = any(parts("steps", "applications"), program("order"));

const say = (sentence: string) => () => sentence;

const nextDump = say("the next dump applies it");

/** By the way to a key; `*` is a name. The longest one that fits counts. */
export const rules: Readonly<Record<string, Rule>> = {
  dockerHost: {
    covers: everything,
    note: say("the stack moves: everything is made there with new data, the data here stay"),
  },
  timeZone: { covers: ({ kind }) => kind === "Container" },
  bindAddress: { covers: any(servers, containers("pooler", "duplicati")) },

  primary: {
    covers: everything,
    note: say("another primary: the standbys must clone it, the old data stay"),
  },
  "primary.host": { covers: any(servers, allSteps), note: say("a different server is refused") },
  "primary.port": { covers: any(servers, allSteps) },
  "primary.version": {
    covers: any(servers, allSteps, ({ kind }) => kind === "RemoteImage"),
    note: say("a server does not start on data of another major"),
  },
  "primary.superuser": { covers: any(servers, allSteps) },
  "primary.superuser.name": { covers: any(servers, allSteps) },
  "primary.superuser.password": { covers: any(servers, allSteps) },
  "primary.databases": {
    covers: any(containers("primary"), program("configuration"), parts("applications")),
    note: say("databases that are missing on a managed primary are created, none is dropped"),
  },
  "primary.initScripts": {
    covers: containers("primary"),
    note: say("no script runs: they ran once, when the data were created"),
  },
  "primary.maxConnections": {
    covers: containers("primary"),
    note: say("each standby restarts itself when it replays a higher value"),
  },
  "primary.allowFrom": { covers: steps("hba") },
  "primary.slotRetention": {
    covers: steps("cap"),
    note: say("a standby that misses more WAL clones again"),
  },
  "primary.tablespaces": {
    covers: any(containers("standby"), steps()),
    note: say("the next clone applies it"),
  },
  "primary.access": { covers: allSteps },

  applications: { covers: owners },
  "applications.*": { covers: owners },
  "applications.*.database": {
    covers: owners,
    note: say("no row moves: the old database stays, and the superuser owns it again"),
  },
  "applications.*.password": { covers: parts("applications") },
  "applications.*.migrate": { covers: () => false, note: say("the next migrate uses it") },

  "standbys.*": { covers: any(ofStandby, readers, program("login")) },
  "standbys.*.port": { covers: any(ofStandby, readers) },
  "standbys.*.dockerHost": {
    covers: any(ofStandby, readers, parts("engine"), allSteps),
    note: say("a new clone there, the old data volume stays where it is"),
  },
  "standbys.*.bindAddress": { covers: any(ofStandby, readers) },

  pooler: { covers: any(parts("pooler"), containers("primary"), program("login"), steps()) },
  "pooler.port": { covers: any(parts("pooler"), program("login")) },
  "pooler.mode": { covers: parts("pooler") },
  "pooler.maxClients": { covers: any(parts("pooler"), containers("primary"), steps()) },
  "pooler.poolSize": { covers: any(parts("pooler"), containers("primary"), steps()) },
  "pooler.maxServerConnections": { covers: any(parts("pooler"), containers("primary"), steps()) },
  "pooler.databases": { covers: any(parts("pooler"), containers("primary"), steps()) },

  pgAdmin: {
    covers: any(parts("pgAdmin"), steps("pgAdmin", "hba", "pgAdmin-salt", "pgAdmin-password")),
  },
  "pgAdmin.port": { covers: parts("pgAdmin") },
  "pgAdmin.email": { covers: parts("pgAdmin"), note: say("people log in by the new address") },
  "pgAdmin.hostNames": { covers: parts("pgAdmin") },
  "pgAdmin.superuser": {
    covers: any(parts("pgAdmin"), steps("pgAdmin", "hba", "pgAdmin-salt", "pgAdmin-password")),
  },

  dumps: {
    covers: any(parts("agent", "scheduler"), steps("dumps", "hba", "dumps-salt", "dumps-password")),
  },
  "dumps.schedule": { covers: containers("agent", "scheduler") },
  "dumps.retentionDays": { covers: containers("agent"), note: nextDump },
  "dumps.retentionCount": { covers: containers("agent"), note: nextDump },
  "dumps.path": {
    covers: any(containers("agent", "duplicati"), program("owner")),
    note: say("the old dumps stay where they are"),
  },
  "dumps.source": { covers: containers("agent"), note: nextDump },
  "dumps.plain": { covers: containers("agent"), note: nextDump },
  "dumps.timeout": { covers: containers("agent"), note: nextDump },
  "dumps.databaseTimeout": { covers: containers("agent"), note: nextDump },
  "dumps.minFree": { covers: containers("agent"), note: nextDump },
  "dumps.databases": { covers: containers("agent"), note: nextDump },

  backups: {
    covers: any(
      parts("backups"),
      containers("primary"),
      (change, key) => change.fate !== "removed" && parts("agent", "scheduler")(change, key),
      steps("backups", "hba"),
    ),
  },
  "backups.stanza": {
    covers: any(parts("backups"), containers("agent")),
    note: say("a new history begins there, the old backups stay and nothing expires them"),
  },
  "backups.schedules": { covers: containers("agent", "scheduler") },
  "backups.retention": {
    covers: any(parts("backups"), containers("agent")),
    note: say("the next backup or maintenance applies it"),
  },
  "backups.compression": { covers: parts("backups") },
  "backups.processMax": { covers: parts("backups") },
  "backups.encryption": {
    covers: any(parts("backups"), containers("agent")),
    note: say("a repository with backups stays as it is: a change needs a new place"),
  },
  "backups.archiveTimeout": { covers: parts("backups") },
  "backups.archiveQueueMax": { covers: parts("backups") },
  "backups.async": { covers: parts("backups") },
  "backups.bundle": { covers: parts("backups") },
  "backups.block": { covers: parts("backups") },
  "backups.repositories.*": {
    covers: any(parts("backups"), containers("primary", "agent", "scheduler")),
    note: ({ from, to }) =>
      to === undefined
        ? "what is in it stays"
        : from === undefined
          ? "WAL goes there at once, and the next full backup fills it"
          : undefined,
  },
  "backups.repositories.*.path": {
    covers: any(parts("backups"), containers("primary", "agent")),
    note: say("an empty repository begins there, the old one stays"),
  },
  objectStore: { covers: any(parts("objectStore", "backups"), containers("agent")) },
  "objectStore.port": { covers: parts("objectStore") },
  "objectStore.bucket": {
    covers: any(parts("objectStore", "backups"), containers("agent")),
    note: say("the old bucket stays with its objects"),
  },

  // Where the dumps go too, it is because of them.
  duplicati: {
    covers: any(
      parts("duplicati"),
      (change, key) => change.fate !== "removed" && containers("agent", "scheduler")(change, key),
    ),
  },
  "duplicati.port": { covers: parts("duplicati") },
  "duplicati.target": {
    covers: parts("duplicati"),
    note: say("a new history begins there, the old archives stay"),
  },
  "duplicati.passphrase": {
    covers: parts("duplicati"),
    note: say("Duplicati refuses it while the target holds archives"),
  },
  "duplicati.schedule": { covers: containers("agent", "scheduler") },
  "duplicati.retention": { covers: parts("duplicati"), note: say("the next upload applies it") },
};

/** Patterns of a whole section. */
const sections = new Set([
  ...["primary", "standbys.*", "pooler", "pgAdmin", "dumps", "duplicati"],
  ...["backups", "backups.repositories.*", "objectStore"],
]);

/** The rule of a key. A key without one of its own leads to what its section leads to. */
export function ruleOf({ path }: KeyChange): Rule {
  for (let length = path.length; length > 0; length--) {
    const pattern = Object.keys(rules).find((one) => fits(one.split("."), path, length));
    const rule = rules[pattern ?? ""];
    if (!rule) continue;
    // What is said of a section that comes or goes is not true of a key in it.
    const within = sections.has(pattern ?? "") && length < path.length;
    return within ? { covers: rule.covers } : rule;
  }
  return { covers: everything };
}

function fits(pattern: string[], path: string[], length: number): boolean {
  return pattern.length === length && pattern.every((word, i) => word === "*" || word === path[i]);
}
