import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerName } from "../../contract/names";
import type { Login } from "../../contract/stackOutputs";
import { type Address, publishedHost } from "../kit/address";
import { hardened, identity } from "../kit/container";
import type { StackContext } from "../kit/context";
import type { Declared } from "../kit/declared";
import { engineImage, type OwnImage } from "../kit/image";
import { ownContainer } from "../kit/ownContainer";
import { generatedPassword, type PasswordArgs } from "../kit/password";
import { renderUserlist } from "./files";
import type { PoolerConfig } from "./schema";
import { consoleUsers, type PoolMode } from "./sizes";

export interface PgBouncerArgs extends PasswordArgs {
  /** The stack, with the engine that runs the pooler. */
  stack: StackContext;
  /** `laterbase:pooler`. Another port replaces the container and cuts its clients. */
  config: PoolerConfig;
  /** The pooler's image. A change replaces the container and cuts its clients. */
  image: OwnImage;
  /** The primary's superuser, who looks up passwords. A change cuts no client. */
  superuser: { name: string; password: pulumi.Input<string> };
  /**
   * The roles that own databases. PgBouncer has their passwords, because with a verifier that it looked up, a client
   * that logged in before a rotation could get no new server connection. Default: none. A change cuts no client.
   */
  owners?: readonly { name: string; password: pulumi.Input<string> }[] | undefined;
}

const role = "pooler";

/**
 * PgBouncer: many clients on few server connections, `<database>` on the primary and `<database>_ro`
 * on the standby. Roles log in with their own passwords, which PgBouncer looks up on the primary. Its
 * configuration comes by `PoolerConfiguration` and never restarts it. Destroy leaves nothing.
 */
export class PgBouncer extends pulumi.ComponentResource {
  /** The container's name. */
  readonly containerName: string;
  /** Where clients reach it. */
  readonly address: Address & { mode: PoolMode };
  /** May run every command on the console. PostgreSQL has no role of this name, nor of the next. */
  readonly admin: Declared<Login>;
  /** May run SHOW on the console. */
  readonly stats: Declared<Login>;
  /** userlist.txt, a secret. */
  readonly userlist: pulumi.Output<string>;
  /** The pooler's container. It waits until it has its configuration. */
  readonly container: docker.Container;

  constructor(
    private readonly name: string,
    private readonly args: PgBouncerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:PgBouncer", name, {}, opts);
    const { stack, config, superuser, owners = [], rotation } = args;
    const { admin, stats } = consoleUsers;
    this.containerName = containerName(stack.prefix, role);
    this.address = {
      host: publishedHost(stack.engine.host, stack.bindAddress),
      port: config.port,
      mode: config.mode,
    };
    const password = (who: string) =>
      generatedPassword(`${name}-${who}`, { rotation }, { parent: this });
    this.admin = { name: admin, password: password("admin") };
    this.stats = { name: stats, password: password("stats") };
    const users = [superuser, this.admin, this.stats, ...owners];
    this.userlist = pulumi.secret(
      pulumi
        .all(users.map((user) => user.password))
        .apply((passwords) =>
          renderUserlist(
            users.map(({ name: user }, i) => ({ name: user, password: passwords[i]! })),
          ),
        ),
    );
    this.container = this.run();
    this.registerOutputs({ address: this.address });
  }

  private run(): docker.Container {
    const { stack, config, image } = this.args;
    const { engine } = stack;
    const own = engineImage(`${this.name}-image`, image, engine.provider, { parent: this });
    return ownContainer(
      engine,
      `${this.name}-container`,
      {
        // The grace is for transactions under way.
        ...hardened({ memory: 512, graceSeconds: 15, processes: 64 }),
        ...identity(stack, role),
        image: own.name,
        command: ["pooler"],
        envs: [`TZ=${stack.timeZone}`],
        ports: [{ internal: 6432, external: config.port, ip: stack.bindAddress }],
      },
      {
        parent: this,
        provider: engine.provider,
        // Its name and its port are fixed.
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "init"],
      },
    );
  }
}
