import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { until } from "./process";

const user = "ci";
const password = "S3cret-of-the-registry";
/** Of that password, as htpasswd -B makes it. */
const hash = "$2b$04$zNW9hreQRW0nuPAOtpRVFuvJkvJeGbLamwjmSpmjwX7lnLhx2WiuC";
const basic = Buffer.from(`${user}:${password}`).toString("base64");

/** Debian's docker-registry, which wants a login. Engines take an address of 127.0.0.0/8 without TLS. */
export class DockerRegistry {
  /** Docker's own configuration with the login, for DOCKER_CONFIG. */
  readonly config = mkdtempSync(join(tmpdir(), "lbt-docker-config-"));
  private readonly folder = mkdtempSync(join(tmpdir(), "lbt-registry-"));
  private process?: ChildProcess | undefined;
  private port = 0;

  /**
   * @param address where it listens
   * @param images the folder with its images. Default: its own
   */
  constructor(
    private readonly address = "127.0.0.1",
    readonly images = join(this.folder, "images"),
  ) {}

  get host(): string {
    return `${this.address}:${this.port}`;
  }

  async start(): Promise<this> {
    this.port ||= await freePort(this.address);
    const file = join(this.folder, "config.yml");
    writeFileSync(join(this.folder, "htpasswd"), `${user}:${hash}\n`);
    writeFileSync(
      file,
      stringify({
        version: "0.1",
        log: { level: "error" },
        storage: { filesystem: { rootdirectory: this.images } },
        http: { addr: this.host },
        auth: { htpasswd: { realm: "test", path: join(this.folder, "htpasswd") } },
      }),
    );
    const auths = { auths: { [this.host]: { auth: basic } } };
    writeFileSync(join(this.config, "config.json"), JSON.stringify(auths), { mode: 0o600 });
    let said = "";
    this.process = spawn("docker-registry", ["serve", file], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.process.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    this.process.on("error", (error: NodeJS.ErrnoException) => {
      said =
        error.code === "ENOENT"
          ? "docker-registry is missing: install it (apt-get install docker-registry)"
          : error.message;
    });
    await until(
      "the registry answers",
      async () => {
        if (said) throw new Error(said);
        return (await fetch(`http://${this.host}/v2/`)).status === 401;
      },
      30,
    );
    return this;
  }

  /** The digest of an image, as the registry itself says it. */
  async digest(name: string, tag: string): Promise<string> {
    const answer = await this.get(`${name}/manifests/${tag}`);
    return answer.headers.get("docker-content-digest") ?? "";
  }

  /** The labels of an image. */
  async labels(name: string, tag: string): Promise<Record<string, string>> {
    const manifest = (await (await this.get(`${name}/manifests/${tag}`)).json()) as {
      config: { digest: string };
    };
    const config = await this.get(`${name}/blobs/${manifest.config.digest}`);
    const content = (await config.json()) as { config: { Labels: Record<string, string> } };
    return content.config.Labels;
  }

  private async get(path: string): Promise<Response> {
    const answer = await fetch(`http://${this.host}/v2/${path}`, {
      headers: {
        authorization: `Basic ${basic}`,
        accept: "application/vnd.docker.distribution.manifest.v2+json",
      },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  }

  /** Ends it. Its images stay, and `start` has them at the same address. */
  async pause(): Promise<void> {
    const { process: running } = this;
    delete this.process;
    if (!running || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once("close", resolve));
    running.kill();
    await gone;
  }

  /** Whether any file of a folder has the login in it. */
  isIn(file: string): boolean {
    const text = readFileSync(file, "utf8");
    return text.includes(password) || text.includes(basic);
  }

  async stop(): Promise<void> {
    await this.pause();
    for (const folder of [this.folder, this.config]) rmSync(folder, { recursive: true });
  }
}

const freePort = (address: string) =>
  new Promise<number>((resolve) => {
    const taken = createServer().listen(0, address, () => {
      const { port } = taken.address() as AddressInfo;
      taken.close(() => resolve(port));
    });
  });
