import * as pulumi from "@pulumi/pulumi";
import { ownerName, slotName, stackPrefix } from "../contract/names";
import { BackupAgent } from "./backupAgent/backupAgent";
import { backupsOf } from "./backupAgent/backups";
import { type Connections, connectionsOf } from "./connections";
import { Duplicati } from "./duplicati/duplicati";
import { agentUpload, UploadJob } from "./duplicati/uploadJob";
import { enginesOf } from "./kit/engine";
import { engineImage, needed, type ImageSource, type PulledImage } from "./kit/image";
import type { LaterbaseArgs } from "./laterbaseArgs";
import * as outputs from "./outputs";
import { PgAdmin, type PgAdminAccess } from "./pgAdmin/pgAdmin";
import { PgBouncer } from "./pgBouncer/pgBouncer";
import { PoolerConfiguration } from "./pgBouncer/poolerConfiguration";
import { managedMaxConnections } from "./pgBouncer/sizes";
import { primaryNeeds } from "./preparedPrimary/needs";
import { PreparedPrimary } from "./preparedPrimary/preparedPrimary";
import { Primary } from "./primary/primary";
import { SuperuserLogin } from "./primary/superuserLogin";
import { Scheduler } from "./scheduler/scheduler";
import * as servers from "./servers";
import { Standby, type StandbyAddress } from "./standby/standby";

/**
 * A stack: the primary or its preparation, the standbys, and what works for and with them. Destroy
 * leaves data volumes and the secrets without which their data cannot be read.
 */
export class Laterbase extends pulumi.ComponentResource {
  /** The stack output `primary`. */
  readonly primary: outputs.PrimaryOutput;
  /** The stack output `standbys`: each by its name. */
  readonly standbys: Record<string, StandbyAddress>;
  /** Connection URIs by database. They are a secret, because they hold the superuser's password. */
  readonly connections: pulumi.Output<Record<string, Connections>>;
  /** The stack output `backups`. Empty without dumps. */
  readonly backups: { dumps?: outputs.DumpsOutput } = {};
  /** The stack output `duplicati`. */
  readonly duplicati?: outputs.DuplicatiOutput;
  /** The stack output `pooler`. */
  readonly pooler?: outputs.PoolerOutput;
  /** The stack output `pgAdmin`. */
  readonly pgAdmin?: PgAdminAccess;

  constructor(name: string, args: LaterbaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:Laterbase", name, {}, opts);
    const { config, images, drift, initScripts, folder, ...names } = args;
    const { dockerHost, timeZone, bindAddress, pooler, pgAdmin, dumps, duplicati } = config;
    const child = { parent: this };
    const prefix = stackPrefix(names.project, names.stack);
    const engineOf = enginesOf({ prefix, stack: names.stack, image: images.postgres }, this);
    const engine = engineOf(dockerHost);
    const stack = { ...names, prefix, timeZone, bindAddress, engine };
    const image = (name: string, source: ImageSource | PulledImage | undefined) =>
      engineImage(`${name}-image`, needed(name, source), engine.provider, child).name;

    let primary: Primary | undefined;
    if (config.primary.kind === "managed") {
      const maxConnections = managedMaxConnections(config);
      const own = { stack, config: config.primary, maxConnections, initScripts };
      primary = new Primary("primary", own, child);
    }
    const server = servers.serverOf(config, stack, primary);
    const { near, superuser } = server;

    let pgBouncer: PgBouncer | undefined;
    if (pooler) {
      const own = { stack, config: pooler, image: needed("pooler", images.pooler), superuser };
      pgBouncer = new PgBouncer("pooler", own, child);
      this.pooler = outputs.poolerOutput(pgBouncer, dockerHost);
    }
    const after: pulumi.Resource[] = [];
    if (primary) {
      const login = { stack, primary, pooler: pgBouncer, drift: drift["login"] };
      after.push(new SuperuserLogin("primary", login, child));
    }
    if (pooler && pgBouncer) {
      const configuration = {
        stack,
        pooler: pgBouncer,
        config: pooler,
        databases: servers.namedDatabases(config),
        primary: near,
        standby: servers.standbyAddress(config.standbys[0]!, stack),
        superuser: superuser.name,
        withUserlist: !primary,
        after,
      };
      new PoolerConfiguration("pooler", configuration, child);
    }

    const { managed, ...needs } = primaryNeeds(config);
    const standbys = servers.preparedStandbys(config, server, engineOf);
    const prepared = new PreparedPrimary(
      "preparation",
      {
        ...needs,
        owner: ownerName(names.project, names.stack),
        stack: names.stack,
        superuser,
        access: config.primary.kind === "managed" ? { kind: "sql" } : config.primary.access,
        standbys,
        drift,
        dataIsKept: managed,
        probesCollation: !managed,
        after,
      },
      child,
    );
    const { user, password, collation } = prepared;
    const addresses = config.standbys.map((own, i) => {
      const { engine, address } = standbys[i]!;
      const place = { ...stack, engine, bindAddress: own.bindAddress ?? bindAddress };
      const followed = servers.followed(config, address, server);
      const replication = { user, password, slot: slotName(own.name) };
      const standby = { stack: place, config: own, primary: followed, collation, replication };
      return new Standby(own.name, { ...standby, after: [prepared] }, child).address;
    });

    if (pgAdmin) {
      const listed = servers.pgAdminServers(config, server, stack);
      const page = { stack, config: pgAdmin, image: image("pgadmin", images.pgAdmin), after };
      const login = { servers: listed, password: superuser.password };
      this.pgAdmin = new PgAdmin("pgadmin", { ...page, ...login }, child).access;
    }

    const jobs = [];
    if (dumps) {
      const backups = backupsOf({ stack, path: dumps.path, folder }, this);
      const own = duplicati && { stack, config: duplicati, backups };
      const storage =
        own &&
        new Duplicati("duplicati", { ...own, image: image("duplicati", images.duplicati) }, child);
      const agent = new BackupAgent(
        "agent",
        {
          stack,
          image: needed("agent", images.agent),
          version: config.primary.version,
          config: dumps,
          backups,
          role: servers.dumpRole(prepared, superuser),
          primary: near,
          standby: servers.nearStandby(config, stack),
          upload: storage && duplicati && agentUpload(stack, duplicati, storage),
          after: [prepared],
        },
        child,
      );
      jobs.push(...agent.jobs);
      if (storage && duplicati) {
        const upload = { stack, config: duplicati, duplicati: storage, agent };
        jobs.push(...new UploadJob("duplicati", upload, child).jobs);
        this.duplicati = outputs.duplicatiOutput(storage);
      }
      this.backups = { dumps: outputs.dumpsOutput(dumps, backups, agent, stack) };
    }
    if (jobs.length > 0) {
      const ofelia = image("ofelia", images.ofelia);
      const proxy = image("socket-proxy", images.socketProxy);
      new Scheduler("scheduler", { stack, images: { ofelia, proxy }, jobs }, child);
    }

    this.primary = outputs.primaryOutput(config, server.far, primary);
    this.standbys = Object.fromEntries(config.standbys.map((own, i) => [own.name, addresses[i]!]));
    this.connections = connectionsOf({
      databases: config.primary.databases,
      superuser,
      primary: server.far,
      standby: addresses[0]!,
      pooler: pgBouncer?.address,
    });
    this.registerOutputs({ primary: this.primary, standbys: this.standbys });
  }
}
