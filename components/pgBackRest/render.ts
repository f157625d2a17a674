import type * as pulumi from "@pulumi/pulumi";
import { maintenanceDatabase } from "../../contract/maintenanceDatabases";
import { dataDirectory, type ServerKind, socketFolder } from "../../contract/names";
import { pgBackRestFeatures, pgBackRestPaths } from "../../contract/pgBackRest";
import type { ObjectStoreAccess } from "../objectStore/access";
import type { ConfigurationFile } from "./configurationFile";
import type { Repository } from "./repositories";
import { renderRepository } from "./renderRepository";
import type { BackupsConfig } from "./schema";
import { type Line, option, section, textOf } from "./text";

export interface ConfigurationArgs {
  /** `laterbase:backups`. The next command of pgBackRest uses a change. */
  backups: BackupsConfig;
  /** Its repositories, from `repositoriesOf`. Empty: archiving is off, and there are no files. */
  repositories: readonly Repository[];
  /** PostgreSQL's major version, which decides what pgBackRest knows. */
  version: number;
  /** The role that backs up. */
  role: string;
  /** Whether there is a standby on the same engine. Before 15 none is read. */
  standby: boolean;
  /** The generated passphrase. Needed where `needsPassphrase` says so. */
  passphrase?: pulumi.Input<string> | undefined;
  /** The stack's own object store. Needed by a repository of that type. */
  objectStore?: ObjectStoreAccess | undefined;
}

/**
 * pgBackRest's whole configuration, for every container that mounts it. pgBackRest reads it at each call.
 * What is not in it is on the agent's command line: `--repo`, `--type`, `--backup-standby`.
 */
export function renderConfiguration(args: ConfigurationArgs): ConfigurationFile[] {
  const { repositories, passphrase, objectStore } = args;
  const { release } = pgBackRestFeatures(args.version);
  if (repositories.length === 0) return [];
  const rendered = repositories.map((one) =>
    renderRepository(one, { release, passphrase, objectStore }),
  );
  // No option may be in both files: pgBackRest refuses that by [031].
  const main = [
    ...section("global", globalLines(args)),
    ...section(args.backups.stanza, serverLines(args)),
  ];
  const repo = section(
    "global",
    rendered.flatMap(({ lines }) => lines),
  );
  return [
    { name: "pgbackrest.conf", content: textOf(main), mode: "0644" },
    { name: "conf.d/repo.conf", content: textOf(repo), mode: "0640" },
    ...rendered.flatMap(({ files }) => files),
  ];
}

function globalLines({ backups }: ConfigurationArgs): Line[] {
  const { async, archiveQueueMax, compression, processMax } = backups;
  return [
    option("lock-path", pgBackRestPaths.locks),
    option("log-path", pgBackRestPaths.logs),
    option("log-level-file", "info"),
    option("process-max", processMax),
    option("compress-type", compression.type),
    ...(compression.type === "none"
      ? []
      : [option("compress-level", compression.level ?? defaultLevels[compression.type])]),
    option("start-fast", "y"),
    option("archive-async", async ? "y" : "n"),
    option("archive-push-queue-max", archiveQueueMax),
    ...(async ? [option("spool-path", pgBackRestPaths.spool)] : []),
    option("archive-timeout", 60),
    // A store that is away must not block the others: with the default of a minute one push took six.
    option("io-timeout", 10),
  ];
}

/** Where `level` is absent. */
export const defaultLevels = { lz4: 3, zst: 3, gz: 6, bz2: 9 } as const;

function serverLines({ version, role, standby }: ConfigurationArgs): Line[] {
  const read = standby && pgBackRestFeatures(version).standby !== "n";
  return [...server(1, "primary", role), ...(read ? server(2, "standby", role) : [])];
}

function server(number: number, kind: ServerKind, role: string): Line[] {
  return [
    option(`pg${number}-path`, dataDirectory(kind)),
    option(`pg${number}-socket-path`, socketFolder(kind)),
    option(`pg${number}-user`, role),
    option(`pg${number}-database`, maintenanceDatabase),
  ];
}
