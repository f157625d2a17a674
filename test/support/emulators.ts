import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createHmac, generateKeyPairSync, randomBytes } from "node:crypto";
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
  /** The program's folder on this machine. The engine has to be here too. */
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
    writeFileSync(join(folder, "authority.pem"), this.ca);
    writeFileSync(join(folder, "certificate.pem"), certificate);
    writeFileSync(join(folder, "certificate.key"), key);
    writeFileSync(join(folder, "start"), this.start());
    const env = Object.entries(this.environment()).flatMap(([name, value]) => [
      ...["--env", `${name}=${value}`],
    ]);
    await ok("docker", [
      ...["create", "--name", this.host, "--network", this.lab.prefix, "--user", "0", ...env],
      // Azurite has so many files that a copy takes minutes.
      ...["--volume", `${await this.program()}:/emulator:ro`],
      ...["--entrypoint", "bash", image, "/tls/start"],
    ]);
    await ok("docker", ["cp", folder, `${this.host}:/tls`]);
    rmSync(folder, { recursive: true });
    await ok("docker", ["start", this.host]);
    const up = `timeout 1 bash -c '</dev/tcp/127.0.0.1/${this.port}'`;
    await until(
      `${this.role} listens`,
      async () => (await run("docker", ["exec", this.host, "bash", "-c", up])).code === 0,
      30,
    );
  }

  /** Makes the bucket, and what the stack file has no key for. */
  abstract configured(): Promise<void>;

  /** Sends a request with its body from the emulator's container, which has Node. */
  protected async request(
    method: string,
    path: string,
    headers: Record<string, string>,
    body = "",
  ): Promise<void> {
    const program = `
      const ca = require("fs").readFileSync("/tls/authority.pem");
      const [method, path, headers, body] = JSON.parse(process.argv[1]);
      const options = { host: "${this.host}", port: ${this.port}, ca, method, path, headers };
      require("https").request(options, async (answer) => {
        let text = "";
        for await (const part of answer) text += part;
        console.log(answer.statusCode, text);
        process.exit(answer.statusCode < 300 ? 0 : 1);
      }).end(body);`;
    const given = JSON.stringify([method, path, headers, body]);
    await ok("docker", ["exec", this.host, node, "-e", program, given]);
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

  /** A container is made by a request that the account's key signs, as Azure's page on SharedKey says. */
  async configured(): Promise<void> {
    const { account } = this;
    const headers = { "x-ms-date": new Date().toUTCString(), "x-ms-version": "2021-08-06" };
    const signed = [
      "PUT",
      // The eleven headers that may stand here, and do not.
      ...Array<string>(11).fill(""),
      ...Object.entries(headers).map(([name, value]) => `${name}:${value}`),
      `/${account}/${account}/homelab-backups`,
      "restype:container",
    ].join("\n");
    const key = Buffer.from(this.key, "base64");
    const signature = createHmac("sha256", key).update(signed).digest("base64");
    const path = `/${account}/homelab-backups?restype=container`;
    const authorization = `SharedKey ${account}:${signature}`;
    await this.request("PUT", path, { ...headers, authorization, "content-length": "0" });
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

  async configured(): Promise<void> {
    await this.lab.write({ name: "emulator.crt", content: this.ca, mode: "0644" });
    // The stack file has no key for another server than Google's.
    const lines = [
      "[global]",
      `repo1-gcs-endpoint=${this.host}:${this.port}`,
      "repo1-storage-ca-file=/etc/pgbackrest/emulator.crt",
    ];
    const content = `${lines.join("\n")}\n`;
    await this.lab.write({ name: "conf.d/emulator.conf", content, mode: "0644" });
    const bucket = JSON.stringify({ name: "homelab-backups" });
    await this.request(
      "POST",
      "/storage/v1/b?project=trial",
      { "content-type": "application/json", "content-length": String(bucket.length) },
      bucket,
    );
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
