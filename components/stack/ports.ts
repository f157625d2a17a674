import { isAny } from "../schema/primitives";
import type { StandbyConfig } from "../standby/schema";

/** The keys that publish ports. */
interface PortsConfig {
  /** The engine of the stack. Default: the local one. */
  dockerHost?: string | undefined;
  /** Where the stack's ports listen. */
  bindAddress: string;
  /** `laterbase:primary`. A managed one publishes its port. */
  primary: { kind: "managed" | "external"; port: number };
  /** `laterbase:standbys`. */
  standbys: readonly StandbyConfig[];
  /** `laterbase:pooler`. */
  pooler?: { port: number } | undefined;
  /** `laterbase:pgAdmin`. */
  pgAdmin?: { port: number } | undefined;
  /** `laterbase:duplicati`. */
  duplicati?: { port: number } | undefined;
  /** `laterbase:objectStore`. */
  objectStore?: { port: number } | undefined;
  /** `laterbase:health`. */
  health?: { port: number } | undefined;
}

/** A port that a container publishes. */
interface Published {
  /** What the sentences call it. */
  key: string;
  /** The key of the port itself. */
  portKey: string;
  /** The key of the address that it listens on. */
  addressKey: string;
  /** The role of the container. */
  role: string;
  /** The engine; empty is the local one. */
  engine: string;
  address: string;
  port: number;
}

/** On one engine, two ports may not be the same on addresses that overlap. */
export function publishedPorts(config: PortsConfig): string[] {
  const published = publishedBy(config);
  return published.flatMap((one, i) =>
    published
      .slice(0, i)
      .filter((other) => collide(one, other))
      .map((other) => `${one.key} has the port ${one.port} of ${other.key}; each needs its own`),
  );
}

/** Every port that a stack publishes. */
export function publishedBy(config: PortsConfig): Published[] {
  const addressKey = "laterbase:bindAddress";
  const ours = { engine: config.dockerHost ?? "", address: config.bindAddress, addressKey };
  const { primary } = config;
  const service = (name: string, role: string, port: number): Published => {
    const key = `laterbase:${name}`;
    return { ...ours, key, portKey: `${key}.port`, role, port };
  };
  return [
    ...(primary.kind === "managed" ? [service("primary", "primary", primary.port)] : []),
    ...config.standbys.map(({ name, port, dockerHost, bindAddress }, i) => ({
      key: `laterbase:standbys "${name}"`,
      portKey: `laterbase:standbys[${i}].port`,
      addressKey: bindAddress ? `laterbase:standbys[${i}].bindAddress` : addressKey,
      role: name,
      engine: dockerHost ?? config.dockerHost ?? "",
      address: bindAddress ?? config.bindAddress,
      port,
    })),
    ...(config.pooler ? [service("pooler", "pooler", config.pooler.port)] : []),
    ...(config.pgAdmin ? [service("pgAdmin", "pgadmin", config.pgAdmin.port)] : []),
    ...(config.duplicati ? [service("duplicati", "duplicati", config.duplicati.port)] : []),
    ...(config.objectStore
      ? [service("objectStore", "object-store", config.objectStore.port)]
      : []),
    ...(config.health ? [service("health", "health", config.health.port)] : []),
  ];
}

function collide(one: Published, other: Published): boolean {
  return (
    one.engine === other.engine &&
    one.port === other.port &&
    (one.address === other.address || isAny(one.address) || isAny(other.address))
  );
}
