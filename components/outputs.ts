import type * as pulumi from "@pulumi/pulumi";
import { serviceVolumes } from "../contract/names";
import type { BackupAgent } from "./backupAgent/backupAgent";
import type { Backups } from "./backupAgent/backups";
import type { DumpsConfig } from "./backupAgent/schema";
import type { Config } from "./configSchema";
import type { Duplicati } from "./duplicati/duplicati";
import type { Address } from "./kit/address";
import type { StackContext } from "./kit/context";
import type { PgBouncer } from "./pgBouncer/pgBouncer";
import type { Primary } from "./primary/primary";

/** The stack output `primary`. */
export interface PrimaryOutput extends Address {
  /** PostgreSQL's major version. */
  version: number;
  /** The databases as configured. */
  databases: string[] | "*";
  /** The container of a managed primary. */
  container?: string;
  /** The engine of that container. Null is the local one. */
  dockerHost?: string | null;
}

/** The stack output `pooler`: where clients reach it, and what the operator's command needs. */
export type PoolerOutput = PgBouncer["address"] & {
  container: string;
  dockerHost: string | null;
  admin: PgBouncer["admin"];
  stats: PgBouncer["stats"];
};

/** The stack output `backups.dumps`. */
export interface DumpsOutput {
  /** The agent's container. */
  agent: string;
  /** The engine of that container. Null is the local one. */
  dockerHost: string | null;
  /** The volume or the folder of the dumps. */
  location: string;
  /** When dumps start, as configured. */
  schedule: string;
  /** The server that dumps read. */
  source: "standby" | "primary";
  /** Days that a dump is kept at least. */
  retentionDays: number;
  /** Dumps of each database that are kept at least. */
  retentionCount: number;
}

/** The stack output `duplicati`. */
export type DuplicatiOutput = Duplicati["access"] & { passphrase: pulumi.Output<string> };

/** @param managed the primary, where Laterbase runs it */
export function primaryOutput(
  { primary: { version, databases }, dockerHost }: Config,
  address: Address,
  managed: Primary | undefined,
): PrimaryOutput {
  const place = managed ? { container: managed.host, dockerHost: dockerHost ?? null } : {};
  return { ...address, version, databases, ...place };
}

/** The pooler as the stack's output names it. */
export function poolerOutput(pooler: PgBouncer, dockerHost: string | undefined): PoolerOutput {
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

/** Duplicati as the stack's output names it. */
export function duplicatiOutput({ access, passphrase }: Duplicati): DuplicatiOutput {
  return { ...access, passphrase };
}
