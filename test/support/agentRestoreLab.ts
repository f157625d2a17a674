import type Docker from "dockerode";
import tar from "tar-stream";
import { Readable } from "node:stream";
import { agentImage } from "../../images/build/agent";
import type { ListedDump } from "../../contract/agentReplies";
import { connect } from "../../scripts/engine/connect";
import { builtImage } from "./builtImage";
import { ok, until } from "./process";
import { Box, Lab } from "./imageLab";
import { laterbase, type Outcome } from "./operator";

const engine = connect();

/** A primary with an agent, and the operator's command that asks it. */
export class RestoreLab {
  readonly lab: Lab;
  primary!: Box;
  agent!: Docker.Container;

  constructor(readonly major: number) {
    this.lab = new Lab(major);
  }

  async open(options: { conf?: string } = {}): Promise<this> {
    await this.lab.open();
    this.primary = await this.lab.primary(options);
    const image = await builtImage(engine, agentImage(this.major));
    await this.primary.until("running");
    const name = `${this.lab.name}-agent`;
    await engine.createVolume({ Name: name });
    this.agent = await engine.createContainer({
      name,
      Image: image,
      HostConfig: {
        Init: true,
        Binds: [`${name}:/backups`],
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        Tmpfs: { "/var/lib/laterbase/records": "uid=999,gid=999" },
      },
      NetworkingConfig: { EndpointsConfig: { [this.lab.name]: {} } },
    });
    const pack = tar.pack();
    const owner = { uid: 999, gid: 999, mode: 0o400 };
    pack.entry({ name: "agent.json", ...owner }, JSON.stringify(this.config()));
    const pgpass = `primary:5432:*:postgres:${this.lab.secrets.superuser}\n`;
    pack.entry({ name: "pgpass", ...owner }, pgpass);
    pack.entry({ name: "manifest-key", ...owner }, "the lab's key");
    pack.finalize();
    await this.agent.putArchive(Readable.from(pack), { path: "/etc/laterbase" });
    await this.agent.start();
    await until("the agent to answer", async () => !(await this.laterbase("list-dumps")).error);
    return this;
  }

  /** Runs `laterbase <words>` and reads its answer from standard output. */
  laterbase(...words: string[]): Promise<Outcome> {
    const uri = `postgresql://postgres:${this.lab.secrets.superuser}@primary:5432/app`;
    return laterbase(`${this.lab.name}-agent`, uri, words);
  }

  /** Dumps a database. */
  async dump(database: string): Promise<ListedDump> {
    const { error } = await this.laterbase("dump", "--", database);
    if (error) throw new Error(error);
    const { result } = await this.laterbase("list-dumps", "--", database);
    return (result as unknown as ListedDump[])[0]!;
  }

  /** Runs a script in the agent's container. */
  bash(script: string): Promise<string> {
    return new Box("agent", "primary", this.agent).bash(script);
  }

  /** Copies a file or a folder of a container of the lab into a folder of this machine. */
  async fetch(path: string, to: string, from: Docker.Container = this.agent): Promise<void> {
    await ok("docker", ["cp", `${from.id}:${path}`, to]);
  }

  /** How a client here logs in to the primary. */
  async login(database: string): Promise<Record<string, string>> {
    const { Networks } = (await this.primary.container.inspect()).NetworkSettings;
    const host = Networks[this.lab.name]!.IPAddress;
    return { host, user: "postgres", password: this.lab.secrets.superuser, database };
  }

  /** The databases of the server, without the templates. */
  async databases(): Promise<string[]> {
    const names =
      "SELECT json_agg(datname ORDER BY datname) FROM pg_database WHERE NOT datistemplate";
    return JSON.parse(await this.primary.sql(names));
  }

  async close(): Promise<void> {
    await this.agent?.remove({ force: true }).catch(() => undefined);
    await engine.getVolume(`${this.lab.name}-agent`).remove({ force: true });
    await this.lab.dispose();
  }

  private config() {
    return {
      stack: "lab",
      major: this.major,
      timeZone: "Etc/UTC",
      role: { name: "postgres", superuser: true },
      primary: { name: "primary", host: "primary", port: 5432 },
      dumps: {
        schedule: "0 0 1 1 *",
        databases: ["app"],
        source: "primary",
        retentionDays: 7,
        retentionCount: 30,
        plain: false,
        timeoutSeconds: 600,
        databaseTimeoutSeconds: 600,
      },
    };
  }
}
