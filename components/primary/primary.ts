import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { StackContext } from "../kit/context";
import { drawnPasswords, type PasswordArgs } from "../kit/password";
import { postgresContainer, type PostgresVolumes } from "../kit/postgresContainer";
import { serverSettings } from "../kit/serverSettings";
import type { ContainerVolume } from "../kit/volume";
import { renderPrimaryConf } from "./primaryConf";
import type { ManagedPrimary } from "./schema";
import { checkSettings } from "./settingsCheck";

export interface PrimaryArgs extends PasswordArgs {
  /** The stack, with the engine that runs the primary. */
  stack: StackContext;
  /** `laterbase:primary`. Most changes replace the container; the data stay in every case. */
  config: ManagedPrimary;
  /** max_connections. A change restarts the primary, then its standbys. */
  maxConnections: number;
  /** How many standbys there are. A sixth one restarts the primary, and so does each after it. */
  standbys: number;
  /** What archiving needs. A change replaces the container and keeps the data. */
  mounts: ContainerVolume[];
  /** What has to be there before the container starts. Default: nothing. */
  after?: pulumi.Resource[];
  /** What ALTER SYSTEM overrules of `config.settings`, in one sentence. Default: nothing. */
  drift?: string | undefined;
  /** The content of `initScripts`, in order. A change restarts the primary and runs nothing. */
  initScripts: readonly InitScript[];
}

/** A file of `initScripts`. */
export interface InitScript {
  /** Its name. The scripts run in the order of their names. */
  name: string;
  /** Its bytes, in whatever encoding: SQL or shell, as the ending of the name says. */
  content: Buffer;
}

/**
 * A PostgreSQL primary that Laterbase runs: initialised once, data checksums on, scram only, with
 * room for standbys. Destroy leaves its data volume and its superuser's password.
 *
 * The password for initdb is a file, because without one the new server accepts no login. The file
 * never changes, because another one replaces the container: `SuperuserLogin` sets later passwords.
 */
export class Primary extends pulumi.ComponentResource {
  /** The superuser's password. It is in force once `SuperuserLogin` has run. */
  readonly password: pulumi.Output<string>;
  /** The container's name, which is also its name in the stack's network. */
  readonly host: string;
  /** The server's container. */
  readonly container: docker.Container;
  /** The server's volumes. */
  readonly volumes: PostgresVolumes;
  /** What needs an answering server depends on this. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: PrimaryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:Primary", name, {}, opts);
    const {
      stack,
      config,
      maxConnections,
      standbys,
      mounts,
      initScripts,
      rotation,
      drift,
      after = [],
    } = args;
    // The data hold it too, so it is kept with them, even while another password is configured.
    const kept = { parent: this, protect: true };
    const { first, current } = drawnPasswords(`${name}-superuser`, { rotation }, kept);
    this.password = config.superuser?.password ?? current;
    const { memory, settings } = config;
    const limits = { maxConnections, standbys, memory, settings };
    const conf = renderPrimaryConf({ ...limits, timeZone: stack.timeZone });
    const check = { stack, major: config.version, settings };
    const taken = checkSettings(`${name}-settings-check`, check, this);
    const { containerName, container, volumes, ready } = postgresContainer(
      name,
      {
        stack,
        role: "primary",
        command: "primary",
        port: config.port,
        memory,
        cpuShares,
        mounts,
        after: [...after, ...taken],
        envs: { DATABASES: JSON.stringify(config.databases), TZ: stack.timeZone },
        files: [
          { name: "superuser-password", content: first, mode: "0400" },
          { name: "postgresql.conf", content: conf },
          ...initScripts.map(initFile),
        ],
      },
      this,
    );
    if (settings) {
      const server = { containerName, container, engine: stack.engine };
      const own = { kind: "primary" as const, ...server, settings, ready, drift };
      serverSettings(`${name}-settings`, own, this);
    }
    this.host = containerName;
    this.container = container;
    this.volumes = volumes;
    this.ready = ready;
    this.registerOutputs({ host: this.host });
  }
}

/** Where cores are scarce, the primary's clients come before what works for it: a standby has 1024. */
export const cpuShares = 4096;

function initFile({ name, content }: InitScript) {
  return { name: `init/${name}`, content, mode: name.endsWith(".sh") ? "0555" : "0444" } as const;
}
