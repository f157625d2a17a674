import { namedDatabases, type OwnersConfig } from "../primary/owners";
import type { PoolerConfig } from "./schema";

/** When a server connection goes to the next client: after each transaction, or when a client leaves. */
export type PoolMode = "transaction" | "session";

/** One entry of PgBouncer's `[databases]`. */
export interface Pool {
  /** What a client names as its database. */
  entry: string;
  /** The database on the server. */
  database: string;
  /** The server that it leads to. */
  server: "primary" | "standby";
  /** When a connection goes to the next client. */
  mode: PoolMode;
  /** Server connections, of all roles together. */
  size: number;
}

/** The entry by which PgBouncer looks up the passwords of roles. No client may use it. */
export const lookupEntry = "laterbase_auth";

/** The users of PgBouncer's console. PostgreSQL has no such roles. */
export const consoleUsers = { admin: "laterbase_admin", stats: "laterbase_stats" } as const;

/** Connections for PostgreSQL itself, its superusers, standbys, dumps and jobs. */
export const beside = { atLeast: 10, byDefault: 30 };

type Sizing = Pick<PoolerConfig, "mode" | "poolSize" | "maxServerConnections" | "databases">;

/**
 * The pools of these databases: `<database>` to the primary and `<database>_ro` to the standby. Each
 * has the configured size, or 25, or what fits into `maxServerConnections`. One more connection looks
 * up passwords: where nothing is left for it, the largest pool gives one.
 */
export function poolSizes(config: Sizing, databases: readonly string[]): Pool[] {
  const pools = databases.flatMap((database) => {
    const own = config.databases[database];
    const common = { database, mode: own?.mode ?? config.mode, size: own?.poolSize ?? 0 };
    return [
      { ...common, entry: entryOf(database, "primary"), server: "primary" as const },
      { ...common, entry: entryOf(database, "standby"), server: "standby" as const },
    ];
  });
  const open = pools.filter(({ size }) => size === 0);
  const left = config.maxServerConnections - sum(pools);
  const fitting = Math.min(25, Math.floor(left / Math.max(open.length, 1)));
  for (const pool of open) pool.size = config.poolSize ?? Math.max(fitting, 1);
  if (sum(pools) === config.maxServerConnections) {
    const largest = pools.reduce((one, other) => (other.size > one.size ? other : one), pools[0]!);
    largest.size -= 1;
  }
  return pools;
}

/**
 * What a client names as its database: the database's name, with `_ro` for the standby. PgBouncer's
 * file takes letters, digits, `_`, `.` and `-` only, although its manual allows quotes (1.24.1): every
 * other character becomes an underscore.
 */
export const entryOf = (database: string, server: Pool["server"]): string =>
  database.replace(/[^A-Za-z0-9_.-]/gu, "_") + (server === "standby" ? "_ro" : "");

/** Connections that a pooler may open on the primary, with the one that looks up passwords. */
export function primaryConnections(config: Sizing, databases: readonly string[]): number {
  return sum(poolSizes(config, databases).filter(({ server }) => server === "primary")) + 1;
}

/** The same for a stack. It is 0 without a pooler. */
export const pooledConnections = ({ pooler, ...config }: PooledConfig): number =>
  pooler && config.primary.databases !== "*"
    ? primaryConnections(pooler, namedDatabases(config))
    : 0;

/** The `max_connections` that a primary needs, managed or external. */
export const neededConnections = (pooled: number): number => pooled + beside.atLeast;

/** `max_connections` of a managed primary: as configured, or the greater of 100 and what the pools need. */
export function managedMaxConnections({ pooler, ...config }: PooledConfig): number {
  const { primary } = config;
  const given = "maxConnections" in primary ? primary.maxConnections : undefined;
  if (given !== undefined) return given;
  if (!pooler || primary.databases === "*") return 100;
  return Math.max(100, primaryConnections(pooler, namedDatabases(config)) + beside.byDefault);
}

/** The keys that decide how many connections there are. */
export interface PooledConfig extends OwnersConfig {
  /** `laterbase:pooler`. Default: no pooler. */
  pooler?: PoolerConfig | undefined;
}

/** The connections of some pools together. */
export const sum = (pools: readonly { size: number }[]): number =>
  pools.reduce((total, { size }) => total + size, 0);
