import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { postgresContainer } from "../kit/container";
import type { Engine } from "../kit/engine";
import { renderServerConf } from "../primary/primary";
import { BindAddress, DockerHost, passfileLine, Port } from "../schema/primitives";
import { strict } from "../schema/strict";
import { type TextOrder, textOrderCheck } from "./collationCheck";

/** One entry of `laterbase:standbys`. */
export const standbySchema = strict({
  name: z
    .string({ error: "must be a name such as standby" })
    .regex(/^[a-z0-9_]{1,40}$/, "must be a name of a–z, 0–9 and _, such as standby_2")
    .meta({ values: "name of a–z, 0–9 and _" })
    .meta({
      description: "The standby's name. Its container, volume and slot are named after it.",
      change: "A change makes another standby with a clone of its own; the old data volume stays.",
      example: "standby",
    }),
  port: Port.meta({
    description: "The port to publish.",
    change: "A change restarts the standby; the data stays.",
    example: 8009,
  }),
  dockerHost: DockerHost.optional().meta({
    description: "The Docker engine that runs this standby.",
    change: "A change makes a new clone there; the old data volume stays.",
    unset: "`dockerHost`",
    example: "ssh://media@nas.local",
  }),
  bindAddress: BindAddress.optional().meta({
    description: "The address where its port listens.",
    change: "A change restarts the standby.",
    unset: "`bindAddress`",
    example: "127.0.0.1",
  }),
});

export interface StandbyArgs {
  engine: Engine;
  /** What every name of this stack begins with: `<project>-<stack>`. */
  prefix: string;
  stack: string;
  config: z.output<typeof standbySchema>;
  bindAddress: string;
  timeZone: string;
  /** The primary as this standby's engine reaches it. */
  primary: {
    host: string;
    port: number;
    /** The superuser's name: the only role that the health check and the jobs use here. */
    superuser: string;
    /** How clients log in. A primary older than 14 may hold md5 passwords, which scram refuses. */
    clientAuth: "scram-sha-256" | "md5";
    tablespaces: Record<string, string>;
  };
  /** How the primary sorts text, and how to prove that this standby does, too. Default: a primary of ours. */
  textOrder?: TextOrder;
  replication: { user: string; password: pulumi.Input<string>; slot: string };
  /**
   * What has to be there before the container starts. No `dependsOn` of the component: destroy
   * keeps the component with its data, and would keep everything that it depends on.
   */
  after: pulumi.Resource[];
}

/**
 * A hot standby: cloned over its slot, verified, then streaming. It answers reads and repairs
 * itself; it needs the role, the slot and the pg_hba.conf block that `PreparedPrimary` makes.
 * Destroying it leaves its data volume.
 */
export class Standby extends pulumi.ComponentResource {
  /** The container's name. */
  readonly containerName: string;
  /** Where clients reach it. */
  readonly address: { host: string; port: number; slot: string };

  constructor(name: string, args: StandbyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:Standby", name, {}, opts);
    const { primary, replication, config, textOrder } = args;
    const { container, ready } = postgresContainer(
      name,
      {
        engine: args.engine,
        prefix: args.prefix,
        stack: args.stack,
        role: config.name,
        command: "standby",
        published: { port: config.port, address: args.bindAddress },
        envs: {
          PRIMARY_HOST: primary.host,
          PRIMARY_PORT: String(primary.port),
          REPLICATION_USER: replication.user,
          SLOT: replication.slot,
          STANDBY_NAME: config.name,
          SUPERUSER: primary.superuser,
          CLIENT_AUTH: primary.clientAuth,
          TABLESPACES: JSON.stringify(primary.tablespaces),
          TZ: args.timeZone,
        },
        files: [
          { name: "pgpass", content: renderPassfile(args), mode: "0400" },
          { name: "postgresql.conf", content: renderServerConf(args.timeZone) },
          ...(textOrder ? [{ name: "collation.json", content: textOrder.probe }] : []),
        ],
      },
      { parent: this, dependsOn: args.after },
    );
    this.containerName = `${args.prefix}-${config.name}`;
    if (textOrder) {
      textOrderCheck(
        `${name}-order`,
        {
          order: textOrder,
          standby: config.name,
          containerName: this.containerName,
          container: container.id,
          engine: args.engine,
        },
        { parent: this, dependsOn: [ready] },
      );
    }
    this.address = {
      host: publishedHost(args.engine.host, args.bindAddress),
      port: config.port,
      slot: replication.slot,
    };
    this.registerOutputs({ address: this.address });
  }
}

/** The host under which a port that an engine publishes can be reached. */
export function publishedHost(engineHost: string | undefined, bindAddress: string): string {
  if (bindAddress !== "0.0.0.0" && bindAddress !== "::") return bindAddress;
  return (
    /^(?:ssh|tcp):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(engineHost ?? "")?.[1] ?? "127.0.0.1"
  );
}

function renderPassfile({ primary, replication }: StandbyArgs): pulumi.Output<string> {
  const fields = [primary.host, String(primary.port), "replication", replication.user];
  return pulumi.secret(replication.password).apply((text) => passfileLine([...fields, text]));
}
