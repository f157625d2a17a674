import type * as pulumi from "@pulumi/pulumi";
import { namedDatabases } from "../primary/owners";
import type { OwnerLogins } from "../applications/ownerLogins";
import type { StackContext } from "../kit/context";
import { needed } from "../kit/image";
import { PgBouncer } from "../pgBouncer/pgBouncer";
import { PoolerConfiguration } from "../pgBouncer/poolerConfiguration";
import type { Primary } from "../primary/primary";
import { SuperuserLogin } from "../primary/superuserLogin";
import type { LaterbaseArgs } from "./laterbaseArgs";
import * as servers from "./servers";

interface PoolerArgs extends Pick<LaterbaseArgs, "config" | "images"> {
  /** The stack, with the engine of the pooler. */
  stack: StackContext;
  /** The primary. */
  server: servers.Server;
  /** The logins of the roles that own databases. Absent for an external primary. */
  logins?: OwnerLogins | undefined;
}

/** Declares the pooler, if the configuration asks for one. */
export function declarePooler(
  { config, images, stack, logins, server: { superuser } }: PoolerArgs,
  parent: pulumi.Resource,
): PgBouncer | undefined {
  if (!config.pooler) return undefined;
  const image = needed("pooler", images.pooler);
  const rotation = config.rotations?.["pooler"];
  const own = { stack, config: config.pooler, image, superuser, owners: logins?.all, rotation };
  return new PgBouncer("pooler", own, { parent });
}

/**
 * Declares how the superuser of a managed primary logs in, and with it what the pooler knows of passwords.
 *
 * @returns what logs in as the superuser waits for this
 */
export function declareLogin(
  { stack, logins }: PoolerArgs,
  { primary, pooler, drift }: LoginArgs,
  parent: pulumi.Resource,
): pulumi.Resource[] {
  if (!primary) return [];
  const own = { stack, primary, pooler, roles: logins?.all, drift: drift["login"] };
  return [new SuperuserLogin("primary", own, { parent })];
}

interface LoginArgs extends Pick<LaterbaseArgs, "drift"> {
  /** The primary, where Laterbase runs it. */
  primary: Primary | undefined;
  /** The pooler, if there is one. */
  pooler: PgBouncer | undefined;
}

/** Declares its configuration, which needs the login in force. */
export function configurePooler(
  { config, stack, server: { near, superuser } }: PoolerArgs,
  pooler: PgBouncer | undefined,
  after: pulumi.Resource[],
  parent: pulumi.Resource,
): void {
  if (!pooler || !config.pooler) return;
  const own = {
    stack,
    pooler,
    config: config.pooler,
    databases: namedDatabases(config),
    primary: near,
    standby: servers.firstStandby(config, stack),
    superuser: superuser.name,
    withUserlist: config.primary.kind === "external",
    after,
  };
  new PoolerConfiguration("pooler", own, { parent });
}
