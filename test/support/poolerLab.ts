import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { Client, type ClientConfig } from "pg";
import { poolerImage } from "../../images/build/pgBouncer";
import {
  renderEntries,
  renderIni,
  renderUserlist,
  type PoolerFilesArgs,
} from "../../components/pgBouncer/files";
import { poolSizes } from "../../components/pgBouncer/sizes";
import { poolerSchema } from "../../components/pgBouncer/schema";
import { connect } from "../../scripts/engine/connect";
import { applyFiles, type PoolerFiles } from "../../scripts/pooler";
import { builtImage } from "./builtImage";
import { Agent } from "./agentLab";
import { type Box, Lab } from "./imageLab";

export const engine = connect();

class Servers extends Lab {
  override readonly name = `lbt-pooler-${randomBytes(4).toString("hex")}`;
}

/** A primary, its standby and a pooler for both, as a stack's components configure them. */
export class PoolerLab {
  readonly lab = new Servers(17);
  readonly console = { laterbase_admin: secret(), laterbase_stats: secret() };
  /** A password with every character that needs escaping somewhere. */
  password = `su "per":\\'${secret()}`;
  primary!: Box;
  standby!: Box;
  pooler!: Agent;
  private port = 0;
  private container: Docker.Container | undefined;

  /** Starts the servers; the pooler waits for its configuration. */
  async open(databases: readonly string[], conf = ""): Promise<this> {
    this.lab.secrets.superuser = this.password;
    await this.lab.open();
    this.primary = await this.lab.primary({ databases: [...databases], conf });
    await this.primary.until("running");
    await this.lab.prepare(this.primary);
    this.standby = await this.lab.standby();
    await this.standby.until("running");
    await this.start();
    return this;
  }

  /** What the component applies for this configuration. */
  files(config: object, databases: readonly string[]): PoolerFiles {
    const parsed = poolerSchema.parse({ port: 6432, ...config });
    const args: PoolerFilesArgs = {
      pools: poolSizes(parsed, databases),
      maxClients: parsed.maxClients,
      primary: { host: this.primary.name, port: 5432 },
      standby: { host: this.standby.name, port: 5432 },
      superuser: "postgres",
    };
    return {
      "pgbouncer.ini": renderIni(args),
      ...this.userlist(),
      entries: renderEntries(args),
    };
  }

  userlist(): PoolerFiles {
    const users = Object.entries(this.console).map(([name, password]) => ({ name, password }));
    return {
      "userlist.txt": renderUserlist([{ name: "postgres", password: this.password }, ...users]),
    };
  }

  apply(files: PoolerFiles): Promise<boolean> {
    return applyFiles(engine, this.pooler.name, files);
  }

  /** A connected client of the pooler; by default the superuser. */
  async client(database: string, config: ClientConfig = {}): Promise<Client> {
    const client = new Client({
      host: "127.0.0.1",
      port: this.port,
      database,
      user: "postgres",
      password: this.password,
      connectionTimeoutMillis: 30_000,
      ...config,
    });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  get address() {
    return { host: "127.0.0.1", port: this.port };
  }

  /** One query by a new client; returns the value of the first column. */
  async ask(database: string, sql: string, config: ClientConfig = {}): Promise<any> {
    const client = await this.client(database, config);
    try {
      const result = await client.query({ text: sql, rowMode: "array" });
      return (result.rows[0] as any[] | undefined)?.[0];
    } finally {
      await client.end();
    }
  }

  /** The rows of a console command, as the admin. */
  async show(command: string): Promise<Record<string, any>[]> {
    const login = { user: "laterbase_admin", password: this.console.laterbase_admin };
    const client = await this.client("pgbouncer", login);
    try {
      return (await client.query(command)).rows;
    } finally {
      await client.end();
    }
  }

  /** pgbench from the primary's container through the pooler, whatever its exit code. */
  pgbench(database: string, ...options: string[]) {
    const uri = `host=${this.pooler.name} port=6432 user=postgres dbname=${database}`;
    const run = `PGPASSWORD=$1 exec pgbench "\${@:3}" "$2"`;
    return this.primary.exec("bash", "-c", run, "-", this.password, uri, ...options);
  }

  async dispose(): Promise<void> {
    await this.container?.remove({ force: true, v: true }).catch(() => undefined);
    await this.lab.dispose();
  }

  private async start(): Promise<void> {
    const name = `${this.lab.name}-pooler`;
    this.container = await engine.createContainer({
      name,
      Image: await buildPooler(),
      Cmd: ["pooler"],
      ExposedPorts: { "6432/tcp": {} },
      HostConfig: {
        NetworkMode: this.lab.name,
        PortBindings: { "6432/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] },
        Memory: 512 << 20,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
      },
    });
    await this.container.start();
    this.pooler = new Agent(name, this.container);
    await this.findPort();
  }

  /** After a restart, a port that the engine chose is another one. */
  async findPort(): Promise<void> {
    const { NetworkSettings } = await this.pooler.container.inspect();
    this.port = Number(NetworkSettings.Ports["6432/tcp"]?.[0]?.HostPort);
  }
}

const secret = () => randomBytes(16).toString("hex");

/** The pooler's image; built unless it exists. */
export const buildPooler = () => builtImage(engine, poolerImage());
