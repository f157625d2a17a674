import { randomBytes } from "node:crypto";
import { text } from "node:stream/consumers";
import { PassThrough, Readable } from "node:stream";
import type Docker from "dockerode";
import tar from "tar-stream";
import { postgresImage } from "../../images/build";
import { connect } from "../../scripts/engine/connect";
import { builtImage } from "./builtImage";

export interface Answer {
  code: number;
  stdout: string;
  stderr: string;
}

export interface Status {
  state: string;
  detail: string;
  since: string;
  healthy: boolean;
  /** Of a server: how many logins it has refused since its container started. */
  refusedLogins?: number;
}

const engine = connect();

/** A container of our image, used through exec, logs and signals. */
export class Box {
  /** PGOPTIONS of the sessions of `sql`. Default: a session as the server gives it. */
  sessionOptions = "";

  constructor(
    readonly name: string,
    readonly role: "primary" | "standby",
    readonly container: Docker.Container,
  ) {}

  async exec(...Cmd: string[]): Promise<Answer> {
    const exec = await this.container.exec({ Cmd, AttachStdout: true, AttachStderr: true });
    const stream = await exec.start({});
    const [out, err] = [new PassThrough(), new PassThrough()];
    engine.modem.demuxStream(stream, out, err);
    stream.on("end", () => [out, err].forEach((side) => side.end()));
    const [stdout, stderr] = await Promise.all([text(out), text(err)]);
    return { code: (await exec.inspect()).ExitCode ?? -1, stdout, stderr };
  }

  async bash(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.exec("bash", "-c", script);
    if (code !== 0)
      throw new Error(`${this.name}: exit ${code} from ${script}\n${stdout}${stderr}`);
    return stdout.trim();
  }

  async sql(query: string, database = "postgres"): Promise<string> {
    const psql = ["psql", "-XAtqv", "ON_ERROR_STOP=1", "-h", `/run/pg/${this.role}`];
    if (this.sessionOptions) psql.unshift("env", `PGOPTIONS=${this.sessionOptions}`);
    const answer = await this.exec(...psql, "-U", "postgres", "-d", database, "-c", query);
    if (answer.code !== 0) throw new Error(`${this.name}: ${answer.stderr}`);
    return answer.stdout.trim();
  }

  /** The output of the health check; `gone` while the container does not answer. */
  async status(): Promise<Status> {
    try {
      const { code, stdout } = await this.exec("laterbase-health");
      return { ...(JSON.parse(stdout) as Status), healthy: code === 0 };
    } catch {
      return { state: "gone", detail: "", since: "", healthy: false };
    }
  }

  /** Polls until the status is as wanted. The error contains the last status and the log. */
  async until(wanted: string | ((status: Status) => boolean), seconds = 300): Promise<Status> {
    const fits = typeof wanted === "string" ? (s: Status) => s.state === wanted : wanted;
    let last: Status | undefined;
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
      last = await this.status();
      if (fits(last)) return last;
    }
    throw new Error(`${this.name}: ${JSON.stringify(last)}\n${(await this.log()).slice(-4000)}`);
  }

  async log(): Promise<string> {
    return (await this.container.logs({ stdout: true, stderr: true })).toString("utf8");
  }

  /** Stops the container like `docker stop`, and returns the exit code. */
  async stop(): Promise<number> {
    await this.container.stop({ t: 30 });
    return (await this.container.inspect()).State.ExitCode;
  }
}

export interface StandbyOptions {
  host?: string;
  env?: string[];
  volumeMegabytes?: number;
  tuning?: string;
  /** How the primary sorts text: the output of the step `collation`. */
  collation?: string;
  /** More volumes. */
  binds?: string[];
}

/** A network with its servers, volumes and secrets; `dispose` removes everything. */
export class Lab {
  readonly name = `lbt-image-${randomBytes(4).toString("hex")}`;
  readonly secrets = { superuser: secret(), replication: secret() };
  readonly slot = "laterbase_standby_slot";
  private readonly made: { remove(options?: object): Promise<unknown> }[] = [];

  constructor(readonly major: number) {}

  async open(): Promise<this> {
    await build(this.major);
    this.made.push(await engine.createNetwork({ Name: this.name }));
    return this;
  }

  async primary(
    options: {
      name?: string;
      major?: number;
      databases?: string[];
      init?: Record<string, string | Buffer>;
      conf?: string;
      env?: string[];
      binds?: string[];
      volumeMegabytes?: number;
    } = {},
  ): Promise<Box> {
    const conf = [
      "listen_addresses = '*'",
      "password_encryption = 'scram-sha-256'",
      "max_wal_senders = 10",
      "shared_buffers = '64MB'",
      options.conf ?? "",
    ].join("\n");
    const files: Record<string, string | Buffer> = {
      "postgresql.conf": conf,
      "superuser-password": this.secrets.superuser,
    };
    for (const [name, content] of Object.entries(options.init ?? {}))
      files[`init/${name}`] = content;
    return this.box("primary", {
      ...(options.name ? { name: options.name } : {}),
      major: options.major ?? this.major,
      env: [`DATABASES=${JSON.stringify(options.databases ?? ["app"])}`, ...(options.env ?? [])],
      files,
      ...(options.binds ? { binds: options.binds } : {}),
      ...(options.volumeMegabytes ? { volumeMegabytes: options.volumeMegabytes } : {}),
    });
  }

  /** A short form of the primary's preparation. */
  async prepare(primary: Box): Promise<void> {
    const { replication } = this.secrets;
    await primary.sql(
      `SET log_statement = none; CREATE ROLE repl REPLICATION LOGIN PASSWORD '${replication}'`,
    );
    await primary.bash(
      "sed -i '1i host replication repl all scram-sha-256' /var/lib/postgresql/primary/data/pg_hba.conf",
    );
    await primary.sql("SELECT pg_reload_conf()");
  }

  async standby(options: StandbyOptions = {}): Promise<Box> {
    const host = options.host ?? "primary";
    const files: Record<string, string> = {
      pgpass: `*:5432:replication:repl:${this.secrets.replication}\n`,
    };
    if (options.tuning) files["postgresql.conf"] = options.tuning;
    if (options.collation) files["collation.json"] = options.collation;
    return this.box("standby", {
      major: this.major,
      files,
      ...(options.volumeMegabytes ? { volumeMegabytes: options.volumeMegabytes } : {}),
      ...(options.binds ? { binds: options.binds } : {}),
      env: [
        `PRIMARY_HOST=${host}`,
        "PRIMARY_PORT=5432",
        "REPLICATION_USER=repl",
        `SLOT=${this.slot}`,
        "STANDBY_NAME=standby",
        "SUPERUSER=postgres",
        "CLIENT_AUTH=scram-sha-256",
        ...(options.env ?? []),
      ],
    });
  }

  /** A second container with the same command, files and volume. */
  async twin(box: Box): Promise<Box> {
    const { Config, HostConfig } = await box.container.inspect();
    const { Image, Cmd, Env } = Config;
    const name = `${box.name}-twin`;
    const container = await engine.createContainer({ name, Image, Cmd, Env, HostConfig });
    this.made.push(container);
    await container.putArchive(await box.container.getArchive({ path: "/etc/laterbase" }), {
      path: "/etc",
    });
    await container.start();
    return new Box(name, box.role, container);
  }

  network(): Docker.Network {
    return engine.getNetwork(this.name);
  }

  /** Runs a script on a stopped server's volume. */
  async offline(box: Box, script: string): Promise<void> {
    const path = `/var/lib/postgresql/${box.role}`;
    const { Image } = await box.container.inspect();
    const helper = await engine.createContainer({
      Image,
      Cmd: ["bash", "-c", script],
      WorkingDir: path,
      HostConfig: { Binds: [`${box.name}:${path}`] },
    });
    try {
      await helper.start();
      const { StatusCode } = (await helper.wait()) as { StatusCode: number };
      if (StatusCode !== 0) throw new Error(`exit ${StatusCode} from ${script}`);
    } finally {
      await helper.remove({ force: true });
    }
  }

  /** Removes a container. Its volume stays, and the next container of that name uses it. */
  async remove(box: Box): Promise<void> {
    await box.container.remove({ force: true });
  }

  async dispose(): Promise<void> {
    for (const thing of this.made.reverse()) await thing.remove({ force: true }).catch(ignore);
  }

  private async box(
    role: "primary" | "standby",
    spec: {
      name?: string;
      major: number;
      env: string[];
      files: Record<string, string | Buffer>;
      volumeMegabytes?: number;
      binds?: string[];
    },
  ): Promise<Box> {
    const alias = spec.name ?? role;
    const name = `${this.name}-${alias}`;
    const { tag } = await build(spec.major);
    const size = spec.volumeMegabytes;
    const tmpfs = { type: "tmpfs", device: "tmpfs", o: `size=${size}m,uid=999,gid=999,mode=0750` };
    await engine.createVolume({ Name: name, ...(size ? { DriverOpts: tmpfs } : {}) });
    const container = await engine.createContainer({
      name,
      Image: tag,
      Cmd: [role],
      Env: spec.env,
      HostConfig: {
        Binds: [`${name}:/var/lib/postgresql/${role}`, ...(spec.binds ?? [])],
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        ShmSize: 256 << 20,
      },
      NetworkingConfig: { EndpointsConfig: { [this.name]: { Aliases: [alias] } } },
    });
    this.made.push(engine.getVolume(name), container);
    await container.putArchive(archive(spec.files), { path: "/etc/laterbase" });
    await container.start();
    return new Box(name, role, container);
  }
}

/** Files as the docker provider uploads them: owner 999, not readable for others. */
function archive(files: Record<string, string | Buffer>): Readable {
  const pack = tar.pack();
  for (const [name, content] of Object.entries(files)) {
    pack.entry({ name, uid: 999, gid: 999, mode: 0o400 }, content);
  }
  pack.finalize();
  return Readable.from(pack);
}

/** The project's own image; built unless it exists. */
export async function build(major: number): Promise<{ tag: string }> {
  return { tag: await builtImage(engine, postgresImage(major)) };
}

/** The number of rows, and a checksum that does not depend on their order. */
export const checksum = (table: string) =>
  `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ${table} t`;

/** Waits until the standby has replayed what the primary has written so far. */
export async function caughtUp(primary: Box, standby: Box, seconds = 300): Promise<void> {
  const target = await primary.sql("SELECT pg_current_wal_lsn()");
  const replayed = `SELECT coalesce(pg_last_wal_replay_lsn() >= '${target}', false)`;
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
    if ((await standby.sql(replayed).catch(() => "f")) === "t") return;
  }
  throw new Error(`${standby.name} did not reach ${target}\n${(await standby.log()).slice(-4000)}`);
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const secret = () => randomBytes(16).toString("hex");
const ignore = () => undefined;
