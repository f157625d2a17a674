import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { Scheduler, type SchedulerArgs } from "../../components/scheduler/scheduler";
import { standIn } from "../../images/build/services";
import { socketProxyImage } from "../../images/build/socketProxy";
import { connect } from "../../scripts/engine/connect";
import { containerSpec } from "../../scripts/providers/docker/containerSpec";
import { uploadArchive } from "../../scripts/providers/docker/uploads";
import { builtImage } from "./builtImage";
import { named, render } from "./mocks";
import { testStack } from "./testStack";
import { ok } from "./process";
import { build as postgresBuild, sleep } from "./imageLab";

const engine = connect();

type Jobs = readonly Omit<SchedulerArgs["jobs"][number], "container" | "after">[];

/**
 * The scheduler's two containers on a real engine, made from the inputs of the component, with
 * one container in place of the agent and one in place of PostgreSQL. Only Pulumi is missing.
 */
export class SchedulerLab {
  readonly prefix = `lbt-sched-${randomBytes(3).toString("hex")}`;
  readonly agent = `${this.prefix}-agent`;
  readonly primary = `${this.prefix}-primary`;
  readonly ofelia = `${this.prefix}-scheduler`;
  readonly proxy = `${this.prefix}-scheduler-proxy`;
  private images = { ofelia: "", proxy: "", target: "" };

  async open(): Promise<this> {
    const [ofelia, proxy] = [standIn("ofelia"), socketProxyImage()];
    await builtImage(engine, ofelia);
    await builtImage(engine, proxy);
    const target = (await postgresBuild(17)).tag;
    this.images = { ofelia: ofelia.tag, proxy: proxy.tag, target };
    await engine.createNetwork({ Name: this.ofelia, Internal: true });
    await this.target(this.agent);
    await this.target(this.primary);
    return this;
  }

  /** A container with bash and a user postgres that does nothing. */
  async target(name: string): Promise<void> {
    const container = await engine.createContainer({
      name,
      Image: this.images.target,
      Entrypoint: ["sleep", "infinity"],
      HostConfig: { Init: true },
    });
    await container.start();
  }

  async start(jobs: Jobs, change: (ini: string) => string = (ini) => ini): Promise<void> {
    await this.make(this.proxy, "scheduler-proxy", jobs);
    await this.make(this.ofelia, "scheduler-container", jobs, change);
  }

  /** Replaces both, as a changed job does. */
  async restart(jobs: Jobs): Promise<void> {
    await Promise.all([this.ofelia, this.proxy].map((name) => this.remove(name)));
    await this.start(jobs);
  }

  /** One of the component's containers, as the docker plugin creates it. */
  async make(
    name: string,
    resource: string,
    jobs: Jobs,
    change: (ini: string) => string = (ini) => ini,
  ): Promise<Docker.Container> {
    const { inputs } = named(await this.declared(jobs), resource);
    const spec = containerSpec(inputs);
    spec.HostConfig = { ...spec.HostConfig, NetworkMode: this.ofelia };
    const container = await engine.createContainer(spec);
    const uploads = ((inputs["uploads"] ?? []) as { content: string }[]).map((upload) => ({
      ...upload,
      content: change(upload.content),
    }));
    if (uploads.length > 0)
      await container.putArchive(await uploadArchive(uploads as never), { path: "/" });
    await container.start();
    return container;
  }

  private declared(jobs: Jobs) {
    const { prefix, agent: container } = this;
    return render(() => {
      new Scheduler("scheduler", {
        stack: testStack({ stack: "test", prefix }),
        images: this.images,
        jobs: jobs.map((job) => ({ ...job, container, after: [] })),
      });
    });
  }

  /** Runs Ofelia's image with the given file; returns exit code and output. */
  async ofeliaWith(ini: string | undefined): Promise<{ code: number; log: string }> {
    const container = await engine.createContainer({
      Image: this.images.ofelia,
      HostConfig: { NetworkMode: "none" },
    });
    try {
      const file = { file: "/etc/ofelia/config.ini", content: ini, permissions: "0444" };
      if (ini !== undefined)
        await container.putArchive(await uploadArchive([file] as never), { path: "/" });
      await container.start();
      const { StatusCode } = (await container.wait()) as { StatusCode: number };
      return { code: StatusCode, log: await logOf(container) };
    } finally {
      await container.remove({ force: true });
    }
  }

  bash(container: string, script: string): Promise<string> {
    return ok("docker", ["exec", "--user", "0", container, "bash", "-c", script]);
  }

  log(container = this.ofelia): Promise<string> {
    return logOf(engine.getContainer(container));
  }

  inspect(container: string): Promise<Docker.ContainerInspectInfo> {
    return engine.getContainer(container).inspect();
  }

  /** Waits until Ofelia's log contains the text that many times. */
  async logged(text: string | RegExp, times = 1, seconds = 300): Promise<string> {
    const pattern = new RegExp(typeof text === "string" ? escaped(text) : text.source, "g");
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(250)) {
      const log = await this.log();
      if ((log.match(pattern)?.length ?? 0) >= times) return log;
    }
    throw new Error(`not ${times} times in the log: ${pattern}\n${await this.log()}`);
  }

  /**
   * Sends bytes to the proxy from Ofelia's container, the only allowed client, and returns
   * the answer, up to 500 characters.
   */
  send(bytes: string, from = this.ofelia): Promise<string> {
    const program = `
      const socket = require("net").connect(2375, "${this.proxy}");
      let got = "";
      socket.on("data", (chunk) => (got += chunk));
      socket.on("error", (error) => (got += error.code));
      socket.on("close", () => console.log(got.slice(0, 500)));
      setTimeout(() => socket.destroy(), 5000).unref();
      socket.write(${JSON.stringify(bytes)});`;
    return ok("docker", ["exec", from, "/opt/node/bin/node", "-e", program]);
  }

  /** The status with which the proxy or the engine answers a request. */
  async status(method: string, target: string, body = ""): Promise<number> {
    const answer = await this.send(plainRequest(method, target, body));
    return Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
  }

  /** Stops with the grace period of the container. */
  async stop(name: string): Promise<void> {
    await engine.getContainer(name).stop();
  }

  async startAgain(name: string): Promise<void> {
    await engine.getContainer(name).start();
  }

  async remove(name: string): Promise<void> {
    await engine.getContainer(name).remove({ force: true }).catch(ignore);
  }

  async dispose(): Promise<void> {
    for (const name of [this.ofelia, this.proxy, this.agent, this.primary]) await this.remove(name);
    await engine.getNetwork(this.ofelia).remove().catch(ignore);
  }
}

export function plainRequest(method: string, target: string, body = ""): string {
  const headers = `Host: docker\r\nConnection: close\r\nContent-Type: application/json\r\n`;
  return `${method} ${target} HTTP/1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** The text without colours. */
async function logOf(container: Docker.Container): Promise<string> {
  const raw = await container.logs({ stdout: true, stderr: true });
  let text = "";
  for (let at = 0; at + 8 <= raw.length; at += 8 + raw.readUInt32BE(at + 4))
    text += raw.toString("utf8", at + 8, at + 8 + raw.readUInt32BE(at + 4));
  // eslint-disable-next-line no-control-regex -- searches for the escape character
  return text.replace(/\x1b\[\d*m/g, "");
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const ignore = () => undefined;
