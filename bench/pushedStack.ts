import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { DockerRegistry } from "../test/support/dockerRegistry";
import { doAll, ok } from "../test/support/process";
import { Stack } from "../test/support/stack";
import { root } from "./command";
import { freePorts } from "./freePorts";
import { removeImages } from "./removeImages";
import { thenRemoved } from "./thenRemoved";

const path = "group/project";

/** A stack whose images are in a registry of this machine, as a pipeline has pushed them. */
export class PushedStack extends Stack {
  readonly registry = new DockerRegistry();
  /** The tag of its images. */
  readonly tag = "bench";

  constructor(readonly ports: number[]) {
    super(`bench-${randomBytes(3).toString("hex")}`);
  }

  /** Of Docker's own configuration, so that engines pull with the login. */
  override get env(): Record<string, string> {
    return { ...super.env, DOCKER_CONFIG: this.registry.config };
  }

  /** The registry and the project's path in it. */
  get repository(): string {
    return `${this.registry.host}/${path}`;
  }

  /** Starts the registry, and pushes what a configuration needs there, by the pipeline's own program. */
  async push(config: Record<string, unknown>): Promise<void> {
    await this.registry.start();
    const file = join(this.folder, "Pulumi.bench.yaml");
    writeFileSync(file, stackFile(config));
    await ok("node", ["--require", "tsx/cjs", "scripts/ci/images.ts", file], {
      cwd: root,
      seconds: 3600,
      env: {
        DOCKER_CONFIG: this.registry.config,
        LATERBASE_REGISTRY: this.repository,
        LATERBASE_TAG: this.tag,
      },
    });
  }

  /** The configuration with those images. */
  withImages(config: Record<string, unknown>): Record<string, unknown> {
    return { ...config, images: { registry: this.repository, tag: this.tag } };
  }

  /** Pushes another image of the same content in the place of one, and returns its digest. */
  async replaceImage(name: string, label: string): Promise<string> {
    const digest = await this.registry.digest(`${path}/${name}`, this.tag);
    const moved = `${this.repository}/${name}:${this.tag}`;
    const input = `FROM ${this.repository}/${name}@${digest}\nLABEL bench=${label}\n`;
    const env = { DOCKER_BUILDKIT: "0", DOCKER_CONFIG: this.registry.config };
    await ok("docker", ["build", "--quiet", "--tag", moved, "-"], { input, env });
    await ok("docker", ["push", "--quiet", moved], { env });
    return this.registry.digest(`${path}/${name}`, this.tag);
  }

  /** The name and password of the registry's user. */
  login(): [string, string] {
    const { auths } = JSON.parse(
      readFileSync(join(this.registry.config, "config.json"), "utf8"),
    ) as { auths: Record<string, { auth: string }> };
    const text = Buffer.from(auths[this.registry.host]?.auth ?? "", "base64").toString();
    const [user = "", password = ""] = text.split(":");
    return [user, password];
  }

  override async remove(): Promise<void> {
    await doAll(
      () => super.remove(),
      () => removeImages(`${this.repository}/`),
      () => this.registry.stop(),
    );
  }
}

/** The text of a stack file. */
export function stackFile(config: Record<string, unknown>): string {
  const keys = Object.entries(config).map(([key, value]): [string, unknown] => [
    `laterbase:${key}`,
    value,
  ]);
  return stringify({ config: Object.fromEntries<unknown>(keys) });
}

/** Makes such a stack, calls `body` with it, and removes it, also after an error or Ctrl-C. */
export async function withPushedStack<T>(
  ports: number,
  body: (stack: PushedStack) => Promise<T>,
): Promise<T> {
  return thenRemoved(new PushedStack(await freePorts(ports)), body);
}
