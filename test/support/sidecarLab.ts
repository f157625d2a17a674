import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { agentImage } from "../../images/build/agent";
import { ownPgAdminImage } from "../../images/build/pgAdmin";
import { poolerImage } from "../../images/build/pgBouncer";
import { postgresImage } from "../../images/build/postgres";
import { standIn } from "../../images/build/services";
import { socketProxyImage } from "../../images/build/socketProxy";
import { connect } from "../../scripts/engine/connect";
import { containerSpec } from "../../scripts/providers/docker/containerSpec";
import { uploadArchive } from "../../scripts/providers/docker/uploads";
import { builtImage } from "./builtImage";
import { type Made, named } from "./mocks";
import { type Ran, ok, run, until } from "./process";
import { type Reach, reachOf } from "./reach";
import { declared } from "./stackProgram";

const engine = connect();

/** The containers whose own programs run. In the others nothing runs, and all else is the components'. */
const awake = ["scheduler", "scheduler-proxy"];

/**
 * Every container of the stack dev as the components ask for it: user, capabilities, networks, mounts
 * and root file system. Published ports and Pulumi are missing.
 */
export class SidecarLab {
  readonly prefix = `lbt-side-${randomBytes(3).toString("hex")}`;
  /** What the components ask for, as docs/security.md lists it. */
  asked: Reach[] = [];
  private made: Made[] = [];

  async open(): Promise<this> {
    const images = await imageTags();
    const own = await declared("dev", () => undefined);
    const text = Object.entries(images).reduce(
      (all, [from, to]) => all.replaceAll(JSON.stringify(from), JSON.stringify(to)),
      JSON.stringify(own.map(({ type, name, inputs }) => ({ type, name, inputs }))),
    );
    this.made = JSON.parse(text.replaceAll("laterbase-dev", this.prefix)) as Made[];
    this.asked = reachOf(this.made, this.prefix);
    for (const { inputs } of this.ofType("network:Network")) {
      await engine.createNetwork({ Name: inputs["name"], Internal: inputs["internal"] === true });
    }
    await Promise.all(this.ofType("container:Container").map(({ inputs }) => this.start(inputs)));
    await this.limit();
    return this;
  }

  /** What `up` runs at its end. */
  private async limit(): Promise<void> {
    const { inputs } = named(this.made, "local-process-limits");
    await ok("bash", ["-c", inputs["create"] as string]);
  }

  private async start(inputs: Made["inputs"]): Promise<void> {
    const runs = awake.some((role) => inputs["name"] === this.name(role));
    const spec = containerSpec({ ...inputs, ports: [] });
    spec.HostConfig = { ...spec.HostConfig, NetworkMode: inputs["networksAdvanced"][0].name };
    if (!runs) Object.assign(spec, { Entrypoint: ["sleep", "600"], Cmd: [] });
    Object.assign(spec, { Healthcheck: { Test: ["NONE"] } });
    const container = await engine.createContainer(spec);
    const uploads = (inputs["uploads"] ?? []) as never[];
    if (uploads.length > 0) await container.putArchive(await uploadArchive(uploads), { path: "/" });
    await container.start();
  }

  name(role: string): string {
    return `${this.prefix}-${role}`;
  }

  roles(): string[] {
    return this.asked.map(({ container }) => container);
  }

  /** Runs bash in a container as its own user, or as another. */
  bash(role: string, script: string, user?: string): Promise<Ran> {
    const as = user === undefined ? [] : ["--user", user];
    return run("docker", ["exec", ...as, this.name(role), "bash", "-c", script]);
  }

  /** Listens on a port in a container that has Node, until the container goes. */
  async listen(role: string, port: number): Promise<void> {
    const program = `require("net").createServer((s) => s.end()).listen(${port}, "0.0.0.0")`;
    await ok("docker", ["exec", "--detach", this.name(role), "/opt/node/bin/node", "-e", program]);
    const up = `timeout 1 bash -c '</dev/tcp/127.0.0.1/${port}'`;
    await until("it listens", async () => (await this.bash(role, up)).code === 0);
  }

  inspect(role: string): Promise<Docker.ContainerInspectInfo> {
    return engine.getContainer(this.name(role)).inspect();
  }

  /** The statuses with which the proxy answers these bytes from a container that has Node. */
  async send(bytes: string, from = "scheduler"): Promise<string> {
    const program = `
      const socket = require("net").connect(2375, "${this.name("scheduler-proxy")}");
      let got = "";
      socket.on("data", (chunk) => (got += chunk.toString("latin1")));
      socket.on("error", (error) => (got += error.code));
      socket.on("close", () => console.log(got.slice(0, 2000)));
      setTimeout(() => socket.destroy(), 8000).unref();
      socket.write(${JSON.stringify(bytes)});`;
    return ok("docker", ["exec", this.name(from), "/opt/node/bin/node", "-e", program]);
  }

  /** A POST as Ofelia sends it. */
  post(target: string, body: string, more = ""): Promise<string> {
    const length = Buffer.byteLength(body);
    const head = `POST ${target} HTTP/1.1\r\nHost: docker\r\n${more}Content-Length: ${length}\r\n\r\n`;
    return this.send(head + body);
  }

  async dispose(): Promise<void> {
    for (const { inputs } of this.ofType("container:Container")) {
      await engine.getContainer(inputs["name"]).remove({ force: true, v: true }).catch(ignore);
    }
    for (const { inputs } of this.ofType("volume:Volume"))
      await engine.getVolume(inputs["name"]).remove().catch(ignore);
    for (const { inputs } of this.ofType("network:Network"))
      await engine.getNetwork(inputs["name"]).remove().catch(ignore);
  }

  private ofType(type: string): Made[] {
    return this.made.filter((one) => one.type.endsWith(type));
  }
}

/** The images that a stack under mocks has, a pulled one by the answer of its lock, and the real ones. */
async function imageTags(): Promise<Record<string, string>> {
  const images = {
    "laterbase/postgres:17-abc": postgresImage(17),
    "laterbase/agent:17-abc": agentImage(17),
    "laterbase/pgbouncer:abc": poolerImage(),
    "laterbase/socket-proxy:1-abc": socketProxyImage(),
    "stdout-of-pgadmin-image-lock": ownPgAdminImage(),
    "stdout-of-duplicati-image-lock": standIn("duplicati"),
    "stdout-of-scheduler-image-lock": standIn("ofelia"),
  };
  const tags: Record<string, string> = {};
  for (const [name, image] of Object.entries(images)) tags[name] = await builtImage(engine, image);
  return tags;
}

const ignore = () => undefined;
