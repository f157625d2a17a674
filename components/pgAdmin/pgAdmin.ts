import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerName, serviceVolumes } from "../../contract/names";
import type { PgAdminOutput, PgAdminServerOutput } from "../../contract/stackOutputs";
import { pageUrl, publishedHost } from "../kit/address";
import { hardened, identity } from "../kit/container";
import type { StackContext } from "../kit/context";
import type { Declared } from "../kit/declared";
import { ownContainer } from "../kit/ownContainer";
import { generatedPassword, type PasswordArgs } from "../kit/password";
import { readiness } from "../kit/readiness";
import { keptVolume } from "../kit/volume";
import { healthcheck, uploads } from "./files";
import { allowedHosts } from "./hosts";
import type { PgAdminConfig } from "./schema";

export interface PgAdminArgs extends PasswordArgs {
  /** The stack, with the engine that runs pgAdmin. */
  stack: StackContext;
  /** `laterbase:pgAdmin`. A change restarts pgAdmin and keeps what people saved. */
  config: PgAdminConfig;
  /** pgAdmin's own image, or ours with the same pgAdmin. A change restarts pgAdmin. */
  image: pulumi.Input<string>;
  /** The servers in the tree. A change restarts pgAdmin. */
  servers: readonly PgAdminServerOutput[];
  /** The password of the servers' login. Empty: pgAdmin asks for it. A change restarts pgAdmin. */
  password: pulumi.Input<string>;
  /** What has to be there before it starts. */
  after: pulumi.Resource[];
}

const role = "pgadmin";

/**
 * pgAdmin with the stack's servers in it, which connect without a typed password. What people add
 * or save stays. Destroy leaves its data volume and the password of its login.
 */
export class PgAdmin extends pulumi.ComponentResource {
  /** What people open, and what they find there. */
  readonly access: Declared<PgAdminOutput>;

  constructor(
    private readonly name: string,
    private readonly args: PgAdminArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:PgAdmin", name, {}, opts);
    const { stack, config, servers, rotation } = args;
    // It encrypts the passwords that people save in pgAdmin.
    const kept = { parent: this, protect: true };
    const password = generatedPassword(`${name}-password`, { rotation }, kept);
    const container = this.run(password);
    const ownName = containerName(stack.prefix, role);
    const waiting = { containerName: ownName, container, engine: stack.engine };
    readiness(`${name}-ready`, waiting, this);
    const host = publishedHost(stack.engine.host, stack.bindAddress);
    const url = pageUrl({ host, port: config.port });
    this.access = { url, email: config.email, password, servers };
    this.registerOutputs({ url });
  }

  private run(password: pulumi.Output<string>): docker.Container {
    const { args, name } = this;
    const { stack, config, servers } = args;
    const { engine, prefix } = stack;
    const volume = serviceVolumes(prefix).pgAdminData;
    const data = keptVolume(`${name}-data`, { volume, role, stack }, this);
    return ownContainer(
      engine,
      `${name}-container`,
      {
        // A large result passes through it, and pg_dump and pg_restore run in here.
        ...hardened({ memory: 1024, graceSeconds: 10, processes: 256 }),
        healthcheck,
        ...identity(stack, role),
        image: args.image,
        entrypoints: ["/etc/laterbase/start"],
        init: true,
        envs: [`TZ=${stack.timeZone}`],
        ports: [{ internal: 8080, external: config.port, ip: stack.bindAddress }],
        volumes: [{ volumeName: data.name, containerPath: "/var/lib/pgadmin" }],
        uploads: uploads({
          prefix,
          email: config.email,
          hosts: allowedHosts(stack, config.hostNames),
          password,
          servers,
          serverPassword: args.password,
        }),
      },
      {
        parent: this,
        provider: engine.provider,
        dependsOn: args.after,
        // Two of them would lock each other out of one database.
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "init"],
      },
    );
  }
}
