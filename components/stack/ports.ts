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
}

interface Published {
  key: string;
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

function publishedBy(config: PortsConfig): Published[] {
  const ours = { engine: config.dockerHost ?? "", address: config.bindAddress };
  const { primary } = config;
  return [
    ...(primary.kind === "managed"
      ? [{ ...ours, key: "laterbase:primary", port: primary.port }]
      : []),
    ...config.standbys.map((standby) => ({
      key: `laterbase:standbys "${standby.name}"`,
      engine: standby.dockerHost ?? config.dockerHost ?? "",
      address: standby.bindAddress ?? config.bindAddress,
      port: standby.port,
    })),
    ...(["pooler", "pgAdmin", "duplicati"] as const).flatMap((key) => {
      const service = config[key];
      return service ? [{ ...ours, key: `laterbase:${key}`, port: service.port }] : [];
    }),
  ];
}

function collide(one: Published, other: Published): boolean {
  return (
    one.engine === other.engine &&
    one.port === other.port &&
    (one.address === other.address || isAny(one.address) || isAny(other.address))
  );
}
