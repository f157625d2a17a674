import type * as pulumi from "@pulumi/pulumi";
import { namedDatabases } from "../primary/owners";
import type { StackContext } from "../kit/context";
import { needed } from "../kit/image";
import { PgBouncer } from "../pgBouncer/pgBouncer";
import { PoolerConfiguration } from "../pgBouncer/poolerConfiguration";
import type { LaterbaseArgs } from "./laterbaseArgs";
import * as servers from "./servers";

interface PoolerArgs extends Pick<LaterbaseArgs, "config" | "images"> {
  /** The stack, with the engine of the pooler. */
  stack: StackContext;
  /** The primary. */
  server: servers.Server;
}

/** Declares the pooler, if the configuration asks for one. */
export function declarePooler(
  { config, images, stack, server: { superuser } }: PoolerArgs,
  parent: pulumi.Resource,
): PgBouncer | undefined {
  if (!config.pooler) return undefined;
  const image = needed("pooler", images.pooler);
  return new PgBouncer("pooler", { stack, config: config.pooler, image, superuser }, { parent });
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
