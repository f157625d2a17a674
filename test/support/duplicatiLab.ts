import { wholeManifest } from "./unit/wholeManifest";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type Docker from "dockerode";
import tar from "tar-stream";
import { duplicatiUser, environment, healthcheck, uploads } from "../../components/duplicati/files";
import { standIn } from "../../images/build/services";
import type { JobSpec } from "../../contract/agentRequests";
import type { DumpingConfig } from "../../contract/agentConfig";
import { connect } from "../../scripts/engine/connect";
import { builtImage } from "./builtImage";
import { type Ran, run, until } from "./process";
import { Agent, buildAgent } from "./agentLab";
import { build as postgresBuild } from "./imageLab";
import { yearly } from "./schedules";

const engine = connect();
const project = join(__dirname, "../..");

/**
 * An agent without any server, and Duplicati (the stand-in) beside it, with the component's own
 * files and limits. `dispose` removes all of it.
 */
export class DuplicatiLab {
  readonly name = `lbt-duplicati-${randomBytes(4).toString("hex")}`;
  readonly secrets = {
    settingsKey: secret(),
    password: secret(),
    passphrase: `${secret()} "é" $x`,
    key: secret(),
  };
  agent!: Agent;
  duplicati!: Docker.Container;
  /** What the step said about the older container and its volumes, and whether it stopped it. */
  before!: Ran;
  stopped = false;
  private readonly made: { remove(options?: object): Promise<unknown> }[] = [];

  async open(): Promise<this> {
    this.made.push(await engine.createNetwork({ Name: this.name }));
    for (const volume of ["backups", "records", "data", "archive"]) {
      await engine.createVolume({ Name: `${this.name}-${volume}` });
      this.made.push(engine.getVolume(`${this.name}-${volume}`));
    }
    this.agent = await this.startAgent();
    await this.asBefore();
    this.duplicati = await this.startDuplicati();
    await until("the agent listens", async () => {
      const { stderr } = await this.agent.ask("list-dumps");
      return stderr === "";
    });
    return this;
  }

  /** What `up` runs before it makes Duplicati's container. */
  async owner(folder?: string): Promise<Ran> {
    const { tag } = await postgresBuild(17);
    const volumes = ["data", "archive"].map((volume) => `${this.name}-${volume}`);
    const told = { image: tag, user: duplicatiUser, volumes, ...(folder ? { folder } : {}) };
    const script = ["--import", "tsx", "scripts/steps/duplicatiOwner.ts", `${this.name}-duplicati`];
    return run("node", script, { cwd: project, input: JSON.stringify(told) });
  }

  /** Duplicati's container, as the component asks for it. */
  async startDuplicati({
    key = this.secrets.settingsKey,
    suffix = "",
    user = `${duplicatiUser}:999`,
  } = {}) {
    const name = `${this.name}-duplicati${suffix}`;
    const container = await engine.createContainer({
      name,
      Hostname: "duplicati",
      Image: await buildStandIn(),
      User: user,
      Entrypoint: ["/etc/laterbase/start"],
      Cmd: ["duplicati-server"],
      Env: environment("Europe/London", [name, "duplicati"]),
      Healthcheck: { Test: healthcheck.tests, Interval: 1e9, Timeout: 5e9, Retries: 3 },
      HostConfig: {
        Init: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges:true"],
        Memory: 1024 << 20,
        NetworkMode: this.name,
        Binds: [
          `${this.name}-data:/data`,
          `${this.name}-backups:/backups:ro`,
          `${this.name}-archive:/archive`,
        ],
      },
    });
    this.made.push(container);
    const files = uploads(key, this.secrets.password).map(({ file, content, permissions }) => ({
      name: file.slice(1),
      content: content as string,
      mode: parseInt(permissions, 8),
      uid: Number(user.split(":")[0]),
    }));
    await container.putArchive(archive(files), { path: "/" });
    await container.start();
    return container;
  }

  /** Volumes and a container of root, as older stacks have them, until the step has run. */
  private async asBefore(): Promise<void> {
    const before = await this.startDuplicati({ user: "0:0" });
    await until("the older one has written", async () =>
      (await this.logs(before)).includes("listening on port"),
    );
    this.before = await this.owner();
    this.stopped = !(await before.inspect()).State.Running;
    await before.remove({ force: true });
  }

  /** The agent, on its volume or on a folder of the host, as the component asks for it. */
  async startAgent(folder?: string): Promise<Agent> {
    const name = `${this.name}-agent${folder ? "-on-folder" : ""}`;
    const container = await engine.createContainer({
      name,
      Image: await buildAgent(17),
      Cmd: ["serve"],
      User: folder ? "0" : "999",
      HostConfig: {
        Binds: [
          `${folder ?? `${this.name}-backups`}:/backups`,
          `${this.name}-records:/var/lib/laterbase/records`,
        ],
        NetworkMode: this.name,
        CapDrop: ["ALL"],
        CapAdd: folder ? ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID"] : [],
        SecurityOpt: ["no-new-privileges"],
        Init: true,
      },
    });
    this.made.push(container);
    const files = { "agent.json": JSON.stringify(this.config()), pgpass: "" };
    await container.putArchive(
      archive(
        Object.entries({ ...files, "duplicati-password": this.secrets.password }).map(
          ([file, content]) => ({ name: file, content, mode: 0o400, uid: 999 }),
        ),
      ),
      { path: "/etc/laterbase" },
    );
    await container.start();
    return new Agent(name, container);
  }

  private config(): DumpingConfig {
    return {
      stack: "test",
      major: 17,
      timeZone: "Europe/London",
      role: { name: "nobody", superuser: false },
      primary: { name: "primary", host: "nowhere.invalid", port: 5432 },
      dumps: {
        schedule: yearly,
        databases: "*",
        source: "primary",
        retentionDays: 7,
        retentionCount: 3,
        plain: false,
        timeoutSeconds: 600,
        databaseTimeoutSeconds: 600,
      },
      upload: {
        url: `http://${this.name}-duplicati:8200`,
        job: "laterbase test",
        schedule: yearly,
        timeoutSeconds: 60,
        afterFirstDump: false,
      },
    };
  }

  /** What `up` runs for the job. */
  job(changes: Partial<JobSpec> = {}): Promise<Ran> {
    const spec: JobSpec = {
      name: "laterbase test",
      target: `file:///archive?auth-password=${this.secrets.key}`,
      passphrase: this.secrets.passphrase,
      retention: "1W:1D",
      ...changes,
    };
    const script = ["--import", "tsx", "scripts/steps/duplicatiJob.ts", this.agent.name];
    return run("node", script, { cwd: project, input: JSON.stringify(spec) });
  }

  /** Writes a finished dump as the agent does: readable for its own user and group only. */
  async dump(id: string, content: string): Promise<void> {
    const manifest = JSON.stringify(wholeManifest);
    await this.agent.bash(`umask 027; mkdir -p '/backups/${id}'; cd '/backups/${id}'
      ${content} > x.backup; chmod 0640 x.backup
      cat > manifest.json <<'MANIFEST'
${manifest}
MANIFEST`);
  }

  /** Asks Duplicati from this machine, as a person's browser does. */
  async ask<T = any>(path: string): Promise<T> {
    const { NetworkSettings } = await this.duplicati.inspect();
    const url = `http://${NetworkSettings.Networks[this.name]!.IPAddress}:8200/api/v1`;
    const headers: Record<string, string> = { Connection: "close" };
    const login = await fetch(`${url}/auth/login`, {
      method: "POST",
      headers,
      body: JSON.stringify({ Password: this.secrets.password }),
    });
    const { AccessToken } = (await login.json()) as { AccessToken: string };
    headers["Authorization"] = `Bearer ${AccessToken}`;
    return (await (await fetch(`${url}${path}`, { headers })).json()) as T;
  }

  /** The files below the archives' folder, as `docker cp` brings them. */
  async archives(folder = ""): Promise<Map<string, Buffer>> {
    const found = new Map<string, Buffer>();
    const extract = tar.extract();
    const stream = await this.duplicati.getArchive({ path: `/archive/${folder}` });
    stream.pipe(extract);
    for await (const entry of extract) {
      const content = await buffer(entry);
      const { type, name } = entry.header;
      // Beside them is the file that keeps the volume from being empty.
      if (type === "file" && /(^|\/)duplicati-/.test(name)) found.set(name, content);
    }
    return found;
  }

  async logs(container: Docker.Container): Promise<string> {
    return (await container.logs({ stdout: true, stderr: true })).toString("utf8");
  }

  async dispose(): Promise<void> {
    for (const thing of this.made.reverse()) await thing.remove({ force: true }).catch(ignore);
  }
}

function archive(files: { name: string; content: string; mode: number; uid: number }[]): Readable {
  const pack = tar.pack();
  for (const { content, uid, ...file } of files) pack.entry({ ...file, uid, gid: uid }, content);
  pack.finalize();
  return Readable.from(pack);
}

/** Builds the stand-in's image, unless it is there. Returns its name. */
export const buildStandIn = () => builtImage(engine, standIn("duplicati"));

const secret = () => randomBytes(12).toString("hex");
const ignore = () => undefined;
