/** What every name of a stack on an engine begins with. It is also the name of the stack's network. */
export function stackPrefix(project: string, stack: string): string {
  return `${project}-${stack}`;
}

/**
 * The roles of a stack's containers. A role is the end of the container's name, its host name and its
 * name in the stack's network. Each standby is one more role: its own name.
 */
export const containerRoles = [
  "primary",
  "pooler",
  "pgadmin",
  "agent",
  "duplicati",
  "scheduler",
  "scheduler-proxy",
  "object-store",
  "health",
  "restored",
] as const;

/** The role of a container that is no standby's. */
export type ContainerRole = (typeof containerRoles)[number];

/** Whether a standby may not have this name, because a container of another kind has it. */
export function isReservedRole(name: string): boolean {
  return (containerRoles as readonly string[]).includes(name);
}

/** @param role one of `containerRoles`, or a standby's name */
export function containerName(prefix: string, role: string): string {
  return `${prefix}-${role}`;
}

/**
 * The container in which the programs of a restore run. While it is there, no other restore of the stack begins. A
 * standby's name has no hyphen.
 */
export const restoreWork = "restore-work";

/** The containers that the operator's command makes. The state of a stack does not know them. */
export function restoreContainers(prefix: string): string[] {
  return ["restored", restoreWork].map((role) => containerName(prefix, role));
}

/** A server's volumes: its data, and the folder of its socket. */
export function serverVolumes(prefix: string, role: string) {
  const container = containerName(prefix, role);
  return { data: `${container}-data`, socket: `${container}-socket` };
}

/** The volume of a server that was restored beside the primary. It outlives the container. */
export function restoredVolume(prefix: string): string {
  return serverVolumes(prefix, "restored").data;
}

/** A file beside the restored data that says what they are. It is written when the restore is done. */
export const restoredRecord = `${dataFolder("primary")}/restored.json`;

/** The volumes of the other containers. */
export function serviceVolumes(prefix: string) {
  return {
    backups: `${prefix}-backups`,
    agentRecords: `${prefix}-agent-records`,
    pgAdminData: `${prefix}-pgadmin-data`,
    duplicatiData: `${prefix}-duplicati-data`,
    duplicatiArchive: `${prefix}-duplicati-archive`,
    objectStoreData: `${prefix}-object-store-data`,
    healthHistory: `${prefix}-health-history`,
  };
}

/** The network of the scheduler and its proxy. Nothing else is in it. */
export function schedulerNetwork(prefix: string): string {
  return containerName(prefix, "scheduler");
}

/** What the name of every physical slot of ours begins with. */
export const slotPrefix = "laterbase_";

/** The physical slot of a standby, on the primary. */
export function slotName(standby: string): string {
  return `${slotPrefix}${standby}_slot`;
}

/** The kind of a server's container: what its entry point runs. Its folders are named after it. */
export type ServerKind = "primary" | "standby";

/** The folder of a server's socket, in every container of ours that has it. */
export function socketFolder(kind: ServerKind): string {
  return `/run/pg/${kind}`;
}

/** Where a server's data volume is mounted in its container. */
export function dataFolder(kind: ServerKind): string {
  return `/var/lib/postgresql/${kind}`;
}

/** The data directory in that volume: PostgreSQL's `data_directory`. */
export function dataDirectory(kind: ServerKind): string {
  return `${dataFolder(kind)}/data`;
}

/** The steps on a primary that have an older name in states. */
const olderNames: Readonly<Record<string, string>> = { collation: "order", slotWalLimit: "cap" };

/** The step of a role that owns a database, by the role: its drift goes by this. */
export function applicationKey(role: string): string {
  return `application-${role}`;
}

/** How the resource of a step on a primary is named. Another name would be another resource. */
export function stepResource(step: string): string {
  return olderNames[step] ?? step;
}

/** The owner that a primary records for a stack. Each stack adds a random number of its own. */
export function ownerName(project: string, stack: string): string {
  return `${project}/${stack}`;
}

/**
 * The owner with its number, such as `laterbase/dev#1a2b3c4d.2`. States of earlier releases hold steps that
 * undo what is recorded for `laterbase/dev#1a2b3c4d`, and `up` deletes those that were made over SSH, because
 * they were resources of another type. They find another owner here, and leave everything alone.
 */
export function ownerRecord(owner: string, number: string): string {
  return `${owner}#${number}.2`;
}

/** The number in an owner's record, of this or an earlier release. Undefined when there is none. */
export function ownerNumber(record: string): string | undefined {
  return /#([0-9a-f]{8})(?:\.2)?$/.exec(record)?.[1];
}

/** The same owner as earlier releases recorded it. Undefined when the record has no such form. */
export function formerOwner(record: string): string | undefined {
  return /^(.+#[^#.]+)\.2$/.exec(record)?.[1];
}

/** The upload of a stack in Duplicati. The job is found again by this name. */
export function uploadJobName(stack: string): string {
  return `laterbase ${stack}`;
}

/**
 * The oldest major in which a role that is no superuser can read everything
 * (`pg_read_all_data`). Before it, the superuser dumps.
 */
export const dumpRoleSince = 14;

/** The replication role of a stack. */
export function roleName(stack: string): string {
  return `laterbase_${stack.replace(/[^a-z0-9_]/g, "_")}`.slice(0, 63);
}

/** The role of a stack that dumps: it reads everything and writes nothing. */
export function dumpRoleName(stack: string): string {
  return dumpRoleBeside(roleName(stack));
}

/** The role that dumps, by the stack's replication role. PostgreSQL cuts names at 63 bytes. */
export function dumpRoleBeside(role: string): string {
  return `${role.slice(0, 57)}_dumps`;
}

/** The role of a stack that pgAdmin connects by: it looks and reads, and changes nothing. */
export function pgAdminRoleName(stack: string): string {
  return pgAdminRoleBeside(roleName(stack));
}

/** The role that pgAdmin connects by, by the stack's replication role. */
export function pgAdminRoleBeside(role: string): string {
  return `${role.slice(0, 55)}_pgadmin`;
}

/** The role of a stack's monitor: it looks at the server, and writes nothing but the heartbeat of a managed primary. */
export function healthRoleName(stack: string): string {
  return healthRoleBeside(roleName(stack));
}

/** The role of the monitor, by the stack's replication role. */
export function healthRoleBeside(role: string): string {
  return `${role.slice(0, 56)}_health`;
}

/** The role of a stack's restores. It exists while one runs. */
export function restoreRoleName(stack: string): string {
  return restoreRoleBeside(roleName(stack));
}

/** The role of a stack's restores, by the stack's replication role. */
export function restoreRoleBeside(role: string): string {
  return `${role.slice(0, 55)}_restore`;
}

/**
 * A file in a managed primary's container that holds the verifier of its superuser's password. It is
 * beside the data: restored data with an older password are noticed.
 */
export const superuserRecord = `${dataFolder("primary")}/superuser-verifier`;

/**
 * A file in a managed primary's container that notes which password each role that owns a database was given last. It
 * is beside the data: restored data with an older password are noticed.
 */
export const applicationLogins = `${dataFolder("primary")}/application-logins`;

/** The role of a stack that backs up: it starts and stops backups, and reads no table. */
export function backupRoleName(stack: string): string {
  return backupRoleBeside(roleName(stack));
}

/** The role that backs up, by the stack's replication role. */
export function backupRoleBeside(role: string): string {
  return `${role.slice(0, 55)}_backups`;
}
