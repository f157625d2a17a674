import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { basename, delimiter, join } from "node:path";
import { EngineProxy } from "./engineProxy";
import { ok, run, until } from "./process";
import { Sshd } from "./providersSshd";

/** This machine and the other one, as a network between the two. */
export const [near, far, length] = ["10.214.0.1", "10.214.0.2", 30];

/**
 * A second Docker engine, as on another machine, with its own images, networks, volumes, packet filter
 * and address. It is reached as `ssh://…`. It runs in a network namespace, so it cannot reach this
 * machine's engine, not even through Docker's default bridge.
 */
export class SecondEngine {
  /** The address of its containers, as a primary elsewhere sees it. */
  readonly network = `${far}/32`;
  private readonly folder = mkdtempSync(join(tmpdir(), "lbt-engine-"));
  private readonly socket = join(this.folder, "docker.sock");
  private readonly namespace = basename(this.folder);
  private readonly path = process.env["PATH"] ?? "";
  /** What refuses to build for all who come by ssh, where that is asked for. */
  readonly proxy = new EngineProxy(this.socket);
  private dockerd?: ChildProcess;
  private sshd?: Sshd;

  /**
   * @param options.whole whether its machine also has a scheduler: its own socket is then at the usual place, and not
   * this machine's
   * @param options.refusesBuilds whether it refuses to build
   */
  constructor(private readonly options: { whole?: boolean; refusesBuilds?: boolean } = {}) {}

  /** Its address in a stack file. */
  get host(): string {
    return `ssh://${userInfo().username}@${far}:${this.sshd!.port}`;
  }

  async start(): Promise<this> {
    if (process.getuid?.() !== 0) {
      throw new Error(
        "this test needs root: it makes a network namespace and starts a dockerd in it",
      );
    }
    await this.connect();
    const log = openSync(join(this.folder, "log"), "w");
    const folder = (name: string) => join(this.folder, name);
    const within = ["nsenter", `--net=/run/netns/${this.namespace}`];
    const words = [
      ...["--host", `unix://${this.socket}`, "--pidfile", folder("pid")],
      ...["--data-root", folder("data"), "--exec-root", folder("exec")],
      ...["--containerd-namespace", "lbt", "--containerd-plugins-namespace", "lbt-plugins"],
      // A registry of a test on this machine has no TLS.
      ...["--insecure-registry", `${near}/32`],
    ];
    const mounts = this.options.whole ? ["unshare", "--mount"] : [];
    const all = [...within, ...mounts, "dockerd", ...words];
    this.dockerd = spawn(all[0]!, all.slice(1), { stdio: ["ignore", log, log] });
    this.dockerd.on("error", () => undefined);
    closeSync(log);
    await until("the second engine answers", () => this.answers());
    if (this.options.whole) {
      const inside = ["--target", String(this.dockerd.pid), "--mount"];
      await ok("nsenter", [...inside, "mount", "--bind", this.socket, "/var/run/docker.sock"]);
    }
    await this.proxy.start();
    const { refusesBuilds } = this.options;
    const settings = [
      `SetEnv DOCKER_HOST=${refusesBuilds ? this.proxy.host : `unix://${this.socket}`}`,
    ];
    this.sshd = await Sshd.start({ address: far, within, settings });
    // A user's ssh knows a host from ~/.ssh; here the caller passes the options.
    const ssh = (await ok("bash", ["-c", "command -v ssh"])).trim();
    const knowing = this.sshd.options().map((word) => `'${word}'`);
    writeFileSync(folder("ssh"), `#!/bin/sh\nexec ${ssh} ${knowing.join(" ")} "$@"\n`);
    chmodSync(folder("ssh"), 0o755);
    process.env["PATH"] = this.folder + delimiter + this.path;
    return this;
  }

  docker(...words: string[]): Promise<string> {
    return ok("docker", ["--host", `unix://${this.socket}`, ...words]);
  }

  /**
   * Copies an image with all its layers to it, so that a build there finds every step in its cache: its
   * namespace has no network beyond this machine.
   */
  async give(...images: string[]): Promise<void> {
    const history = await Promise.all(images.map((name) => ok("docker", ["history", "-q", name])));
    const steps = history
      .join("")
      .split("\n")
      .filter((id) => id && id !== "<missing>");
    const all = [...new Set([...images, ...steps])].join(" ");
    await ok("bash", ["-c", `docker save ${all} | docker --host unix://${this.socket} load`]);
  }

  async end(): Promise<void> {
    process.env["PATH"] = this.path;
    this.sshd?.end();
    await this.proxy.stop();
    const { dockerd } = this;
    if (dockerd && dockerd.exitCode === null) {
      const gone = new Promise((resolve) => dockerd.once("close", resolve));
      dockerd.kill();
      await gone;
    }
    await run("ip", ["netns", "delete", this.namespace]);
    await this.removeCables();
    // dockerd leaves the network of its machine mounted where a container used it.
    const host = join(this.folder, "exec/netns/default");
    if (existsSync(host)) await run("umount", [host]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /**
   * The ends of cables on this machine. A namespace that a process still holds keeps its cable, and so does a run that
   * was killed. Then the next engine's address would lead into the old cable.
   */
  private async removeCables(): Promise<void> {
    const shown = await ok("ip", ["-oneline", "-4", "address", "show", "to", `${near}/32`]);
    for (const [, name] of shown.matchAll(/^\d+: (lbt\w+a)\s/gm))
      await run("ip", ["link", "delete", name!]);
  }

  /** A virtual cable between this machine and the other one. */
  private async connect(): Promise<void> {
    await this.removeCables();
    const [here, there] = ["a", "b"].map((end) => `lbt${this.namespace.slice(-6)}${end}`);
    const script = `ip netns add ${this.namespace}
      ip link add ${here} type veth peer name ${there} netns ${this.namespace}
      ip addr add ${near}/${length} dev ${here}; ip link set ${here} up
      ip -n ${this.namespace} addr add ${far}/${length} dev ${there}
      ip -n ${this.namespace} link set lo up; ip -n ${this.namespace} link set ${there} up
      ip -n ${this.namespace} route add default via ${near}`;
    await ok("bash", ["-euc", script]);
  }

  private async answers(): Promise<boolean> {
    const log = () => readFileSync(join(this.folder, "log"), "utf8").slice(-2000);
    if (this.dockerd?.exitCode !== null) throw new Error(`dockerd ended: ${log()}`);
    await this.docker("version");
    return true;
  }
}
