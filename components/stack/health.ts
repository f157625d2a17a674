import type * as pulumi from "@pulumi/pulumi";
import { containerName, slotName } from "../../contract/names";
import type { HealthConfig } from "../../contract/health/config";
import type { HealthOutput } from "../../contract/stackOutputs";
import type { Applications } from "../applications/applications";
import type { MonitoredAgent } from "../backupAgent/backupAgent";
import { HealthMonitor } from "../health/healthMonitor";
import { thresholdsOf } from "../health/thresholdsSchema";
import type { StackContext } from "../kit/context";
import { engineImage, needed } from "../kit/image";
import type { ObjectStore } from "../objectStore/objectStore";
import type { PgBouncer } from "../pgBouncer/pgBouncer";
import { namedDatabases } from "../primary/owners";
import { ownParameters } from "../primary/ownParameters";
import type { PreparedPrimary } from "../preparedPrimary/preparedPrimary";
import type { Config } from "./configSchema";
import type { LaterbaseArgs } from "./laterbaseArgs";
import * as servers from "./servers";
import { wantedRoles, wantedSettings } from "./wantedOnPrimary";

interface HealthArgs extends Pick<LaterbaseArgs, "config" | "images"> {
  /** The stack, with the engine of the monitor. */
  stack: StackContext;
  /** The primary. */
  server: servers.Server;
  /** What was prepared on it: the monitor's role. */
  prepared: PreparedPrimary;
  /** The roles that own databases, if Laterbase makes them. */
  applications: Applications | undefined;
  /** The pooler, if there is one. */
  pooler: PgBouncer | undefined;
  /** The agent, if there is one. */
  agent: MonitoredAgent | undefined;
  /** The stack's own object store, if there is one. */
  objectStore: ObjectStore | undefined;
}

/** Declares the monitor, if the configuration asks for one. Returns the stack's output `health`. */
export function declareHealth(args: HealthArgs, parent: pulumi.Resource): HealthOutput | undefined {
  const { config, stack, prepared, applications, pooler, agent, objectStore } = args;
  const { healthRole } = prepared;
  if (!config.health || !healthRole) return undefined;
  const { port, ...settings } = config.health;
  const certificates: Record<string, pulumi.Output<string>> = objectStore
    ? { "object-store": objectStore.certificate }
    : {};
  const own = {
    ...{ stack, port, image: agent?.image ?? ownImage(args, parent) },
    contents: {
      config: healthConfig(config, args, healthRole.name),
      certificates,
      password: healthRole.password,
      poolerPassword: pooler?.stats.password,
      agentToken: agent?.overview?.token,
      settings,
    },
    // What it misses there is drift.
    after: [prepared, ...(applications ? [applications] : [])],
  };
  return new HealthMonitor("health", own, { parent }).access;
}

/** The agent's image, where no agent runs it. */
function ownImage({ images, stack }: HealthArgs, parent: pulumi.Resource): pulumi.Output<string> {
  const { provider, image } = stack.engine;
  // It stands on PostgreSQL's image.
  const opts = { parent, dependsOn: [image] };
  return engineImage("health-image", needed("agent", images.agent), provider, opts).name;
}

/** What the monitor knows of its stack, without what is secret or comes from a resource. */
export function healthConfig(
  config: Config,
  { stack, server, pooler, agent }: Pick<HealthArgs, "stack" | "server" | "pooler" | "agent">,
  role: string,
): Omit<HealthConfig, "certificates"> {
  const { primary, standbys, health } = config;
  const named = primary.kind === "external" ? namedDatabases(config) : [];
  return {
    ...{ stack: stack.stack, prefix: stack.prefix, major: primary.version },
    ...{ timeZone: stack.timeZone, managed: primary.kind === "managed", role },
    primary: server.near,
    ...(named.length > 0 ? { databases: named } : {}),
    standbys: standbys.map((one) => ({
      name: one.name,
      ...servers.standbyAddress(one, stack),
      slot: slotName(one.name),
      near: (one.dockerHost ?? stack.engine.host) === stack.engine.host,
    })),
    ...(pooler
      ? { pooler: { host: pooler.containerName, port: 6432, user: pooler.stats.name } }
      : {}),
    ...(agent?.overview ? { agent: { host: agent.containerName, port: agent.overview.port } } : {}),
    services: servicesOf(config, stack.prefix),
    slotRetention: primary.slotRetention,
    roles: wantedRoles(config, stack.stack),
    settings: wantedSettings(config),
    ownSettings: config.primary.kind === "managed" ? [...ownParameters] : [],
    thresholds: thresholdsOf(health!.thresholds),
    token: health!.token !== undefined,
  };
}

/** What else of the stack has to accept connections, by the ports inside its network. */
function servicesOf(
  { pgAdmin, duplicati, objectStore }: Config,
  prefix: string,
): HealthConfig["services"] {
  const all = [
    { name: "pgadmin", port: 8080, wanted: pgAdmin },
    { name: "object-store", port: 7070, wanted: objectStore },
    { name: "duplicati", port: 8200, wanted: duplicati },
  ];
  return all
    .filter(({ wanted }) => wanted !== undefined)
    .map(({ name, port }) => ({ name, host: containerName(prefix, name), port }));
}
