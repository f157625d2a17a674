import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type Docker from "dockerode";
import tar from "tar-stream";
import { agentImage } from "../../images/build/agent";
import type { DumpingConfig } from "../../contract/agentConfig";
import type { ListedDump } from "../../contract/agentReplies";
import type { JobRecord } from "../../contract/jobRecord";
import type { Manifest } from "../../contract/manifest";
import { connect } from "../../scripts/engine/connect";
import { builtImage } from "./builtImage";
import { exfatAgent, mountsExfat } from "./exfatAgent";
import { type Answer, type Box, build, Lab, sleep } from "./imageLab";
import { yearly } from "./schedules";

const engine = connect();

/** Servers with names of this lab. */
class Servers extends Lab {
  override readonly name = `lbt-agent-${randomBytes(4).toString("hex")}`;
}

/** A primary, a standby and agents. `dispose` removes all of it. */
export class AgentLab {
  readonly lab: Lab;
  readonly password = `it's "${randomBytes(8).toString("hex")}":\\`;
  readonly role: DumpingConfig["role"];
  primary!: Box;
  standby!: Box;
  private readonly made: { remove(options?: object): Promise<unknown> }[] = [];

  constructor(readonly major: number) {
    this.lab = new Servers(major);
    this.role =
      major >= 14
        ? { name: "laterbase_test_dumps", superuser: false }
        : { name: "postgres", superuser: true };
  }

  /** Starts a primary with the role that dumps, and by default a standby that streams from it. */
  async open({ standby = true, conf = "" } = {}): Promise<this> {
    await this.lab.open();
    await buildAgent(this.major);
    this.primary = await this.lab.primary({ databases: ["app"], conf });
    await this.primary.until("running");
    await this.lab.prepare(this.primary);
    await this.prepareDumps();
    if (standby) {
      this.standby = await this.lab.standby({ tuning: conf });
      await this.standby.until("running");
    }
    return this;
  }

  /** Prepares the primary for dumps, as `up` does. */
  private async prepareDumps(): Promise<void> {
    const name = this.role.name;
    const password = `'${this.password.replace(/'/g, "''")}'`;
    await this.primary.sql(
      this.role.superuser
        ? `SET log_statement = none; ALTER ROLE ${name} PASSWORD ${password}`
        : `SET log_statement = none; CREATE ROLE ${name} LOGIN BYPASSRLS PASSWORD ${password};
           GRANT pg_read_all_data TO ${name}; ALTER ROLE ${name} SET lo_compat_privileges = on`,
    );
    await this.primary.bash(
      `sed -i '1i host all ${name} all scram-sha-256' /var/lib/postgresql/primary/data/pg_hba.conf`,
    );
    await this.primary.sql("SELECT pg_reload_conf()");
  }

  /** The agent's configuration. Its schedule is once a year, so never during a test. */
  config(dumps: Partial<DumpingConfig["dumps"]> = {}): DumpingConfig {
    return {
      stack: "test",
      major: this.major,
      timeZone: "Europe/London",
      role: this.role,
      primary: { name: "primary", host: "primary", port: 5432 },
      ...((this.standby as Box | undefined)
        ? { standby: { name: "standby", host: "standby", port: 5432 } }
        : {}),
      dumps: {
        schedule: yearly,
        databases: ["app"],
        source: (this.standby as Box | undefined) ? "standby" : "primary",
        retentionDays: 7,
        retentionCount: 3,
        plain: false,
        timeoutSeconds: 600,
        databaseTimeoutSeconds: 600,
        ...dumps,
      },
    };
  }

  /**
   * Starts an agent with volumes of its own. `megabytes` limits the volume of the dumps. With `exfat`,
   * the options of a mount, they go to an exFAT file system, and the agent starts as root, as it does
   * with a folder of the host.
   */
  async agent(
    config: DumpingConfig,
    {
      megabytes,
      exfat,
      password = this.password,
    }: { megabytes?: number; exfat?: string; password?: string } = {},
  ): Promise<Agent> {
    const name = `${this.lab.name}-agent-${randomBytes(3).toString("hex")}`;
    const options = { type: "tmpfs", device: "tmpfs", o: `size=${megabytes}m,uid=999,gid=999` };
    for (const volume of [`${name}-backups`, `${name}-records`]) {
      const small = megabytes !== undefined && volume.endsWith("-backups");
      await engine.createVolume({ Name: volume, ...(small ? { DriverOpts: options } : {}) });
      this.made.push(engine.getVolume(volume));
    }
    const container = await engine.createContainer({
      name,
      Image: exfat === undefined ? await buildAgent(this.major) : await exfatAgent(this.major),
      Cmd: ["serve"],
      User: exfat === undefined ? "999" : "0",
      Env: [`EXFAT=${exfat ?? ""}`],
      HostConfig: {
        Binds: [`${name}-backups:/backups`, `${name}-records:/var/lib/laterbase/records`],
        NetworkMode: this.lab.name,
        ...(exfat === undefined
          ? { CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"] }
          : mountsExfat),
        Init: true,
      },
    });
    this.made.push(container);
    const line = ["*", "*", "*", config.role.name, password.replace(/[\\:]/g, "\\$&")].join(":");
    const files = {
      "agent.json": JSON.stringify(config),
      pgpass: `${line}\n`,
      "manifest-key": "the lab's key",
    };
    await container.putArchive(archive(files), { path: "/etc/laterbase" });
    await container.start();
    return new Agent(name, container);
  }

  async dispose(): Promise<void> {
    for (const thing of this.made.reverse()) await thing.remove({ force: true }).catch(ignore);
    await this.lab.dispose();
  }
}

/** An agent's container, asked as a scheduler or an operator would. */
export class Agent {
  constructor(
    readonly name: string,
    readonly container: Docker.Container,
  ) {}

  async exec(...Cmd: string[]): Promise<Answer> {
    const exec = await this.container.exec({ Cmd, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const sink = (chunks: Buffer[]) => ({ write: (chunk: Buffer) => chunks.push(chunk) }) as never;
    engine.modem.demuxStream(stream, sink(out), sink(err));
    await new Promise((resolve) => stream.on("end", resolve));
    const [stdout, stderr] = [out, err].map((chunks) => Buffer.concat(chunks).toString("utf8"));
    const { ExitCode } = await exec.inspect();
    return { code: ExitCode ?? -1, stdout: stdout ?? "", stderr: stderr ?? "" };
  }

  async bash(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.exec("bash", "-c", script);
    if (code !== 0)
      throw new Error(`${this.name}: exit ${code} from ${script}\n${stdout}${stderr}`);
    return stdout.trim();
  }

  ask(...words: string[]): Promise<Answer> {
    return this.exec("laterbase-agent", ...words);
  }

  /** Dumps, after a run under way, and returns the record, also of a failure. */
  async dump(...words: string[]): Promise<JobRecord> {
    await this.ask("dump", "--wait", ...words);
    return this.record();
  }

  async record(name = "dump"): Promise<JobRecord> {
    return JSON.parse(await this.bash(`cat /var/lib/laterbase/records/${name}.json`)) as JobRecord;
  }

  async list(): Promise<ListedDump[]> {
    const { code, stdout, stderr } = await this.ask("list-dumps");
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as ListedDump[];
  }

  async manifest(id: string): Promise<Manifest> {
    return JSON.parse((await this.exec("cat", `/backups/${id}/manifest.json`)).stdout) as Manifest;
  }

  /** Every path below /backups. */
  async files(): Promise<string[]> {
    return (await this.bash("cd /backups && find . -mindepth 1 | sort")).split("\n");
  }

  async healthy(): Promise<boolean> {
    return (await this.exec("laterbase-health").catch(() => ({ code: 1 }))).code === 0;
  }

  /** Waits until the agent is healthy, has made its first dumps and has recorded their run, which it does last. */
  async ready(dumps = 1, seconds = 300): Promise<this> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(300)) {
      if (!(await this.healthy())) continue;
      if (dumps === 0) return this;
      if ((await this.list().catch(() => [])).length < dumps) continue;
      if (await this.record().catch(() => undefined)) return this;
    }
    throw new Error(`${this.name} made no dump\n${await this.log()}`);
  }

  async log(): Promise<string> {
    return (await this.container.logs({ stdout: true, stderr: true })).toString("utf8");
  }
}

/** Files as the docker provider uploads them: owner 999, not readable for others. */
export function archive(files: Record<string, string>, mode = 0o400): Readable {
  const pack = tar.pack();
  for (const [name, content] of Object.entries(files)) {
    pack.entry({ name, uid: 999, gid: 999, mode }, content);
  }
  pack.finalize();
  return Readable.from(pack);
}

/** Builds the agent's image, unless it is there. Returns its name. */
export async function buildAgent(major: number): Promise<string> {
  await build(major);
  return builtImage(engine, agentImage(major));
}

const ignore = () => undefined;
