import { namedDatabases, type OwnersConfig } from "../primary/owners";
import type { PrimaryConfig } from "../primary/schema";
import type { PoolerConfig } from "./schema";
import {
  beside,
  consoleUsers,
  entryOf,
  lookupEntry,
  managedMaxConnections,
  neededConnections,
  type PooledConfig,
  poolSizes,
  primaryConnections,
  sum,
} from "./sizes";

/** The rules between a pooler and its primary: one sentence for each that is broken, without its full stop. */
export function poolerRules({ pooler, ...config }: PooledConfig): string[] {
  if (!pooler) return [];
  const { primary } = config;
  if (primary.databases === "*") {
    return [
      "laterbase:primary.databases must name the databases where laterbase:pooler is set, such as " +
        '[app], because each gets a pool of its own; it is "*"',
    ];
  }
  const databases = namedDatabases(config);
  const names = [
    ...login(primary),
    ...databases.flatMap((name) => nameOf(name, databases, primary.databases)),
    ...Object.keys(pooler.databases)
      .filter((name) => !databases.includes(name))
      .map(
        (name) =>
          `laterbase:pooler.databases names "${name}", which laterbase:primary.databases does not; ` +
          `there are ${databases.join(", ")}`,
      ),
  ];
  return names.length > 0 ? names : sizes(pooler, config, databases);
}

function login(primary: PrimaryConfig): string[] {
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

function nameOf(name: string, all: readonly string[], listed: readonly string[] | "*"): string[] {
  const by = listed.includes(name) ? "laterbase:primary.databases" : "laterbase:applications";
  const key = `${by} names "${name}", which`;
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

function sizes(pooler: PoolerConfig, config: OwnersConfig, databases: readonly string[]): string[] {
  const pools = poolSizes(pooler, databases);
  const all = sum(pools);
  const { maxServerConnections: most } = pooler;
  if (all > most || pools.some(({ size }) => size < 1)) {
    // When every pool has one connection, none can give one for looking up passwords.
    const needed = Math.max(all, 2 * databases.length + 1);
    const fitting = Math.floor(most / pools.length);
    return [
      `laterbase:pooler asks for ${needed} server connections in ${pools.length} pools (one for ` +
        "each database and its standby), more than laterbase:pooler.maxServerConnections, which " +
        `is ${most}; set ${fitting > 1 ? `poolSize to at most ${fitting}, or ` : ""}` +
        `maxServerConnections to at least ${needed}`,
    ];
  }
  const { primary } = config;
  const needed = neededConnections(primaryConnections(pooler, databases));
  if (primary.kind !== "managed" || managedMaxConnections({ pooler, ...config }) >= needed)
    return [];
  return [
    `laterbase:primary.maxConnections must be at least ${needed}: the pools take ` +
      `${primaryConnections(pooler, databases)} of them and PostgreSQL needs ${beside.atLeast} ` +
      `beside; it is ${primary.maxConnections}`,
  ];
}
