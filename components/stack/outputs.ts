import type * as pulumi from "@pulumi/pulumi";
import { serviceVolumes } from "../../contract/names";
import type {
  BackupsOutput,
  DumpsOutput,
  DuplicatiOutput,
  PoolerOutput,
  PrimaryOutput,
  StackOutputs,
} from "../../contract/stackOutputs";
import { databasesOf } from "../primary/owners";
import type { BackupAgent } from "../backupAgent/backupAgent";
import type { Backups } from "../backupAgent/backups";
import type { DumpsConfig } from "../backupAgent/schema";
import type { Duplicati } from "../duplicati/duplicati";
import type { Address } from "../kit/address";
import type { StackContext } from "../kit/context";
import type { Declared } from "../kit/declared";
import type { PgBouncer } from "../pgBouncer/pgBouncer";
import type { Primary } from "../primary/primary";
import type { DeclaredBackups } from "./backups";
import type { Config } from "./configSchema";

/** A stack's outputs. Those that hold connections are a secret as a whole. */
export type DeclaredOutputs = Omit<Declared<StackOutputs>, "connections"> & {
  connections: pulumi.Output<StackOutputs["connections"]>;
};

/** @param managed the primary, where Laterbase runs it */
export function primaryOutput(
  config: Config,
  address: Address,
  managed: Primary | undefined,
): PrimaryOutput {
  const { version } = config.primary;
  const { dockerHost } = config;
  const place = managed ? { container: managed.host, dockerHost: dockerHost ?? null } : {};
  return { ...address, version, databases: databasesOf(config), ...place };
}

/** The pooler as the stack's output names it. */
export function poolerOutput(
  pooler: PgBouncer,
  dockerHost: string | undefined,
): Declared<PoolerOutput> {
  const { address, admin, stats, containerName: container } = pooler;
  return { ...address, container, dockerHost: dockerHost ?? null, admin, stats };
}

/** The dumps as the stack's output names them. */
export function dumpsOutput(
  { schedule, source, retentionDays, retentionCount }: DumpsConfig,
  backups: Backups,
  agent: BackupAgent,
  { prefix, engine }: StackContext,
): DumpsOutput {
  const volume = `volume ${serviceVolumes(prefix).backups}`;
  return {
    agent: agent.containerName,
    dockerHost: engine.host ?? null,
    location: "hostPath" in backups ? backups.hostPath : volume,
    schedule: schedule.text,
    source,
    retentionDays,
    retentionCount,
  };
}

/** Stanza, repositories and agent as the stack's output names them. */
export function backupsOutput(
  { settings, passphrases }: DeclaredBackups,
  { containerName: container }: BackupAgent,
  { engine }: StackContext,
): Declared<BackupsOutput> {
  return {
    stanza: settings.stanza,
    repositories: settings.repositories.map(({ number, type, location, encrypted }) => {
      const passphrase = passphrases.get(number);
      return { number, type, location, encrypted, ...(passphrase ? { passphrase } : {}) };
    }),
    agent: { container, dockerHost: engine.host ?? null },
  };
}

/** Duplicati as the stack's output names it. */
export function duplicatiOutput({ access, passphrase }: Duplicati): Declared<DuplicatiOutput> {
  return { ...access, passphrase };
}
