import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { socketProxyImage } from "../../images/build/socketProxy";
import { connect } from "../../scripts/engine/connect";
import { makeAuthority, signCertificate } from "../../scripts/steps/tls/certificates";
import { builtImage } from "./builtImage";
import { ok, run, until } from "./process";
import type { RepositoryLab } from "./repositoryLab";

const cache = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "laterbase/trials");
const node = "/opt/node/bin/node";

/** A server that speaks like a cloud's storage. It runs in the lab's network, with TLS. */
abstract class Emulator {
  protected ca = "";

  constructor(protected readonly lab: RepositoryLab) {}

  /** The container's role. */
  abstract readonly role: string;
  protected abstract readonly port: number;
  /** The entry of `laterbase:backups.repositories`. */
  abstract get repository(): Record<string, unknown>;
  /** The program's folder or file on this machine, which goes to /emulator. */
  protected abstract program(): Promise<string>;
  /** What bash starts. */
  protected abstract start(): string;
  protected environment(): Record<string, string> {
    return {};
  }

  get host(): string {
    return `${this.lab.prefix}-${this.role}`;
  }

  async open(): Promise<void> {
    const image = await builtImage(connect(), socketProxyImage());
    const authority = await makeAuthority(this.host);
    this.ca = authority.certificate;
    const { certificate, key } = await signCertificate(authority, this.host, [this.host]);
    const folder = mkdtempSync(join(tmpdir(), "laterbase-"));
    writeFileSync(join(folder, "certificate.pem"), certificate);
    writeFileSync(join(folder, "certificate.key"), key);
    writeFileSync(join(folder, "start"), this.start());
    const env = Object.entries(this.environment()).flatMap(([name, value]) => [
      ...["--env", `${name}=${value}`],
    ]);
    await ok("docker", [
      ...["create", "--name", this.host, "--network", this.lab.prefix, "--user", "0", ...env],
      ...["--entrypoint", "bash", image, "/tls/start"],
    ]);
    await ok("docker", ["cp", folder, `${this.host}:/tls`]);
    await ok("docker", ["cp", await this.program(), `${this.host}:/emulator`]);
    rmSync(folder, { recursive: true });
    await ok("docker", ["start", this.host]);
    const up = `timeout 1 bash -c '</dev/tcp/127.0.0.1/${this.port}'`;
    await until(
      `${this.role} listens`,
      async () => (await run("docker", ["exec", this.host, "bash", "-c", up])).code === 0,
      30,
    );
  }

  /** What the stack file has no key for, and the bucket. */
  async configured(): Promise<void> {
    await this.lab.sh("pgbackrest --repo=1 repo-create");
  }

  async dispose(): Promise<void> {
    await run("docker", ["rm", "--force", "--volumes", this.host]);
  }
}

/** Azure's Blob Storage by Azurite, Microsoft's own emulator. */
class Azurite extends Emulator {
  readonly role = "azurite";
  protected readonly port = 10000;
  private readonly account = "laterbasetest";
  private readonly key = randomBytes(64).toString("base64");

  get repository() {
    return {
      ...{ type: "azure", container: "homelab-backups", account: this.account, key: this.key },
      ...{ endpoint: `${this.host}:${this.port}`, ca: this.ca },
    };
  }

  protected program(): Promise<string> {
    const name = "azurite@3.37.0";
    return cached(name, (folder) =>
      ok("npm", ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", name]),
    );
  }

  protected override environment() {
    return { AZURITE_ACCOUNTS: `${this.account}:${this.key}` };
  }

  protected start(): string {
    return `exec ${node} /emulator/node_modules/azurite/dist/src/blob/main.js --silent --location /tmp/blobs \\
      --blobHost 0.0.0.0 --blobPort ${this.port} --cert /tls/certificate.pem --key /tls/certificate.key`;
  }
}

/** Google Cloud Storage by fake-gcs-server, with an answer to the login of a service account. */
class FakeGcs extends Emulator {
  readonly role = "gcs";
  protected readonly port = 4443;

  get repository() {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const key = {
      client_email: "laterbase@trial.example",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
      token_uri: `https://${this.host}:4444/token`,
    };
    return { type: "gcs", bucket: "homelab-backups", key: JSON.stringify(key) };
  }

  protected program(): Promise<string> {
    const name = "github.com/fsouza/fake-gcs-server@v1.56.1";
    return cached(name, (folder) =>
      ok("go", ["install", name], { env: { GOBIN: folder, CGO_ENABLED: "0" } }),
    );
  }

  protected start(): string {
    return `${node} -e '
      const { readFileSync } = require("fs");
      const tls = { cert: readFileSync("/tls/certificate.pem"), key: readFileSync("/tls/certificate.key") };
      require("https").createServer(tls, (request, response) => {
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ access_token: "of-the-trial", token_type: "Bearer", expires_in: 3600 }));
      }).listen(4444)' &
      exec /emulator/fake-gcs-server -scheme https -host 0.0.0.0 -port ${this.port} -backend memory \\
        -public-host ${this.host}:${this.port} -external-url https://${this.host}:${this.port} \\
        -cert-location /tls/certificate.pem -private-key-location /tls/certificate.key`;
  }

  override async configured(): Promise<void> {
    await this.lab.write({ name: "emulator.crt", content: this.ca, mode: "0644" });
    // The stack file has no key for another server than Google's.
    const lines = [
      "[global]",
      `repo1-gcs-endpoint=${this.host}:${this.port}`,
      "repo1-storage-ca-file=/etc/pgbackrest/emulator.crt",
    ];
    const content = `${lines.join("\n")}\n`;
    await this.lab.write({ name: "conf.d/emulator.conf", content, mode: "0644" });
    await super.configured();
  }
}

export const emulators = [
  ["azure", Azurite],
  ["gcs", FakeGcs],
] as const;

/** A folder with what a command puts there, once. */
async function cached(name: string, fill: (folder: string) => Promise<unknown>): Promise<string> {
  const folder = join(cache, name.replace(/[^A-Za-z0-9.]+/g, "-"));
  if (existsSync(folder)) return folder;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  await fill(fresh);
  renameSync(fresh, folder);
  return folder;
}
