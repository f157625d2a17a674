import * as pulumi from "@pulumi/pulumi";
import type { Address } from "../kit/address";
import type { StackContext } from "../kit/context";
import { localProgram } from "../kit/localProgram";
import { renderEntries, renderIni } from "./files";
import type { PgBouncer } from "./pgBouncer";
import type { PoolerConfig } from "./schema";
import { poolSizes } from "./sizes";

export interface PoolerConfigurationArgs {
  /** The stack, with the pooler's engine. */
  stack: StackContext;
  /** The pooler. A new container gets its configuration again. */
  pooler: PgBouncer;
  /** `laterbase:pooler`. Every change but the port is applied by RELOAD. */
  config: PoolerConfig;
  /** The databases that get pools. Applied by RELOAD. */
  databases: readonly string[];
  /** The primary as the pooler's engine reaches it. Applied by RELOAD. */
  primary: Address;
  /** The first standby as the pooler's engine reaches it. Default: none, and no entries. Applied by RELOAD. */
  standby?: Address | undefined;
  /** The superuser's name. Applied by RELOAD. */
  superuser: string;
  /**
   * Whether userlist.txt is part of it. Not for a managed primary, because `SuperuserLogin` delivers it
   * in the step that sets the password.
   */
  withUserlist: boolean;
  /** What has to be done before. */
  after: pulumi.Resource[];
}

/**
 * The configuration of a pooler. It takes effect at once by RELOAD, and cuts no client. Destroy undoes
 * nothing: the container goes too.
 */
export class PoolerConfiguration extends pulumi.ComponentResource {
  constructor(name: string, args: PoolerConfigurationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("laterbase:index:PoolerConfiguration", name, {}, opts);
    const { stack, pooler, config, databases, primary, standby, superuser } = args;
    const pools = poolSizes(config, databases);
    const files = { pools, maxClients: config.maxClients, primary, standby, superuser };
    const stdin = pulumi.output(args.withUserlist ? pooler.userlist : undefined).apply((userlist) =>
      JSON.stringify({
        "pgbouncer.ini": renderIni(files),
        ...(userlist === undefined ? {} : { "userlist.txt": userlist }),
        entries: renderEntries(files),
      }),
    );
    localProgram(
      `${name}-configuration`,
      {
        program: "poolerConfiguration",
        words: [pooler.containerName],
        engine: stack.engine,
        stdin,
        triggers: [pooler.container.id],
      },
      {
        parent: this,
        dependsOn: [pooler.container, ...args.after],
        // In older states it is a child of the pooler.
        aliases: [{ parent: pooler.urn }],
      },
    );
    this.registerOutputs({});
  }
}
