import type * as pulumi from "@pulumi/pulumi";
import { Applications } from "../applications/applications";
import { isRotationTarget } from "../../contract/rotations";
import { OwnerLogins } from "../applications/ownerLogins";
import { createExtensions } from "../primary/extensions";
import { namedDatabases, ownersOf } from "../primary/owners";
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
  /** The logins of the roles. Absent for an external primary. */
  logins: OwnerLogins | undefined;
  /** What was prepared on it. */
  prepared: PreparedPrimary;
}

/** Declares the logins of the roles that own the databases of a managed primary. */
export function declareOwnerLogins(
  config: LaterbaseArgs["config"],
  parent: pulumi.Resource,
): OwnerLogins | undefined {
  if (config.primary.kind !== "managed") return undefined;
  // The owner of a database without an application may have the name of another secret.
  const others = Object.entries(config.rotations ?? {}).filter(([name]) => !isRotationTarget(name));
  const own = { owners: ownersOf(config), rotations: Object.fromEntries(others) };
  return new OwnerLogins("applications", own, { parent });
}

/**
 * Declares the roles that own the databases of a managed primary, and the extensions in these databases. An external
 * primary has its own.
 */
export function declareApplications(
  { config, drift, stack, server, primary, logins, prepared }: DeclaredFor,
  parent: pulumi.Resource,
): Applications | undefined {
  if (!primary || !logins) return undefined;
  const own = {
    ...{ stack, drift },
    version: config.primary.version,
    superuser: server.superuser,
    owners: ownersOf(config),
    logins: logins.byDatabase,
    near: { engine: stack.engine, address: server.near },
    container: primary.container,
    number: prepared.number,
    after: [prepared.recorded],
  };
  const applications = new Applications("applications", own, { parent });
  declareExtensions({ config, stack, drift }, primary, applications.steps);
  return applications;
}

/** @param databases the steps that make the databases that are missing */
function declareExtensions(
  { config, stack, drift }: Pick<DeclaredFor, "config" | "stack" | "drift">,
  primary: Primary,
  databases: readonly pulumi.Resource[],
): void {
  const names = ("extensions" in config.primary && config.primary.extensions) || [];
  if (names.length === 0) return;
  const { host: containerName, container, ready } = primary;
  const own = {
    ...{ stack, containerName, container, names },
    databases: namedDatabases(config),
    drift: drift["extensions"],
    after: [ready, ...databases],
  };
  createExtensions("primary-extensions", own, primary);
}
