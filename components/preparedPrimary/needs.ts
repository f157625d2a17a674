import { dumpRoleSince } from "../../contract/names";
import { backsUp } from "../../contract/pgBackRest";
import { pooledConnections } from "../pgBouncer/sizes";
import type { PoolerConfig } from "../pgBouncer/schema";
import type { PrimaryConfig } from "../primary/schema";

/** What a configuration needs on its primary. `up` prepares it, and the preflight only reports it. */
export interface PrimaryNeeds {
  /** The server's major version. */
  version: number;
  /** Networks in CIDR form, or `samenet`, that standbys connect from. */
  allowFrom: readonly string[];
  /** The slot WAL limit, max_slot_wal_keep_size, such as 10GB. */
  slotRetention: string;
  /** The primary's tablespaces with their directories. */
  tablespaces: Readonly<Record<string, string>>;
  /** Each database that the configuration names, with the key that names it. Laterbase creates those of a managed one. */
  databases: Readonly<Record<string, string>>;
  /** Whether to create a role that dumps. */
  dumps: boolean;
  /** Whether to create a role that pgAdmin connects by. */
  pgAdmin: boolean;
  /** Whether dumps are restored there, by a role that exists meanwhile. */
  restores: boolean;
  /** Whether to create a role that backs up. */
  backups: boolean;
  /** Whether to create the monitor's role. */
  health: boolean;
  /** How many connections the pooler may open on the primary. */
  pooled: number;
  /** Whether Laterbase runs the primary. Destroy keeps its data then. */
  managed: boolean;
}

/** The keys that decide what the primary needs. */
interface NeedsConfig {
  /** `laterbase:primary`. */
  primary: PrimaryConfig;
  /** `laterbase:pooler`. Default: no pooler. */
  pooler?: PoolerConfig | undefined;
  /** `laterbase:dumps`. Default: no dumps. */
  dumps?: { databases?: readonly string[] | "*" } | undefined;
  /** `laterbase:backups`. Default: no backups. */
  backups?: { repositories: readonly { type: string }[] } | undefined;
  /** `laterbase:pgAdmin`. Default: no pgAdmin. */
  pgAdmin?: { superuser: boolean } | undefined;
  /** `laterbase:health`. Default: no monitor. */
  health?: object | undefined;
}

/** What a configuration needs on its primary. */
export function primaryNeeds(config: NeedsConfig): PrimaryNeeds {
  const { primary } = config;
  const managed = primary.kind === "managed";
  return {
    version: primary.version,
    // The stack's own network: nobody knows the containers' addresses beforehand.
    allowFrom: managed ? ["samenet", ...primary.allowFrom] : primary.allowFrom,
    slotRetention: primary.slotRetention,
    tablespaces: managed ? {} : primary.tablespaces,
    databases: managed ? {} : named(config),
    dumps: config.dumps !== undefined && primary.version >= dumpRoleSince,
    restores: config.dumps !== undefined,
    pgAdmin: config.pgAdmin !== undefined && !config.pgAdmin.superuser,
    backups: backsUp(config.backups),
    health: config.health !== undefined,
    // A managed primary's max_connections follows the pooler.
    pooled: managed ? 0 : pooledConnections(config),
    managed,
  };
}

function named({ primary, dumps }: NeedsConfig): Record<string, string> {
  const list = (databases: readonly string[] | "*" = "*") => (databases === "*" ? [] : databases);
  return Object.fromEntries([
    ...list(dumps?.databases).map((name) => [name, "laterbase:dumps.databases"] as const),
    ...list(primary.databases).map((name) => [name, "laterbase:primary.databases"] as const),
  ]);
}
