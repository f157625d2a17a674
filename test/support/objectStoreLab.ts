import * as pulumi from "@pulumi/pulumi";
import type { ObjectStoreAccess } from "../../components/objectStore/access";
import { ObjectStore } from "../../components/objectStore/objectStore";
import { objectStoreImage } from "../../images/build/objectStore";
import { connect } from "../../scripts/engine/connect";
import { containerSpec } from "../../scripts/providers/docker/containerSpec";
import { uploadArchive } from "../../scripts/providers/docker/uploads";
import { builtImage, finished } from "./builtImage";
import { type Made, named, render } from "./mocks";
import { ok, run } from "./process";
import { testStack } from "./testStack";

const engine = connect();

interface KeyPair {
  certificate: string;
  key: string;
}

/** What the mocks give for a generated secret, and what it is here. */
type Values = Record<string, string>;

/**
 * The object store as its component asks for it, on a real engine: its steps run, its container starts
 * from the component's own inputs. Pulumi is missing.
 */
export class ObjectStoreLab {
  private readonly image = imageOf();
  private values: Values = {
    "password-of-object-store-access-key": "accesskeyofthetest",
    "password-of-object-store-secret-key": "secretkeyofthetest",
  };

  /** @param prefix also the name of its network, which exists */
  constructor(
    readonly prefix: string,
    private readonly postgres: string,
  ) {}

  get container(): string {
    return `${this.prefix}-object-store`;
  }

  get volume(): string {
    return `${this.prefix}-object-store-data`;
  }

  get accessKey(): string {
    return this.values["password-of-object-store-access-key"]!;
  }

  get secretKey(): string {
    return this.values["password-of-object-store-secret-key"]!;
  }

  /** The authority's certificate. */
  get ca(): string {
    return this.values["certificate-of-object-store-authority"]!;
  }

  /** Where pgBackRest finds it, for the renderer of its configuration. */
  target(bucket = "homelab-backups"): ObjectStoreAccess {
    return {
      ...{ host: this.container, port: 7070, bucket, region: "us-east-1" },
      accessKey: pulumi.secret(this.accessKey),
      secretKey: pulumi.secret(this.secretKey),
      ca: pulumi.output(this.ca),
    };
  }

  async open(): Promise<this> {
    await engine.createVolume({ Name: this.volume });
    await this.sign();
    await this.makeBucket();
    await this.start();
    return this;
  }

  /** Makes an authority and a certificate, as the component's steps do. */
  async sign(): Promise<void> {
    for (const what of ["authority", "certificate"]) {
      const { inputs } = named(await this.made(), `object-store-${what}`);
      const { certificate, key } = JSON.parse(await step(inputs)) as KeyPair;
      this.values[`certificate-of-object-store-${what}`] = certificate;
      this.values[`key-of-object-store-${what}`] = key;
    }
  }

  async makeBucket(bucket?: string): Promise<void> {
    await step(named(await this.made(bucket), "object-store-bucket").inputs);
  }

  /** Starts the container, in the place of one that runs, and waits until it answers. */
  async start(): Promise<void> {
    const made = await this.made();
    const { inputs } = named(made, "object-store-container");
    await run("docker", ["rm", "--force", this.container]);
    const spec = containerSpec({ ...inputs, ports: [] });
    spec.HostConfig = { ...spec.HostConfig, NetworkMode: this.prefix };
    const container = await engine.createContainer(spec);
    const archive = await uploadArchive(inputs["uploads"] as never[]);
    await container.putArchive(archive, { path: "/" });
    await container.start();
    await this.ready();
  }

  /** Waits as `up` does. */
  async ready(): Promise<void> {
    await step(named(await this.made(), "object-store-ready").inputs);
  }

  /** Gives it another key, as a rotation does. */
  async rotate(accessKey: string, secretKey: string): Promise<void> {
    this.values["password-of-object-store-access-key"] = accessKey;
    this.values["password-of-object-store-secret-key"] = secretKey;
    await this.start();
  }

  sh(script: string, user = "999"): Promise<string> {
    return ok("docker", ["exec", "--user", user, this.container, "sh", "-c", script]);
  }

  async dispose(): Promise<void> {
    await run("docker", ["rm", "--force", "--volumes", this.container]);
    await run("docker", ["volume", "rm", "--force", this.volume]);
  }

  private async made(bucket = "homelab-backups"): Promise<Made[]> {
    const image = await this.image;
    const config = { port: 7070, bucket };
    const made = await render(() => {
      const stack = testStack({ prefix: this.prefix });
      new ObjectStore("object-store", { stack, config, image });
    });
    const values = { ...this.values, "laterbase/postgres:17-abc": this.postgres };
    return made.map((one) => ({ ...one, inputs: replaced(one.inputs, values) }));
  }
}

/** What the mocks gave, by what it is here. A text of JSON is replaced inside. */
function replaced<T>(value: T, values: Values): any {
  if (typeof value === "string") {
    if (value.startsWith("{")) return JSON.stringify(replaced(JSON.parse(value), values));
    return values[value] ?? value;
  }
  if (Array.isArray(value)) return value.map((one) => replaced(one, values) as unknown);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, replaced(one, values) as unknown]),
  );
}

/** Runs a step of the component as Pulumi's command does. */
function step(inputs: Made["inputs"]): Promise<string> {
  return ok("bash", ["-c", inputs["create"] as string], {
    env: inputs["environment"] as Record<string, string>,
    input: (inputs["stdin"] as string | undefined) ?? "",
  });
}

async function imageOf(): Promise<string> {
  const image = objectStoreImage();
  if (!("pulled" in image)) return builtImage(engine, image);
  await finished(engine, image.pulled, await engine.pull(image.pulled));
  return image.pulled;
}
