import type { Config } from "./config";
import { poolerRules } from "./pgBouncer/sizes";
import { megabytes } from "./schema/primitives";

/** The rules between keys: one sentence for each that is broken, without its final full stop. */
export function checkStack(config: Config): string[] {
  return [
    ...namesTwice(config),
    ...portsTwice(config),
    ...slotRetention(config),
    ...superuserPassword(config),
    ...reachablePrimary(config),
    ...loopback(config),
    ...bonjour(config),
    ...dumps(config),
    ...poolerRules(config),
  ];
}

function namesTwice({ standbys, primary }: Config): string[] {
  const names = standbys.map((standby) => standby.name);
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  const databases = primary.databases === "*" ? [] : primary.databases;
  return [
    ...twice.map((name) => `laterbase:standbys names "${name}" twice; a standby's name is its own`),
    ...databases
      .filter((name, i) => databases.indexOf(name) !== i)
      .map((name) => `laterbase:primary.databases names "${name}" twice; once is enough`),
    ...(primary.kind === "managed" && names.includes("primary")
      ? ['laterbase:standbys must not name a standby "primary"; such as "standby"']
      : []),
  ];
}

/** Published ports of one engine: two may not be the same on addresses that overlap. */
function portsTwice(config: Config): string[] {
  const published = config.standbys.map((standby) => ({
    key: `laterbase:standbys "${standby.name}"`,
    engine: standby.dockerHost ?? config.dockerHost ?? "",
    address: standby.bindAddress ?? config.bindAddress,
    port: standby.port,
  }));
  const ours = { engine: config.dockerHost ?? "", address: config.bindAddress };
  if (config.primary.kind === "managed") {
    published.unshift({ ...ours, key: "laterbase:primary", port: config.primary.port });
  }
  for (const key of ["pooler", "pgAdmin", "duplicati"] as const) {
    const service = config[key];
    if (service) published.push({ ...ours, key: `laterbase:${key}`, port: service.port });
  }
  return published.flatMap((one, i) =>
    published
      .slice(0, i)
      .filter(
        (other) =>
          other.engine === one.engine &&
          other.port === one.port &&
          (other.address === one.address || isAny(other.address) || isAny(one.address)),
      )
      .map((other) => `${one.key} has the port ${one.port} of ${other.key}; each needs its own`),
  );
}

function slotRetention({ primary }: Config): string[] {
  const size = megabytes(primary.slotRetention);
  if (size >= 256 && size <= 2147483647) return [];
  const why = size < 256 ? "less than 16 WAL segments" : "more than PostgreSQL takes";
  return [`laterbase:primary.slotRetention must be at least 256MB, such as 10GB; it is ${why}`];
}

function superuserPassword({ primary }: Config): string[] {
  if (primary.kind !== "external" || primary.superuser.password !== undefined) return [];
  if (primary.access.kind === "ssh" && primary.access.sudo) return [];
  return [
    "laterbase:primary.superuser.password must be set, by `pulumi config set --secret --path " +
      "'laterbase:primary.superuser.password'`; only access by ssh with sudo does without",
  ];
}

/** A standby on another engine reaches a managed primary through its published port only. */
function reachablePrimary(config: Config): string[] {
  const { primary } = config;
  if (primary.kind !== "managed") return [];
  const remote = config.standbys.filter(
    (standby) => (standby.dockerHost ?? config.dockerHost) !== config.dockerHost,
  );
  return remote.flatMap(({ name }) => [
    ...(isLoopback(config.bindAddress) || isAny(config.bindAddress)
      ? [
          `laterbase:bindAddress must be an address at which the engine of standby "${name}" ` +
            `reaches the primary, such as 192.168.1.10; it is ${config.bindAddress}`,
        ]
      : []),
    ...(primary.allowFrom.length === 0
      ? [
          `laterbase:primary.allowFrom must name the network that standby "${name}" connects ` +
            "from, such as [192.168.1.0/24]",
        ]
      : []),
  ]);
}

/** Inside a container, localhost is the container. */
function loopback({ primary }: Config): string[] {
  if (primary.kind !== "external" || !/^(localhost|127\..*|::1)$/i.test(primary.host)) return [];
  return [
    "laterbase:primary.host must be an address at which containers reach the primary, such as " +
      `192.168.1.20; it is ${primary.host}, which is the container itself`,
  ];
}

/** Names that machines announce to each other by multicast, which does not reach into containers. */
function bonjour({ primary }: Config): string[] {
  if (primary.kind !== "external" || !/\.local$/i.test(primary.host)) return [];
  return [
    `laterbase:primary.host must be an address that stays, such as 192.168.1.20, or a name that the ` +
      `router knows; ${primary.host} is announced by Bonjour, which containers do not hear`,
  ];
}

function dumps({ dumps, duplicati, primary, dockerHost }: Config): string[] {
  const known = primary.databases;
  const unknown =
    dumps && dumps.databases !== "*" && known !== "*"
      ? dumps.databases.filter((name) => !known.includes(name))
      : [];
  return [
    ...unknown.map(
      (name) =>
        `laterbase:dumps.databases names "${name}", which laterbase:primary.databases does not; ` +
        `there are ${(known as string[]).join(", ")}`,
    ),
    ...(dumps?.path && !dumps.path.startsWith("/") && /^(ssh|tcp):/.test(dockerHost ?? "")
      ? [
          "laterbase:dumps.path must be an absolute path of the engine's machine, such as " +
            `/srv/backups, because laterbase:dockerHost is another one; it is "${dumps.path}"`,
        ]
      : []),
    ...(duplicati && !dumps
      ? ["laterbase:duplicati stores dumps: set laterbase:dumps too, such as { retentionDays: 7 }"]
      : []),
  ];
}

const isAny = (address: string): boolean => address === "0.0.0.0" || address === "::";
const isLoopback = (address: string): boolean => /^127\.|^::1$/.test(address);
