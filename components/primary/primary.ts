import * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { z } from "zod";
import { postgresContainer } from "../kit/container";
import type { Engine } from "../kit/engine";
import { DatabaseName, Network, Port, Size } from "../schema/primitives";
import { strict } from "../schema/strict";

/** The majors that the images know. */
export const Version = z.literal([13, 14, 15, 16, 17, 18], {
  error: "must be PostgreSQL's major version: 13, 14, 15, 16, 17 or 18",
});

/** A password that passfiles, URIs and pgBouncer's userlist can all hold. */
const SuperuserPassword = z
  .string({ error: "must be a text, set with `pulumi config set --secret --path`" })
  .regex(
    /^\P{Cc}{1,500}$/u,
    "must be a text of 1 to 500 characters on one line; set it with `pulumi config set --secret --path`",
  )
  .meta({ secret: true })
  .transform((text) => pulumi.secret(text));

/** `laterbase:primary` of the kind `managed`. */
export const managedPrimarySchema = strict({
  kind: z.literal("managed"),
  version: Version.meta({
    description: "PostgreSQL's major version.",
    change: "The server refuses to start on data of another major.",
    example: 17,
  }),
  port: Port.meta({
    description: "The port to publish.",
    change: "A change restarts the primary; the data stays.",
    example: 8008,
  }),
  databases: z
    .array(DatabaseName, { error: "must be a list of names, such as [mfi_banking]" })
    .min(1, "must name at least one database, such as [mfi_banking]")
    .meta({
      description:
        "The databases. Each start creates those that are missing, and none is ever dropped. `initScripts` run in the first one.",
      change: "A change restarts the primary.",
      example: ["mfi_banking"],
    }),
  initScripts: z
    .string({ error: "must be a folder, such as examples/hot-hot/schema" })
    .optional()
    .meta({
      description:
        "A folder of `*.sql` and `*.sh` files. They run once, in the order of their names, when the data directory is created.",
      change: "A later change restarts the primary and runs nothing.",
      unset: "no scripts",
      example: "examples/hot-hot/schema",
    }),
  maxConnections: z
    .int({ error: "must be a whole number from 10 to 10000, such as 200" })
    .min(10, "must be a whole number from 10 to 10000, such as 200")
    .max(10000, "must be a whole number from 10 to 10000, such as 200")
    .optional()
    .meta({
      description: "PostgreSQL's `max_connections`. PostgreSQL manual 20.3.",
      change: "A change restarts the primary, then its standbys.",
      unset: "100, or 30 more than the pooler may open on the primary, whichever is greater",
      example: 200,
    }),
  superuser: strict({
    password: SuperuserPassword.meta({
      description: "The password of the superuser `postgres`.",
      change:
        "A change applies at the next `up`: nothing restarts except pgAdmin, and no transaction through the pooler fails.",
      unset: "generated, kept with the data, shown by `npm run laterbase -- credentials`",
    }),
  })
    .optional()
    .meta({
      description: "The superuser `postgres`.",
      unset: "`postgres` with a generated password",
    }),
  allowFrom: z
    .array(Network, { error: "must be a list such as [192.168.1.0/24]" })
    .default([])
    .meta({
      description:
        "Networks that standbys on other engines connect from, for `pg_hba.conf`. The stack's own network is always allowed.",
      change: "A reload applies a change.",
      example: ["192.168.1.0/24"],
    }),
  slotRetention: Size.default("10GB").meta({
    description:
      "PostgreSQL's `max_slot_wal_keep_size`: how much WAL the primary keeps for a standby that is away. At least 256MB. PostgreSQL manual 20.6.1.",
    change: "A reload applies a change.",
    example: "10GB",
  }),
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

/** The pooler, as far as the superuser's login concerns it. */
export interface PoolerLogin {
  containerName: string;
  container: docker.Container;
  /** What its userlist shall be. */
  userlist: pulumi.Input<string>;
}

/**
 * A PostgreSQL primary that Laterbase runs: initialised once, data checksums on, scram only, with
 * room for standbys. Destroying it leaves its data volume and its superuser's password.
 */
export class Primary extends pulumi.ComponentResource {
  /** The superuser's password, in force once `login` has run. */
  readonly password: pulumi.Output<string>;
  /** Its name in the stack's network, and the container's. */
  readonly host: string;
  readonly container: docker.Container;
  /** Anything that needs the server to answer depends on this. */
  readonly ready: pulumi.Resource;

  constructor(
    private readonly name: string,
    private readonly args: PrimaryArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:Primary", name, {}, opts);
    // The data hold it too, so it is kept with them; also where another password is configured.
    const generated = new random.RandomPassword(
      `${name}-superuser`,
      { length: 32, special: false },
      { parent: this, protect: true },
    );
    const initial = pulumi.secret(generated.result);
    this.password = args.config.superuser?.password ?? initial;
    const { container, ready } = postgresContainer(
      name,
      {
        engine: args.engine,
        prefix: args.prefix,
        stack: args.stack,
        role: "primary",
        command: "primary",
        published: { port: args.config.port, address: args.bindAddress },
        cpuShares,
        envs: { DATABASES: JSON.stringify(args.config.databases), TZ: args.timeZone },
        files: [
          // For ever the same, for a changed file is a new container: `login` sets the one in force.
          { name: "superuser-password", content: initial, mode: "0400" },
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

  /**
   * Sets the superuser's password on the running server, and tells the pooler in the same moment:
   * its clients wait meanwhile. Whatever logs in as the superuser over TCP depends on this.
   *
   * @param pooler whose userlist holds that password too; its configuration comes afterwards
   * @param drift a sentence on what was changed behind our back: it is then set again
   */
  login(pooler?: PoolerLogin, drift?: string): command.local.Command {
    const run = `node --import tsx scripts/steps/primaryLogin.ts ${this.host}`;
    const stdin = pulumi.all([this.password, pooler?.userlist]).apply(([password, userlist]) =>
      JSON.stringify({
        password,
        ...(pooler ? { pooler: { container: pooler.containerName, userlist } } : {}),
      }),
    );
    return new command.local.Command(
      `${this.name}-login`,
      {
        create: run,
        // A comment, as the steps on the primary have it: preview shows it, and it changes nothing.
        update: drift ? `${run} # ${drift}` : run,
        stdin: pulumi.secret(stdin),
        environment: { LATERBASE_ENGINE: this.args.engine.host ?? "" },
        // Another container may have met other data.
        triggers: [this.container.id],
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        deleteBeforeReplace: true,
        dependsOn: [this.ready, ...(pooler ? [pooler.container] : [])],
        ignoreChanges: drift ? [] : ["update"],
      },
    );
  }
}

/** Where cores are scarce its clients come before whatever works for it: a standby has 1024. */
export const cpuShares = 4096;

/** The settings that a managed primary and every standby share. */
export function renderServerConf(timeZone: string): string {
  return `listen_addresses = '*'
port = 5432
password_encryption = 'scram-sha-256'
shared_buffers = '256MB'
# Between checkpoints a page is logged whole once: restoring 2 GB writes 1.8 GB of WAL so, 3 GB at 1GB.
max_wal_size = '4GB'
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
max_connections = ${config.maxConnections ?? 100}
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
