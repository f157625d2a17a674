import type * as docker from "@pulumi/docker";
import { dataFolder, type ServerKind, socketFolder } from "../../contract/names";
import { pgBackRestPaths, posixRepository } from "../../contract/pgBackRest";
import type { PostgresVolumes } from "../kit/postgresContainer";
import type { ContainerVolume } from "../kit/volume";
import type { Repository } from "./repositories";

/** pgBackRest's volumes. Every managed primary mounts them, with and without backups. */
export interface PgBackRestVolumes {
  /** The configuration. Only the step that writes it may. */
  conf: docker.Volume;
  /** The posix repositories without a folder of their own, and pgBackRest's logs. */
  repositories: docker.Volume;
  /** The spool of the asynchronous archive. */
  spool: docker.Volume;
}

/** What the primary mounts to archive. A folder of the engine's machine more or less makes its container anew. */
export function primaryMounts(
  volumes: PgBackRestVolumes,
  repositories: readonly Repository[],
): ContainerVolume[] {
  return [
    ...repositoryMounts(volumes, repositories),
    { volumeName: volumes.spool.name, containerPath: pgBackRestPaths.spool },
  ];
}

/** What backs up mounts: the same repositories, and each server's data and socket where pgBackRest looks. */
export function backupMounts(
  volumes: PgBackRestVolumes,
  repositories: readonly Repository[],
  servers: Partial<Record<ServerKind, PostgresVolumes | undefined>>,
): ContainerVolume[] {
  const kinds = ["primary", "standby"] as const;
  return [
    ...repositoryMounts(volumes, repositories),
    ...kinds.flatMap((kind) => {
      const server = servers[kind];
      if (!server) return [];
      return [
        { volumeName: server.data, containerPath: dataFolder(kind), readOnly: true },
        { volumeName: server.socket, containerPath: socketFolder(kind) },
      ];
    }),
  ];
}

function repositoryMounts(
  volumes: PgBackRestVolumes,
  repositories: readonly Repository[],
): ContainerVolume[] {
  return [
    { volumeName: volumes.conf.name, containerPath: pgBackRestPaths.conf, readOnly: true },
    { volumeName: volumes.repositories.name, containerPath: pgBackRestPaths.repositories },
    ...repositories.flatMap(({ number, config }) =>
      config.type === "posix" && config.path !== undefined
        ? [{ hostPath: config.path, containerPath: posixRepository(number) }]
        : [],
    ),
  ];
}
