import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type Docker from "dockerode";
import { parse } from "yaml";
import type { Config } from "../../../components/config";
import { archiveSettings } from "../../../components/pgBackRest/archiveSettings";
import { locationOf } from "../../../components/pgBackRest/location";
import { renderConfiguration } from "../../../components/pgBackRest/render";
import {
  needsPassphrase,
  type Repository,
  repositoriesOf,
} from "../../../components/pgBackRest/repositories";
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
  /** What the plan of a restore reads: the repositories outside of the stack. */
  settings: BackupSettings;
  /** The same with the stack's own object store, which runs. Its keys are in the configuration that is left. */
  withStore?: BackupSettings;
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
    ...{
      volumes,
      ...(await described(config, name, { volumes, store: await storeOf(engine, prefix) })),
    },
  };
}

/** The container of the stack's own object store. It outlives the primary, and is gone with the machine. */
interface Store {
  name: string;
  state: "runs" | "stopped" | "gone";
}

async function storeOf(engine: Docker, prefix: string): Promise<Store> {
  const name = containerName(prefix, "object-store");
  const container = engine.getContainer(name);
  if (!(await exists(container))) return { name, state: "gone" };
  return { name, state: (await container.inspect()).State.Running ? "runs" : "stopped" };
}

/** What follows from the stack file. The keys of the stack's own object store are not in it. */
async function described(
  config: Config,
  stack: string,
  { volumes, store }: { volumes: LostPrimary["volumes"]; store: Store },
): Promise<Pick<LostPrimary, "settings" | "withStore" | "files" | "archive" | "mounts">> {
  const { primary, objectStore } = config;
  const backups = config.backups!;
  const all = repositoriesOf(backups, primary.version);
  const repositories = all.filter(({ config: { type } }) => type !== "objectStore");
  if (repositories.length === 0 && store.state !== "runs") throw noStore(store);
  const bucket = objectStore?.bucket ?? "";
  const settingsOf = (which: readonly Repository[]): BackupSettings => ({
    stanza: backups.stanza,
    repositories: which.map((one) => ({
      number: one.number,
      type: one.config.type,
      encrypted: one.passphrase !== undefined,
      location: locationOf(one, volumes.repositories, { bucket }),
    })),
    schedules: {},
    logDays: backups.retention.logDays,
  });
  const role = backupRoleName(stack);
  return {
    settings: settingsOf(repositories),
    ...(store.state === "runs" && repositories.length < all.length
      ? { withStore: settingsOf(all) }
      : {}),
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

function noStore({ name, state }: Store): CliError {
  const only = "The only repository is in the stack's own object store";
  return new CliError(
    state === "stopped"
      ? `${only}, whose container does not run: 'docker start ${name}' starts it.`
      : `${only}, which is not there: bring its container and its volume back first.`,
    4,
  );
}

/** Values of the stack file are known, so every output is. */
function resolved(files: { name: string; content: pulumi.Input<string>; mode: string }[]) {
  return new Promise<StepFile[]>((resolve) => {
    pulumi.output(files).apply((known) => resolve(known));
  });
}

/** Whether pgBackRest's volume has a configuration: then it is that of the containers that are left. */
export const configurationFile = `${pgBackRestPaths.conf}/pgbackrest.conf`;
