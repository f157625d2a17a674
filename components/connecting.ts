import type * as pulumi from "@pulumi/pulumi";
import type { Config } from "./config";
import type { ImageSource } from "./kit/container";
import { type Engine, engineImage } from "./kit/engine";
import { PgAdmin } from "./pgAdmin/pgAdmin";
import { PgBouncer } from "./pgBouncer/pgBouncer";
import { publishedHost } from "./standby/standby";

type Address = { host: string; port: number };

/** The primary as the stack's first engine reaches it. */
interface Server {
  primary: Address;
  superuser: { name: string; password: pulumi.Input<string> };
}

interface PgAdminPlan extends Server {
  image: ImageSource | { pulled: string } | undefined;
  after: pulumi.Resource[];
}

interface Place {
  config: Config;
  engine: Engine;
  prefix: string;
  stack: string;
}

/** What the outputs tell of the pooler: where clients reach it, and what the operator's command asks. */
export type PoolerOutput = PgBouncer["address"] & {
  container: string;
  dockerHost: string | null;
  admin: PgBouncer["admin"];
  stats: PgBouncer["stats"];
};

/** The pooler in front of a primary and the first standby, where one is configured. */
export function declarePooler(
  { config, ...place }: Place,
  { image, primary, superuser }: Server & { image: ImageSource | undefined },
  parent: pulumi.Resource,
): PgBouncer | undefined {
  const { pooler } = config;
  if (!pooler) return undefined;
  const { databases } = config.primary;
  // The rules between keys see to the databases' names.
  if (!image || databases === "*") throw new Error("a pooler has an image and databases");
  return new PgBouncer(
    "pooler",
    {
      ...place,
      image,
      primary,
      standby: standbyAddress(config, place.prefix, config.standbys[0]!),
      superuser,
      config: pooler,
      databases,
      bindAddress: config.bindAddress,
      timeZone: config.timeZone,
      after: [],
    },
    { parent },
  );
}

/** The pooler as the stack's output names it. */
export function poolerOutput(pooler: PgBouncer, config: Config): PoolerOutput {
  return {
    ...pooler.address,
    container: pooler.containerName,
    dockerHost: config.dockerHost ?? null,
    admin: pooler.admin,
    stats: pooler.stats,
  };
}

/** pgAdmin with the primary and every standby in it, where it is configured. */
export function declarePgAdmin(
  { config, ...place }: Place,
  { image, primary, superuser, after }: PgAdminPlan,
  parent: pulumi.Resource,
): PgAdmin | undefined {
  const { pgAdmin, standbys } = config;
  if (!pgAdmin) return undefined;
  if (!image) throw new Error("pgAdmin has an image");
  const login = { username: superuser.name, maintenanceDatabase: "postgres" };
  return new PgAdmin(
    "pgadmin",
    {
      ...place,
      config: pgAdmin,
      bindAddress: config.bindAddress,
      timeZone: config.timeZone,
      image: engineImage("pgadmin-image", image, place.engine, { parent }).name,
      servers: [
        { name: "primary", ...primary, ...login },
        ...standbys.map((standby) => ({
          name: standby.name,
          ...standbyAddress(config, place.prefix, standby),
          ...login,
        })),
      ],
      password: superuser.password,
      after,
    },
    { parent },
  );
}

/** A standby's address on the stack's first engine, where everything runs that is no server. */
export function standbyAddress(
  config: Config,
  prefix: string,
  { name, port, ...standby }: Config["standbys"][number],
): Address {
  const host = standby.dockerHost ?? config.dockerHost;
  return host === config.dockerHost
    ? { host: `${prefix}-${name}`, port: 5432 }
    : { host: publishedHost(host, standby.bindAddress ?? config.bindAddress), port };
}
