import { isTakenOver } from "../../../contract/serverSettings";
import {
  allSteps,
  any,
  containers,
  everything,
  logins,
  monitor,
  ofSetting,
  ofStandby,
  owners,
  parts,
  program,
  readers,
  type Rule,
  say,
  servers,
  steps,
} from "./covers";
import { rotationRules } from "./rotationRules";

const nextDump = say("the next dump applies it");

/** By the way to a key; `*` is a name. The longest one that fits counts. */
export const rules: Readonly<Record<string, Rule>> = {
  dockerHost: { covers: everything },
  timeZone: { covers: ({ kind }) => kind === "Container" },
  bindAddress: { covers: any(servers, containers("pooler", "duplicati", "health")) },

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
    covers: owners,
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
  "primary.memory": { covers: containers("primary") },
  "primary.settings": {
    covers: any(containers("primary", "standby"), program("settings", "settings-check")),
  },
  "primary.settings.*": {
    covers: ofSetting,
    note: ({ path: [, , name = ""] }) =>
      isTakenOver(name) ? "each standby restarts itself when it replays a higher value" : undefined,
  },
  "primary.extensions": {
    covers: any(
      containers("primary", "standby", "agent", "health"),
      program("extensions", "configuration", "order", "before-primary"),
      parts("steps"),
      ({ kind, place }) => kind === "RemoteImage" && ["engine", "agent"].includes(place.part),
    ),
    note: ({ to }) =>
      Array.isArray(to) && to.length > 0
        ? "extensions that only a superuser may create are created in each database"
        : undefined,
  },
  "primary.allowFrom": { covers: steps("hba") },
  "primary.slotRetention": {
    covers: any(steps("cap"), monitor),
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
  "applications.*.password": { covers: logins },
  "applications.*.migrate": { covers: () => false, note: say("the next migrate uses it") },

  "standbys.*": { covers: any(ofStandby, readers, program("login")) },
  "standbys.*.port": { covers: any(ofStandby, readers) },
  "standbys.*.dockerHost": {
    covers: any(ofStandby, readers, parts("engine"), allSteps),
  },
  "standbys.*.memory": { covers: ofStandby },
  "standbys.*.bindAddress": { covers: any(ofStandby, readers) },

  pooler: {
    covers: any(parts("pooler"), containers("primary"), program("login"), steps(), monitor),
  },
  "pooler.port": { covers: any(parts("pooler"), program("login")) },
  "pooler.mode": { covers: parts("pooler") },
  "pooler.maxClients": { covers: any(parts("pooler"), containers("primary"), steps()) },
  "pooler.poolSize": { covers: any(parts("pooler"), containers("primary"), steps()) },
  "pooler.maxServerConnections": { covers: any(parts("pooler"), containers("primary"), steps()) },
  "pooler.databases": { covers: any(parts("pooler"), containers("primary"), steps()) },

  pgAdmin: {
    covers: any(
      parts("pgAdmin"),
      steps("pgAdmin", "hba", "pgAdmin-salt", "pgAdmin-password"),
      monitor,
    ),
  },
  "pgAdmin.port": { covers: parts("pgAdmin") },
  "pgAdmin.email": { covers: parts("pgAdmin"), note: say("people log in by the new address") },
  "pgAdmin.hostNames": { covers: parts("pgAdmin") },
  "pgAdmin.superuser": {
    covers: any(parts("pgAdmin"), steps("pgAdmin", "hba", "pgAdmin-salt", "pgAdmin-password")),
  },

  dumps: {
    covers: any(
      parts("agent", "scheduler"),
      steps("dumps", "hba", "dumps-salt", "dumps-password"),
      monitor,
    ),
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
      monitor,
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
  objectStore: { covers: any(parts("objectStore", "backups"), containers("agent"), monitor) },
  "objectStore.port": { covers: parts("objectStore") },
  "objectStore.bucket": {
    covers: any(parts("objectStore", "backups"), containers("agent")),
    note: say("the old bucket stays with its objects"),
  },

  images: {
    covers: everything,
    note: ({ to }) =>
      to === undefined
        ? "this run builds its own images, to keep those of a pipeline put laterbase:images into the stack file"
        : "images come from another place",
  },
  "images.tag": { covers: everything, note: say("what has the same content stays as it is") },

  // The agent listens for the monitor, and the scheduler gives it a sign.
  health: {
    covers: any(
      parts("health"),
      containers("agent", "scheduler"),
      steps("health", "hba", "health-salt", "health-password"),
    ),
  },
  "health.port": { covers: parts("health") },
  "health.token": { covers: parts("health") },
  "health.thresholds": { covers: parts("health") },
  "health.notify": { covers: parts("health") },
  "health.pings": { covers: parts("health") },

  // Where the dumps go too, it is because of them.
  duplicati: {
    covers: any(
      parts("duplicati"),
      (change, key) => change.fate !== "removed" && containers("agent", "scheduler")(change, key),
      monitor,
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

  ...rotationRules,
};
