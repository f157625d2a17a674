import type * as pulumi from "@pulumi/pulumi";
import { Applications } from "../applications/applications";
import { ownersOf } from "../primary/owners";
import type { StackContext } from "../kit/context";
import type { PreparedPrimary } from "../preparedPrimary/preparedPrimary";
import type { Primary } from "../primary/primary";
import type { LaterbaseArgs } from "./laterbaseArgs";
import type * as servers from "./servers";

interface DeclaredFor extends Pick<LaterbaseArgs, "config" | "drift"> {
  /** The stack, with the primary's engine. */
  stack: StackContext;
  /** The primary. */
  server: servers.Server;
  /** The same, where Laterbase runs it. */
  primary: Primary | undefined;
  /** What was prepared on it. */
  prepared: PreparedPrimary;
}

/** Declares the roles that own the databases of a managed primary. An external one has its own. */
export function declareApplications(
  { config, drift, stack, server, primary, prepared }: DeclaredFor,
  parent: pulumi.Resource,
): Applications | undefined {
  if (!primary) return undefined;
  const own = {
    ...{ stack, drift },
    version: config.primary.version,
    superuser: server.superuser,
    owners: ownersOf(config),
    near: { engine: stack.engine, address: server.near },
    container: primary.container,
    number: prepared.number,
    after: [prepared.recorded],
  };
  return new Applications("applications", own, { parent });
}
