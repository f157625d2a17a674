import { maintenanceDatabase } from "../../contract/maintenanceDatabases";
import { backupRoleName, containerName } from "../../contract/names";
import type { PgAdminServerOutput } from "../../contract/stackOutputs";
import { type Address, publishedHost } from "../kit/address";
import type { StackContext } from "../kit/context";
import type { Engine } from "../kit/engine";
import { managedMaxConnections } from "../pgBouncer/sizes";
import type { PreparedPrimary } from "../preparedPrimary/preparedPrimary";
import type { PreparedStandby } from "../preparedPrimary/preparedPrimaryArgs";
import type { Superuser } from "../preparedPrimary/settings";
import type { Primary } from "../primary/primary";
import type { FollowedPrimary } from "../standby/standby";
import type { Config } from "./configSchema";

/** The primary as the rest of a stack sees it, managed or external. */
export interface Server {
  /** As containers on the stack's own engine reach it. */
  near: Address;
  /** As people and containers on other engines reach it. */
  far: Address;
  /** The superuser. An external one may have an empty password. */
  superuser: Superuser;
}

/** A standby as configured. */
type Standby = Config["standbys"][number];

/** @param managed the primary, where Laterbase runs it */
export function serverOf(
  { primary }: Config,
  { engine, bindAddress }: StackContext,
  managed: Primary | undefined,
): Server {
  if (managed) {
    return {
      near: { host: managed.host, port: 5432 },
      far: { host: publishedHost(engine.host, bindAddress), port: primary.port },
      superuser: { name: "postgres", password: managed.password },
    };
  }
  if (primary.kind === "managed") throw new Error("`managed` must be the primary");
  const { host, port, superuser } = primary;
  const address = { host, port };
  const password = superuser.password ?? "";
  return { near: address, far: address, superuser: { name: superuser.name, password } };
}

/** What decides limits of a managed primary: those of the pools, and how many standbys there are. */
export function primaryLimits(config: Config): { maxConnections: number; standbys: number } {
  return { maxConnections: managedMaxConnections(config), standbys: config.standbys.length };
}

/** The primary as a standby follows it. */
export function followed(
  { primary }: Config,
  address: Address,
  { superuser }: Server,
  stack: string,
): FollowedPrimary {
  const managed = primary.kind === "managed";
  return {
    ...address,
    superuser: superuser.name,
    clientAuth: managed || primary.version > 13 ? "scram-sha-256" : "md5",
    ...(managed ? { backupRole: backupRoleName(stack) } : {}),
    tablespaces: managed ? {} : primary.tablespaces,
  };
}

/** Every standby with its engine, and with the primary as that engine reaches it. */
export function preparedStandbys(
  { standbys, dockerHost }: Config,
  { near, far }: Server,
  engine: (host: string | undefined) => Engine,
): PreparedStandby[] {
  return standbys.map((standby) => {
    const host = standby.dockerHost ?? dockerHost;
    return {
      name: standby.name,
      engine: engine(host),
      address: host === dockerHost ? near : far,
    };
  });
}

/** A standby as containers on the stack's own engine reach it. */
export function standbyAddress(standby: Standby, stack: StackContext): Address {
  const host = standby.dockerHost ?? stack.engine.host;
  return host === stack.engine.host
    ? { host: containerName(stack.prefix, standby.name), port: 5432 }
    : { host: publishedHost(host, standby.bindAddress ?? stack.bindAddress), port: standby.port };
}

/** The first standby as containers on the stack's own engine reach it, if there is one. */
export function firstStandby({ standbys: [first] }: Config, stack: StackContext) {
  return first && standbyAddress(first, stack);
}

/** A standby on the stack's own engine, if there is one. */
export function nearStandby({ standbys }: Config, stack: StackContext): Address | undefined {
  const { host } = stack.engine;
  const near = standbys.find(({ dockerHost }) => (dockerHost ?? host) === host);
  return near && standbyAddress(near, stack);
}

/** Every server of the stack, for pgAdmin's tree, with the role that pgAdmin connects by. */
export function pgAdminServers(
  { standbys }: Config,
  { near }: Server,
  stack: StackContext,
  username: string,
): PgAdminServerOutput[] {
  const login = { username, maintenanceDatabase };
  return [
    { name: "primary", ...near, ...login },
    ...standbys.map((standby) => ({
      name: standby.name,
      ...standbyAddress(standby, stack),
      ...login,
    })),
  ];
}

/** The role that dumps: one that only reads, or the superuser before PostgreSQL 14. */
export function dumpRole({ dumpRole }: PreparedPrimary, superuser: Superuser) {
  return dumpRole ? { ...dumpRole, superuser: false } : { ...superuser, superuser: true };
}
