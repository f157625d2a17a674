import type * as pulumi from "@pulumi/pulumi";
import { backupRoleName } from "../../contract/names";
import {
  type BackupSettings,
  drillPaths,
  pgBackRestFeatures,
  pgBackRestVolumes,
} from "../../contract/pgBackRest";
import type { StackContext } from "../kit/context";
import { serviceImage } from "../kit/serviceImage";
import { type ContainerVolume, passingVolume } from "../kit/volume";
import { ObjectStore } from "../objectStore/objectStore";
import { beforePrimary } from "../pgBackRest/beforePrimary";
import { PgBackRestConfiguration } from "../pgBackRest/configuration";
import { locationOf } from "../pgBackRest/location";
import { backupMounts, primaryMounts } from "../pgBackRest/mounts";
import { PgBackRest } from "../pgBackRest/pgBackRest";
import { type Repository, repositoriesOf } from "../pgBackRest/repositories";
import type { Primary } from "../primary/primary";
import type { Standby } from "../standby/standby";

import type { LaterbaseArgs } from "./laterbaseArgs";

/** What a managed primary has of pgBackRest before it starts, with and without backups. */
export interface Archive {
  /** Its volumes and its passphrase. */
  pgBackRest: PgBackRest;
  /** Empty: archiving is off. */
  repositories: Repository[];
  /** What the primary mounts. */
  mounts: ContainerVolume[];
  /** What the primary's container waits for. */
  before: pulumi.Resource[];
}

/** Declares what the primary needs to archive. */
export function declareArchive(
  { config: { backups, primary, objectStore }, drift }: Pick<LaterbaseArgs, "config" | "drift">,
  stack: StackContext,
  parent: pulumi.Resource,
): Archive | undefined {
  if (primary.kind !== "managed") return undefined;
  const pgBackRest = new PgBackRest("pgbackrest", { stack }, { parent });
  const repositories = repositoriesOf(backups, primary.version);
  const { volumes, passphrase } = pgBackRest;
  const own = { stack, repositories, version: primary.version, passphrase };
  const mounts = backupMounts(volumes, repositories, {});
  const look = { ...own, mounts, bucket: objectStore?.bucket, drift: drift["empty"] };
  return {
    pgBackRest,
    repositories,
    mounts: primaryMounts(volumes, repositories),
    before:
      backups && repositories.length > 0
        ? [beforePrimary("pgbackrest-before-primary", { ...look, backups }, parent)]
        : [],
  };
}

/** Declares the stack's own object store, if the configuration asks for one. */
export function declareObjectStore(
  { config: { objectStore: config, rotations }, images, drift }: DeclaredFrom,
  stack: StackContext,
  parent: pulumi.Resource,
): ObjectStore | undefined {
  if (!config) return undefined;
  const source = images.objectStore;
  const image = serviceImage({ name: "object-store", role: "object-store", source, stack }, parent);
  const rotation = rotations?.["objectStore"];
  const own = { stack, config, image, rotation, drift: drift["bucket"] };
  return new ObjectStore("object-store", own, { parent });
}

type DeclaredFrom = Pick<LaterbaseArgs, "config" | "images" | "drift">;

interface BackupsArgs extends Pick<LaterbaseArgs, "config" | "drift"> {
  /** The stack. */
  stack: StackContext;
  /** What the primary has of pgBackRest. */
  archive: Archive;
  /** The primary. */
  primary: Primary;
  /** The first standby on the primary's engine. Default: none, and backups read the primary. */
  standby?: Standby | undefined;
  /** The stack's own object store. Default: none. */
  objectStore?: ObjectStore | undefined;
  /** What has to be there before: the role that backs up. */
  after: pulumi.Resource[];
}

/** What the agent needs to back up, and what the outputs show. */
export interface DeclaredBackups {
  /** What the agent is told of them. */
  settings: BackupSettings;
  /** The passphrase of each repository, by its number. Absent where it is not encrypted. */
  passphrases: Map<number, pulumi.Output<string>>;
  /** What the agent mounts. */
  mounts: ContainerVolume[];
  /** What backs up depends on this. */
  ready: pulumi.Resource;
}

/** Declares how the primary archives, and returns what backups need. Undefined where there are none. */
export function declareBackups(
  args: BackupsArgs,
  parent: pulumi.Resource,
): DeclaredBackups | undefined {
  const { config, stack, archive, primary, standby, objectStore } = args;
  const { pgBackRest, repositories } = archive;
  const { passphrase, volumes } = pgBackRest;
  const servers = { primary: primary.volumes, standby: standby?.volumes };
  const mounts = backupMounts(volumes, repositories, servers);
  const { ready } = new PgBackRestConfiguration(
    "pgbackrest",
    {
      ...{ stack, repositories, passphrase, mounts },
      primary: { containerName: primary.host, container: primary.container },
      backups: config.backups,
      version: config.primary.version,
      role: backupRoleName(stack.stack),
      standby: standby !== undefined,
      objectStore: objectStore?.access,
      drift: args.drift["configuration"],
      after: [primary.ready, ...(objectStore ? [objectStore.ready] : []), ...args.after],
    },
    { parent },
  );
  // With the type `none` the agent stays, so that its records do, and nothing has to be forgotten first.
  if (!config.backups) return undefined;
  const passphrases = new Map<number, pulumi.Output<string>>();
  for (const one of repositories) {
    const own = one.passphrase === "generated" ? passphrase : one.passphrase;
    if (own) passphrases.set(one.number, own);
  }
  const own = repositories.length > 0 ? [drillMount(stack, parent)] : [];
  return { settings: settingsOf(args), passphrases, mounts: [...mounts, ...own], ready };
}

/** Where the agent's drills restore. They empty it, so it goes with the stack. */
function drillMount(stack: StackContext, parent: pulumi.Resource): ContainerVolume {
  const volume = pgBackRestVolumes(stack.prefix).drill;
  const { name } = passingVolume("agent-drill", { volume, role: "agent", stack }, parent);
  return { volumeName: name, containerPath: drillPaths.volume };
}

function settingsOf({ config, stack, archive, standby, objectStore }: BackupsArgs): BackupSettings {
  const { stanza, schedules, retention } = config.backups!;
  const volume = pgBackRestVolumes(stack.prefix).repositories;
  const reads = pgBackRestFeatures(config.primary.version).standby !== "n";
  return {
    stanza,
    repositories: archive.repositories.map((one) => ({
      number: one.number,
      type: one.config.type,
      encrypted: one.passphrase !== undefined,
      ...(one.retention.archiveDays === undefined
        ? {}
        : { archiveDays: one.retention.archiveDays }),
      location: locationOf(one, volume, objectStore?.access),
    })),
    schedules,
    logDays: retention.logDays,
    ...(standby && reads ? { standby: standby.name } : {}),
  };
}
