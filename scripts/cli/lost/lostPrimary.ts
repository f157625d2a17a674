import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import { parse } from "yaml";
import type { Config } from "../../../components/config";
import { archiveSettings } from "../../../components/pgBackRest/archiveSettings";
import { locationOf } from "../../../components/pgBackRest/location";
import { renderConfiguration } from "../../../components/pgBackRest/render";
import { needsPassphrase, repositoriesOf } from "../../../components/pgBackRest/repositories";
import {
  backupRoleName,
  containerName,
  dataFolder,
  serverVolumes,
  stackPrefix,
} from "../../../contract/names";
import {
  type BackupSettings,
  backsUp,
  pgBackRestPaths,
  pgBackRestVolumes,
  posixRepository,
} from "../../../contract/pgBackRest";
import type { ArchiveSettings, StepFile } from "../../../contract/pgBackRestStep";
import type { StepMount } from "../../../contract/stepMount";
import { maxWalOf } from "../../../contract/walSize";
import { connect } from "../../engine/connect";
import { exists } from "../../engine/exists";
import type { ImageConfig } from "../servers/ownImage";
import { readStackConfig } from "../stack/config";
import { CliError } from "../terminal/cliError";

/** A managed primary that is gone with its container and its data, and whose repositories are left. */
export interface LostPrimary {
  stack: string;
  prefix: string;
  engine: Docker;
  host: string;
  major: number;
  /** What decides the image that restores. */
  config: ImageConfig;
  timeZone: string;
  /** What the stack file sets for max_wal_size, in MB. Undefined: nothing. */
  maxWal: number | undefined;
  /** What the plan of a restore reads. */
  settings: BackupSettings;
  /** pgBackRest's configuration as `up` writes it. Undefined: it needs a passphrase that nobody knows here. */
  files: StepFile[] | undefined;
  archive: ArchiveSettings;
  mounts: StepMount[];
  volumes: { data: string; conf: string; repositories: string };
}

/**
 * The primary of a stack that has none, as its stack file describes it. Undefined: its container is there, or the
 * stack makes no backups.
 */
export async function lostPrimary(stack: string): Promise<LostPrimary | undefined> {
  const config = await readStackConfig(stack);
  const { primary, backups, dockerHost, timeZone } = config;
  if (primary.kind !== "managed" || !backups || !backsUp(backups)) return undefined;
  const name = stack.split("/").at(-1)!;
  const { name: project } = parse(readFileSync("Pulumi.yaml", "utf8")) as { name: string };
  const prefix = stackPrefix(project, name);
  const engine = connect({ host: dockerHost });
  if (await exists(engine.getContainer(containerName(prefix, "primary")))) return undefined;
  const volumes = {
    data: serverVolumes(prefix, "primary").data,
    conf: pgBackRestVolumes(prefix).conf,
    repositories: pgBackRestVolumes(prefix).repositories,
  };
  return {
    ...{ stack: name, prefix, engine, host: dockerHost ?? "", major: primary.version, timeZone },
    ...{ config, maxWal: maxWalOf(primary.settings) },
    ...{ volumes, ...(await described(config, name, volumes)) },
  };
}

/** What follows from the stack file alone. The stack's own object store is not there. */
async function described(
  config: Config,
  stack: string,
  volumes: LostPrimary["volumes"],
): Promise<Pick<LostPrimary, "settings" | "files" | "archive" | "mounts">> {
  const { primary, objectStore } = config;
  const backups = config.backups!;
  const all = repositoriesOf(backups, primary.version);
  const repositories = all.filter(({ config: { type } }) => type !== "objectStore");
  if (repositories.length === 0) {
    throw new CliError(
      "The only repository is in the stack's own object store, which is not there: bring its volume back first.",
      4,
    );
  }
  const bucket = objectStore?.bucket ?? "";
  const settings: BackupSettings = {
    stanza: backups.stanza,
    repositories: repositories.map((one) => ({
      number: one.number,
      type: one.config.type,
      encrypted: one.passphrase !== undefined,
      location: locationOf(one, volumes.repositories, { bucket }),
    })),
    schedules: {},
    logDays: backups.retention.logDays,
  };
  const role = backupRoleName(stack);
  return {
    settings,
    files: needsPassphrase(repositories)
      ? undefined
      : await resolved(
          renderConfiguration({
            ...{ backups, repositories, version: primary.version, role, standby: false },
          }),
        ),
    archive: archiveSettings(backups, repositories),
    mounts: [
      { source: volumes.conf, target: pgBackRestPaths.conf },
      { source: volumes.repositories, target: pgBackRestPaths.repositories },
      ...repositories.flatMap(({ number, config: { type, ...own } }) =>
        type === "posix" && "path" in own && own.path !== undefined
          ? [{ source: own.path, target: posixRepository(number) }]
          : [],
      ),
      { source: volumes.data, target: dataFolder("primary") },
    ],
  };
}

/** Values of the stack file are known, so every output is. */
function resolved(files: { name: string; content: pulumi.Input<string>; mode: string }[]) {
  return new Promise<StepFile[]>((resolve) => {
    pulumi.output(files).apply((known) => resolve(known));
  });
}

/** Whether pgBackRest's volume has a configuration: then it is that of the containers that are left. */
export const configurationFile = `${pgBackRestPaths.conf}/pgbackrest.conf`;
