import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";
import { postgresContainer } from "./container";
import type { Engine } from "./engine";
import { DatabaseName, Network, Port, Size } from "./primitives";
import { strict } from "./strict";

/** The majors that the images know. */
export const Version = z.literal([13, 14, 15, 16, 17, 18], {
  error: "must be PostgreSQL's major version: 13, 14, 15, 16, 17 or 18",
});

/** `laterbase:primary` of the kind `managed`. */
export const managedPrimarySchema = strict({
  kind: z.literal("managed"),
  version: Version.describe(
    "Major version. Required, no default: data belongs to one major. A change is refused by the server's data.",
  ),
  port: Port.describe("The published port. A change restarts the primary; the data stay."),
  databases: z
    .array(DatabaseName, { error: "must be a list of names, such as [mfi_banking]" })
    .min(1, "must name at least one database, such as [mfi_banking]")
    .describe(
      "The databases that exist, made where missing at each start; the first one runs initScripts. None is ever dropped.",
    ),
  initScripts: z
    .string({ error: "must be a folder, such as examples/hot-hot/schema" })
    .optional()
    .describe(
      "A folder of *.sql and *.sh, run once in order of their names when the data are made. A later change restarts the primary and runs nothing.",
    ),
  maxConnections: z
    .int({ error: "must be a whole number from 10 to 10000, such as 200" })
    .min(10, "must be a whole number from 10 to 10000, such as 200")
    .max(10000, "must be a whole number from 10 to 10000, such as 200")
    .default(100)
    .describe(
      "max_connections. Default 100. A change restarts the primary, then its standbys. PostgreSQL manual 20.3.",
    ),
  allowFrom: z
    .array(Network, { error: "must be a list such as [192.168.1.0/24]" })
    .default([])
    .describe(
      "Networks that standbys on other engines connect from. Default none: the stack's own network always may. Applied by a reload.",
    ),
  slotRetention: Size.default("10GB").describe(
    "max_slot_wal_keep_size: the WAL that a standby which is away may hold. Default 10GB. Applied by a reload. PostgreSQL manual 20.6.1.",
  ),
});

export interface PrimaryArgs {
  engine: Engine;
  /** What every name of this stack begins with: `<project>-<stack>`. */
  prefix: string;
  stack: string;
  config: z.output<typeof managedPrimarySchema>;
  bindAddress: string;
  timeZone: string;
  /** The content of `initScripts`, in order. */
  initScripts: readonly { name: string; content: string }[];
}

/**
 * A PostgreSQL primary that Laterbase runs: initialised once, data checksums on, scram only, with
 * room for standbys. Destroying it leaves its data volume and its superuser's password.
 */
export class Primary extends pulumi.ComponentResource {
  /** The superuser's password; the data hold it too, so it is kept with them. */
  readonly password: pulumi.Output<string>;
  /** Its name in the stack's network. */
  readonly host: string;
  readonly container: docker.Container;
  /** Anything that needs the server to answer depends on this. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: PrimaryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:Primary", name, {}, opts);
    const password = new random.RandomPassword(
      `${name}-superuser`,
      { length: 32, special: false },
      { parent: this, protect: true },
    );
    this.password = pulumi.secret(password.result);
    const { container, ready } = postgresContainer(
      name,
      {
        engine: args.engine,
        prefix: args.prefix,
        stack: args.stack,
        role: "primary",
        command: "primary",
        published: { port: args.config.port, address: args.bindAddress },
        envs: { DATABASES: JSON.stringify(args.config.databases), TZ: args.timeZone },
        files: [
          { name: "superuser-password", content: this.password, mode: "0400" },
          { name: "postgresql.conf", content: renderPrimaryConf(args) },
          ...args.initScripts.map((script) => initFile(script)),
        ],
      },
      { parent: this },
    );
    this.host = `${args.prefix}-primary`;
    this.container = container;
    this.ready = ready;
    this.registerOutputs({ host: this.host });
  }
}

/** The settings that a managed primary and every standby share. */
export function renderServerConf(timeZone: string): string {
  return `listen_addresses = '*'
port = 5432
password_encryption = 'scram-sha-256'
shared_buffers = '256MB'
max_wal_size = '1GB'
huge_pages = off
timezone = '${timeZone}'
log_timezone = '${timeZone}'
log_line_prefix = '%m [%p] %q%u@%d '
lc_messages = 'C'
`;
}

/** postgresql.conf of a managed primary. */
export function renderPrimaryConf({ config, timeZone }: Pick<PrimaryArgs, "config" | "timeZone">) {
  return `${renderServerConf(timeZone)}unix_socket_directories = '/run/pg/primary'
max_connections = ${config.maxConnections}
wal_level = replica
max_wal_senders = 10
max_replication_slots = 10
# A standby whose slot is made anew still finds the last minutes.
wal_keep_size = '512MB'
`;
}

function initFile({ name, content }: { name: string; content: string }) {
  return { name: `init/${name}`, content, mode: name.endsWith(".sh") ? "0555" : "0444" } as const;
}
