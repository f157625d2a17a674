import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import tar from "tar-stream";

const media = "application/vnd.docker";
const manifestType = `${media}.distribution.manifest.v2+json`;

/** A registry on 127.0.0.1 for one repository. Engines take such an address without TLS. */
export class Registry {
  /** How often an engine has asked for a manifest. */
  asked = 0;
  private readonly blobs = new Map<string, Buffer>();
  private readonly tags = new Map<string, string>();
  private readonly server: Server;

  constructor(private readonly repository: string) {
    this.server = createServer(({ url = "" }, response) => {
      const [, kind, reference = ""] = /\/(manifests|blobs)\/([^/]+)$/.exec(url) ?? [];
      if (kind === "manifests") this.asked += 1;
      const digest = this.tags.get(reference) ?? reference;
      const blob = this.blobs.get(digest);
      if (url === "/v2/") response.writeHead(200).end("{}");
      else if (!blob) response.writeHead(404).end("{}");
      else {
        const type = kind === "manifests" ? manifestType : "application/octet-stream";
        const headers = { "Content-Type": type, "Content-Length": blob.length };
        response.writeHead(200, { ...headers, "Docker-Content-Digest": digest }).end(blob);
      }
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  /** The repository as an engine names it. */
  get name(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}/${this.repository}`;
  }

  /** Publishes an image with one file of this content under a tag. Returns its digest. */
  async publish(tag: string, content: string): Promise<string> {
    const pack = tar.pack();
    pack.entry({ name: "content" }, content);
    pack.finalize();
    const layer = await buffer(pack);
    const config = Buffer.from(
      JSON.stringify({
        architecture: { x64: "amd64", arm64: "arm64" }[process.arch as string],
        os: "linux",
        config: { Cmd: ["/content"] },
        rootfs: { type: "layers", diff_ids: [sha256(layer)] },
      }),
    );
    const zipped = gzipSync(layer);
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: manifestType,
        config: this.keep(`${media}.container.image.v1+json`, config),
        layers: [this.keep(`${media}.image.rootfs.diff.tar.gzip`, zipped)],
      }),
    );
    const { digest } = this.keep(manifestType, manifest);
    this.tags.set(tag, digest);
    return digest;
  }

  private keep(mediaType: string, blob: Buffer) {
    const digest = sha256(blob);
    this.blobs.set(digest, blob);
    return { mediaType, size: blob.length, digest };
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const sha256 = (data: Buffer) => `sha256:${createHash("sha256").update(data).digest("hex")}`;
