import { wholeManifest } from "./wholeManifest";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { FastifyInstance } from "fastify";
import { makeServer } from "../../../scripts/standins/duplicati/server";
import { Store } from "../../../scripts/standins/duplicati/store";
import { Tasks } from "../../../scripts/standins/duplicati/tasks";
import type { Context } from "../../../scripts/agent/kit/context";
import type { UploadSettings } from "../../../contract/agentConfig";
import { daily } from "../schedules";

export const never = new AbortController().signal;
export const password = "web-Passw0rd";

/** Duplicati's stand-in in this process, with its own folders and an agent's context. */
export class StandIn {
  readonly folder = mkdtempSync(join(tmpdir(), "laterbase-duplicati-"));
  readonly archive = join(this.folder, "archive");
  readonly backups = join(this.folder, "backups");
  readonly said: string[] = [];
  store!: Store;
  tasks!: Tasks;
  private server!: FastifyInstance;
  private port = 0;

  async start({ tokenSeconds = 900, hosts = [] as string[] } = {}): Promise<this> {
    this.store = new Store(join(this.folder, "data/Duplicati/db.json"), "settings-key");
    this.tasks = new Tasks(this.store, () => undefined);
    this.server = makeServer({
      store: this.store,
      tasks: this.tasks,
      password,
      hosts,
      tokenSeconds,
    });
    await this.server.listen({ port: this.port, host: "127.0.0.1" });
    this.port = (this.server.addresses()[0] as { port: number }).port;
    return this;
  }

  async stop(): Promise<void> {
    await this.server.close();
  }

  async dispose(): Promise<void> {
    await this.stop().catch(() => undefined);
    rmSync(this.folder, { recursive: true, force: true });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  write(path: string, content: string | Buffer): void {
    const file = join(this.backups, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }

  /** A finished dump as the agent sees one. */
  dump(id: string, content: string | Buffer = "dump"): void {
    this.write(`${id}/x.backup`, content);
    this.write(`${id}/manifest.json`, JSON.stringify(wholeManifest));
  }

  context(upload: Partial<UploadSettings> = {}): Context {
    const paths = {
      backups: this.backups,
      records: join(this.folder, "records"),
      etc: join(this.folder, "etc"),
      run: this.folder,
    };
    mkdirSync(paths.etc, { recursive: true });
    writeFileSync(join(paths.etc, "duplicati-password"), password);
    const settings: UploadSettings = {
      url: this.url,
      job: "laterbase test",
      schedule: daily,
      timeoutSeconds: 60,
      afterFirstDump: false,
      ...upload,
    };
    const config = { upload: settings } as Context["config"];
    return { config, paths, log: (sentence) => void this.said.push(sentence) };
  }
}
