import * as pulumi from "@pulumi/pulumi";
import type { Parameters } from "../../contract/serverSettings";
import type { StandbyOutput } from "../../contract/stackOutputs";
import { type Address, publishedHost } from "../kit/address";
import type { StackContext } from "../kit/context";
import type { Engine } from "../kit/engine";
import { postgresContainer, type PostgresVolumes } from "../kit/postgresContainer";
import { renderServerConf, renderSettings } from "../kit/serverConf";
import { serverSettings } from "../kit/serverSettings";
import { type Collation, collationCheck } from "./collationCheck";
import { renderPassfile, type Replication, rotatedPassword } from "./replicationPassword";
import type { StandbyConfig } from "./schema";

export interface StandbyArgs {
  /** The stack, with the engine and the bind address of this standby. */
  stack: StackContext;
  /** Its entry in `laterbase:standbys`. Another name is another standby with its own clone. */
  config: StandbyConfig;
  /** The primary that it follows. */
  primary: FollowedPrimary;
  /**
   * How the primary sorts text, and how to prove that this standby sorts as it does. Default: the
   * primary has our own image, so it does. A change replaces the container and keeps the data.
   */
  collation?: Collation | undefined;
  /** `laterbase:primary.settings`. Default: none. A change is applied by a reload, or restarts the standby. */
  settings?: Parameters | undefined;
  /** How it connects to the primary. A change replaces the container and keeps the data. */
  replication: Replication;
  /**
   * What has to be there before the container starts. It is no `dependsOn` of the component, because
   * destroy keeps the component with its data, and would keep all that it depends on.
   */
  after: pulumi.Resource[];
}

/** A primary as a standby sees it. */
export interface FollowedPrimary extends Address {
  /** The superuser's name. The health check and the jobs use no other role on the standby. */
  superuser: string;
  /** How clients log in. A primary before 14 may hold md5 passwords, which scram refuses. */
  clientAuth: "scram-sha-256" | "md5";
  /** The role that backs up, which logs in here over the socket. Absent where the primary is external. */
  backupRole?: string;
  /** The primary's tablespaces with their directories. A change clones again. */
  tablespaces: Record<string, string>;
}

/**
 * A hot standby: cloned over its slot, verified, then streaming. It answers reads and repairs
 * itself. On the primary it needs the role, the slot and the pg_hba.conf block of `PreparedPrimary`.
 * Destroy leaves its data volume.
 */
export class Standby extends pulumi.ComponentResource {
  /** Its name. */
  readonly name: string;
  /** The engine that runs it. */
  readonly engine: Engine;
  /** Where clients reach it, and its slot on the primary. */
  readonly address: StandbyOutput;
  /** The server's volumes. */
  readonly volumes: PostgresVolumes;

  constructor(name: string, args: StandbyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:Standby", name, {}, opts);
    const { stack, config, collation, replication, settings } = args;
    const { password, firstPassword = password } = replication;
    const rotated = replication.firstPassword !== undefined;
    const conf = renderServerConf({ timeZone: stack.timeZone, memory: config.memory });
    this.name = config.name;
    this.engine = stack.engine;
    const { containerName, container, volumes, ready } = postgresContainer(
      name,
      {
        stack,
        role: config.name,
        command: "standby",
        port: config.port,
        memory: config.memory,
        envs: environment(args),
        files: [
          { name: "pgpass", content: renderPassfile(args, firstPassword), mode: "0400" },
          { name: "postgresql.conf", content: `${conf}${renderSettings("standby", settings)}` },
          ...(collation ? [{ name: "collation.json", content: collation.probe }] : []),
        ],
        after: args.after,
        beforeReady: (made) =>
          rotated ? [rotatedPassword(`${name}-replication-password`, args, made, this)] : [],
      },
      this,
    );
    if (collation) {
      // Named when the code said "order" for collation. Another name would be another resource.
      collationCheck(
        `${name}-order`,
        { collation, standby: config.name, containerName, container: container.id, stack },
        { parent: this, dependsOn: [ready] },
      );
    }
    if (settings) {
      const server = { containerName, container, engine: stack.engine };
      const own = { kind: "standby" as const, ...server, settings, ready };
      serverSettings(`${name}-settings`, own, this);
    }
    this.volumes = volumes;
    this.address = {
      host: publishedHost(stack.engine.host, stack.bindAddress),
      port: config.port,
      slot: replication.slot,
    };
    this.registerOutputs({ address: this.address });
  }
}

function environment({ stack, config, primary, replication }: StandbyArgs): Record<string, string> {
  return {
    PRIMARY_HOST: primary.host,
    PRIMARY_PORT: String(primary.port),
    REPLICATION_USER: replication.user,
    SLOT: replication.slot,
    STANDBY_NAME: config.name,
    SUPERUSER: primary.superuser,
    CLIENT_AUTH: primary.clientAuth,
    ...(primary.backupRole ? { BACKUP_ROLE: primary.backupRole } : {}),
    TABLESPACES: JSON.stringify(primary.tablespaces),
    TZ: stack.timeZone,
  };
}
