import type { Config } from "../config";
import type { Pooler } from "./pgBouncer";

/** How a server connection is handed on: after each transaction, or when its client leaves. */
export type PoolMode = "transaction" | "session";

/** One entry of PgBouncer's `[databases]`: what a client names as its database. */
export interface Pool {
  entry: string;
  database: string;
  server: "primary" | "standby";
  mode: PoolMode;
  /** Server connections, of all roles together. */
  size: number;
}

/** The entry by which PgBouncer looks up the passwords of roles; closed to clients. */
export const lookupEntry = "laterbase_auth";

/** The users of the console: of PgBouncer alone, no roles of PostgreSQL. */
export const consoleUsers = { admin: "laterbase_admin", stats: "laterbase_stats" } as const;

/** What PostgreSQL has for itself, its superusers, standbys, dumps and jobs, besides a pooler. */
const beside = { atLeast: 10, byDefault: 30 };

type Sizing = Pick<Pooler, "mode" | "poolSize" | "maxServerConnections" | "databases">;

/**
 * The pools of these databases: `<database>` to the primary and `<database>_ro` to the standby, of the
 * configured size, else 25 or what fits into `maxServerConnections`. One connection more belongs to
 * the look-up of passwords: where nothing is left for it, the largest pool gives one.
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
 * What a client names as its database: the database's own name, with `_ro` for the standby. PgBouncer's
 * file knows letters, digits, `_`, `.` and `-`, whatever its manual says of quotes (1.24.1): anything
 * else is an underscore there.
 */
export const entryOf = (database: string, server: Pool["server"]): string =>
  database.replace(/[^A-Za-z0-9_.-]/gu, "_") + (server === "standby" ? "_ro" : "");

/** Server connections that a pooler may open on the primary, the look-up of passwords included. */
export function primaryConnections(config: Sizing, databases: readonly string[]): number {
  return sum(poolSizes(config, databases).filter(({ server }) => server === "primary")) + 1;
}

/** The same of a stack; 0 where it has no pooler. */
export const pooledConnections = ({ pooler, primary }: Settings): number =>
  pooler && primary.databases !== "*" ? primaryConnections(pooler, primary.databases) : 0;

/** What is asked of `max_connections`, a managed primary's or somebody else's, beside the pools. */
export const neededConnections = (pooled: number): number => pooled + beside.atLeast;

/** `max_connections` of a managed primary: as configured, else 100 or what the pools ask for. */
export function managedMaxConnections({ pooler, primary }: Settings): number {
  const given = "maxConnections" in primary ? primary.maxConnections : undefined;
  if (given !== undefined) return given;
  if (!pooler || primary.databases === "*") return 100;
  return Math.max(100, primaryConnections(pooler, primary.databases) + beside.byDefault);
}

interface Settings {
  pooler?: Pooler | undefined;
  primary: Config["primary"];
}

/** The rules between a pooler and its primary: a sentence for each that is broken, without full stop. */
export function poolerRules({ pooler, primary }: Settings): string[] {
  if (!pooler) return [];
  if (primary.databases === "*") {
    return [
      "laterbase:primary.databases must name the databases where laterbase:pooler is set, such as " +
        '[app], because each gets a pool of its own; it is "*"',
    ];
  }
  const names = [
    ...login(primary),
    ...primary.databases.flatMap((name) => nameOf(name, primary.databases as string[])),
    ...Object.keys(pooler.databases)
      .filter((name) => !primary.databases.includes(name))
      .map(
        (name) =>
          `laterbase:pooler.databases names "${name}", which laterbase:primary.databases does not; ` +
          `there are ${(primary.databases as string[]).join(", ")}`,
      ),
  ];
  return names.length > 0 ? names : sizes(pooler, primary, primary.databases);
}

function login(primary: Config["primary"]): string[] {
  if (primary.kind !== "external") return [];
  const { name, password } = primary.superuser;
  const taken: readonly string[] = Object.values(consoleUsers);
  return [
    ...(taken.includes(name)
      ? [
          `laterbase:primary.superuser.name must not be "${name}" where laterbase:pooler is set: ` +
            "so is a user of the pooler's console named",
        ]
      : []),
    ...(password === undefined
      ? [
          "laterbase:primary.superuser.password must be set where laterbase:pooler is, by `pulumi " +
            "config set --secret --path 'laterbase:primary.superuser.password'`",
        ]
      : []),
  ];
}

/** Its console takes a quoted name of 63 bytes at most. */
const longestEntry = 61;

function nameOf(name: string, all: readonly string[]): string[] {
  const key = `laterbase:primary.databases names "${name}", which`;
  const entry = entryOf(name, "primary");
  const taken = all.find(
    (other) =>
      entryOf(other, "primary") === entryOf(name, "standby") ||
      (other !== name &&
        all.indexOf(other) < all.indexOf(name) &&
        entryOf(other, "primary") === entry),
  );
  return [
    ...(["pgbouncer", lookupEntry].includes(entry)
      ? [`${key} a pooler keeps for itself; rename the database or leave laterbase:pooler out`]
      : []),
    ...(taken !== undefined
      ? [
          `${key} shares an entry of the pooler with "${taken}" (letters, digits, _, . and - are ` +
            "told apart there, and _ro is added for the standby); rename one or leave laterbase:pooler out",
        ]
      : []),
    ...(entryOf(name, "standby").length > longestEntry
      ? [`${key} is too long for a pooler: ${longestEntry - 3} characters at most`]
      : []),
  ];
}

function sizes(pooler: Pooler, primary: Config["primary"], databases: readonly string[]): string[] {
  const pools = poolSizes(pooler, databases);
  const all = sum(pools);
  const { maxServerConnections: most } = pooler;
  if (all > most || pools.some(({ size }) => size < 1)) {
    // With pools of one connection only, none is left to give one to the look-up of passwords.
    const needed = Math.max(all, 2 * databases.length + 1);
    const fitting = Math.floor(most / pools.length);
    return [
      `laterbase:pooler asks for ${needed} server connections in ${pools.length} pools (one for ` +
        "each database and its standby), more than laterbase:pooler.maxServerConnections, which " +
        `is ${most}; set ${fitting > 1 ? `poolSize to at most ${fitting}, or ` : ""}` +
        `maxServerConnections to at least ${needed}`,
    ];
  }
  const needed = neededConnections(primaryConnections(pooler, databases));
  if (primary.kind !== "managed" || managedMaxConnections({ pooler, primary }) >= needed) return [];
  return [
    `laterbase:primary.maxConnections must be at least ${needed}: the pools take ` +
      `${primaryConnections(pooler, databases)} of them and PostgreSQL needs ${beside.atLeast} ` +
      `beside; it is ${primary.maxConnections}`,
  ];
}

const sum = (pools: readonly { size: number }[]): number =>
  pools.reduce((total, { size }) => total + size, 0);
