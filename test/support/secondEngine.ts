import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { basename, delimiter, join } from "node:path";
import { ok, run, until } from "./process";
import { Sshd } from "./providersSshd";

/** This machine and the other one, as a network between the two. */
const [near, far, length] = ["10.214.0.1", "10.214.0.2", 30];

/**
 * A Docker engine of the test's own, as on another machine: with images, networks, volumes and a packet
 * filter of its own, at an address of its own, reached as `ssh://…`. Its network is a namespace, so
 * that it cannot meet the machine's engine, not even by Docker's default bridge.
 */
export class SecondEngine {
  /** Where its containers come from, as a primary elsewhere sees it. */
  readonly network = `${far}/32`;
  private readonly folder = mkdtempSync(join(tmpdir(), "lbt-engine-"));
  private readonly socket = join(this.folder, "docker.sock");
  private readonly namespace = basename(this.folder);
  private readonly path = process.env["PATH"] ?? "";
  private dockerd?: ChildProcess;
  private sshd?: Sshd;

  /** As a stack file names it. */
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
    ];
    this.dockerd = spawn(within[0]!, [within[1]!, "dockerd", ...words], {
      stdio: ["ignore", log, log],
    });
    this.dockerd.on("error", () => undefined);
    closeSync(log);
    await until("the second engine answers", () => this.answers(), 60);
    const settings = [`SetEnv DOCKER_HOST=unix://${this.socket}`];
    this.sshd = await Sshd.start({ address: far, within, settings });
    // What somebody's ssh knows of a host stands in ~/.ssh; this one is told by its caller.
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
   * Gives it an image with all that this was built from, so that a build there finds every step in
   * its cache: from its namespace it does not see further than this machine.
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
    const { dockerd } = this;
    if (dockerd && dockerd.exitCode === null) {
      const gone = new Promise((resolve) => dockerd.once("close", resolve));
      dockerd.kill();
      await gone;
    }
    await run("ip", ["netns", "delete", this.namespace]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A cable between this machine and the other one; it goes with the namespace. */
  private async connect(): Promise<void> {
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
