import type * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { containerName, serviceVolumes } from "../../contract/names";
import { publishedHost } from "../kit/address";
import { authority, certificate } from "../kit/certificate";
import { hardened, identity, uid } from "../kit/container";
import type { StackContext } from "../kit/context";
import { ignoredSentence } from "../kit/drift";
import { localProgram } from "../kit/localProgram";
import { ownContainer } from "../kit/ownContainer";
import { generatedPassword, type PasswordArgs } from "../kit/password";
import { readiness } from "../kit/readiness";
import { keptVolume } from "../kit/volume";
import type { ObjectStoreAccess } from "./access";
import { uploads } from "./files";
import type { ObjectStoreConfig } from "./schema";

export interface ObjectStoreArgs extends PasswordArgs {
  /** The stack, with the engine that runs the object store. */
  stack: StackContext;
  /** `laterbase:objectStore`. Another port restarts the store; another bucket is made beside the old one. */
  config: ObjectStoreConfig;
  /** The image of versitygw. A change restarts the store and keeps its data. */
  image: pulumi.Input<string>;
  /** A sentence where the container is gone: its volume may be new, so the bucket is made again. Default: it is there. */
  drift?: string | undefined;
}

const role = "object-store";

/** Where it listens, inside its network. */
const port = 7070;

/**
 * versitygw, an S3 server for a stack that has none. Its objects are files in a volume. Destroy leaves
 * that volume, the keys and the authority of its certificate, so that repositories stay readable.
 */
export class ObjectStore extends pulumi.ComponentResource {
  /** The container's name. */
  readonly containerName: string;
  /** What clients in the stack's network need. */
  readonly access: ObjectStoreAccess;
  /** The server's certificate, PEM. It is public. */
  readonly certificate: pulumi.Output<string>;
  /** What uses the bucket depends on this. */
  readonly ready: pulumi.Resource;

  private readonly volume: string;

  constructor(
    private readonly name: string,
    private readonly args: ObjectStoreArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("laterbase:index:ObjectStore", name, {}, opts);
    const { stack, config, rotation } = args;
    this.containerName = containerName(stack.prefix, role);
    this.volume = serviceVolumes(stack.prefix).objectStoreData;
    // The repositories are kept by destroy, and configurations elsewhere may name the key.
    const secret = (what: string) =>
      generatedPassword(`${name}-${what}`, { rotation }, { parent: this, protect: true });
    const signer = authority(`${name}-authority`, this.containerName, this);
    this.access = {
      ...{ host: this.containerName, port, bucket: config.bucket, region: "us-east-1" },
      ...{ accessKey: secret("access-key"), secretKey: secret("secret-key") },
      ca: pulumi.unsecret(signer.apply((own) => own.certificate)),
    };
    const server = certificate(
      `${name}-certificate`,
      { server: this.containerName, hosts: this.hosts(), signer },
      this,
    );
    this.certificate = pulumi.unsecret(server.apply((own) => own.certificate));
    const bucket = this.makeBucket();
    const container = this.run(server, bucket);
    const { containerName: ours } = this;
    const waiting = { containerName: ours, container, engine: stack.engine };
    this.ready = readiness(`${name}-ready`, waiting, this);
    this.registerOutputs({ containerName: this.containerName });
  }

  /** The names and addresses of the certificate: in the network, in the container, and as published. */
  private hosts(): string[] {
    const { engine, bindAddress } = this.args.stack;
    const published = publishedHost(engine.host, bindAddress).replace(/^\[|\]$/g, "");
    return [...new Set([this.containerName, role, "localhost", "127.0.0.1", published])];
  }

  private makeBucket(): command.local.Command {
    const { stack, config, drift } = this.args;
    const data = keptVolume(`${this.name}-data`, { volume: this.volume, role, stack }, this);
    const stdin = stack.engine.image.name.apply((image) =>
      JSON.stringify({ image, user: uid, bucket: config.bucket }),
    );
    const place = { program: "bucket", words: [this.volume], engine: stack.engine };
    return localProgram(
      `${this.name}-bucket`,
      { ...place, stdin, triggers: [data.id], drift },
      { parent: this, ignoreChanges: ignoredSentence(drift) },
    );
  }

  private run(
    server: pulumi.Output<{ certificate: string; key: string }>,
    bucket: pulumi.Resource,
  ): docker.Container {
    const { stack, config, image } = this.args;
    const { engine } = stack;
    const { ca, accessKey, secretKey } = this.access;
    return ownContainer(
      engine,
      `${this.name}-container`,
      {
        // Several clients at a time upload parts of 5 MB each, and the health check is a second process.
        ...hardened({ memory: 512, graceSeconds: 15, processes: 128 }),
        ...identity(stack, role),
        image,
        user: `${uid}:${uid}`,
        entrypoints: ["/etc/laterbase/start"],
        init: true,
        envs: [`TZ=${stack.timeZone}`],
        ports: [{ internal: port, external: config.port, ip: stack.bindAddress }],
        volumes: [{ volumeName: this.volume, containerPath: "/data" }],
        uploads: uploads({
          ...{ certificate: server.certificate, key: server.key },
          ...{ ca, accessKey, secretKey },
        }),
      },
      {
        parent: this,
        provider: engine.provider,
        dependsOn: [bucket],
        // Its name and its port are fixed.
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "init"],
      },
    );
  }
}
