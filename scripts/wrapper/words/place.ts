import type { Change } from "./changes";

/** The parts of a stack that people know by a name. */
export type Part =
  | "primary"
  | "standby"
  | "pooler"
  | "pgAdmin"
  | "agent"
  | "duplicati"
  | "scheduler"
  /** The repositories, and how the primary archives. */
  | "backups"
  | "objectStore"
  | "health"
  /** What is prepared on the primary. */
  | "steps"
  /** The roles that own its databases. */
  | "applications"
  /** What every part of an engine shares. */
  | "engine";

/** Where a change happens. */
export interface Place {
  part: Part;
  /** The standby's name. */
  standby?: string;
  /** Of a step on the primary: its key, such as `role` or `slot-standby`, or an owner's role. Of a program: its name. */
  step?: string;
}

/** The components of the tree, by the last word of their type. */
export const parts: Readonly<Record<string, Part>> = {
  Primary: "primary",
  SuperuserLogin: "primary",
  Standby: "standby",
  PgBouncer: "pooler",
  PoolerConfiguration: "pooler",
  PreparedPrimary: "steps",
  ExternalPrimary: "steps",
  OwnerLogins: "applications",
  Applications: "applications",
  PgAdmin: "pgAdmin",
  BackupAgent: "agent",
  Duplicati: "duplicati",
  UploadJob: "duplicati",
  Scheduler: "scheduler",
  PgBackRest: "backups",
  PgBackRestConfiguration: "backups",
  ObjectStore: "objectStore",
  HealthMonitor: "health",
};

/** What the stack itself declares for a part, by the first word of its name. */
const ofStack: Readonly<Record<string, Part>> = {
  pgadmin: "pgAdmin",
  backups: "agent",
  duplicati: "duplicati",
  scheduler: "scheduler",
  ofelia: "scheduler",
  "socket-proxy": "scheduler",
  "object-store": "objectStore",
  health: "health",
  "pgbackrest-before-primary": "backups",
};

export function placeOf({ kind, name, parent }: Change): Place {
  const own = parts[kind];
  if (own) return { part: own, ...(own === "standby" ? { standby: name } : {}) };
  const part = parts[parent.kind];
  const step = name.startsWith(`${parent.name}-`) ? name.slice(parent.name.length + 1) : name;
  if (part) return { part, step, ...(part === "standby" ? { standby: parent.name } : {}) };
  const shared = Object.keys(ofStack).find((word) => name === word || name.startsWith(`${word}-`));
  return { part: ofStack[shared ?? ""] ?? "engine", step: name };
}

const order = [
  "primary",
  "steps",
  "applications",
  "standby",
  "pooler",
  "pgAdmin",
  "objectStore",
  "backups",
  "agent",
  "duplicati",
  "scheduler",
  "health",
];

/** The same order in every run: Pulumi's own differs from run to run. */
export function inOrder<Placed extends { name: string; place: Place }>(
  changes: readonly Placed[],
): Placed[] {
  const rank = ({ name, place: { part, standby = "" } }: Placed) =>
    `${String(order.indexOf(part) + 1).padStart(2, "0")} ${standby} ${name}`;
  return [...changes].sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

/** A part in a sentence. A standby that is not called so is named. */
export function nameOf({ part, standby }: Pick<Place, "part" | "standby">): string {
  if (part === "standby") return standby === "standby" ? "standby" : `standby ${standby}`;
  return names[part];
}

const names: Readonly<Record<Part, string>> = {
  primary: "primary",
  standby: "standby",
  pooler: "pooler",
  pgAdmin: "pgAdmin",
  agent: "dumps",
  duplicati: "Duplicati",
  scheduler: "scheduler",
  backups: "backups",
  objectStore: "object store",
  health: "monitor",
  steps: "primary",
  applications: "applications",
  engine: "engine",
};
