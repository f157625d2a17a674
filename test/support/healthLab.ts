import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import type { AgentOverview } from "../../contract/agentOverview";
import { type Check, defaultThresholds } from "../../contract/health/check";
import { type HealthConfig, healthFiles } from "../../contract/health/config";
import type { HealthReport } from "../../contract/health/report";
import { Agent, archive, buildAgent } from "./agentLab";
import { type Box, sleep } from "./imageLab";
import { engine, PoolerLab } from "./poolerLab";

const role = "laterbase_test_health";

const plainRole = {
  ...{ purpose: "of the test", replicates: false, bypassesPolicies: false, connections: -1 },
  ...{ memberships: [], settings: {} },
};

/** Answers as the agent's port does, with what the test has put into a file. */
const agentProgram = `
  const { readFileSync } = require("fs");
  require("http").createServer((request, answer) => {
    const known = request.headers.authorization === "Bearer " + process.env.TOKEN;
    if (request.url !== "/overview" || !known) return answer.writeHead(401).end();
    const overview = JSON.parse(readFileSync("/tmp/overview.json", "utf8"));
    const at = new Date().toISOString();
    answer.end(JSON.stringify({ at, scheduler: { beatAt: at }, ...overview }));
  }).listen(8082);
  process.on("SIGTERM", () => process.exit(0));`;

/** A primary, a standby and a pooler with a monitor that looks at them, and what stands for the agent. */
export class HealthLab {
  readonly servers = new PoolerLab();
  readonly token = secret();
  private readonly password = `it's "${secret()}":\\`;
  private readonly agentToken = secret();
  monitor!: Agent;
  agent!: Agent;
  private port = 0;
  private readonly made: Docker.Container[] = [];

  get name(): string {
    return this.servers.lab.name;
  }

  get standby(): Box {
    return this.servers.standby;
  }

  get primary(): Box {
    return this.servers.primary;
  }

  async open({
    near = false,
    ...change
  }: Partial<HealthConfig> & { near?: boolean } = {}): Promise<this> {
    const archiving =
      "archive_mode = on\narchive_command = '/bin/true'\nmax_slot_wal_keep_size = 10GB";
    await this.servers.open(["app"], archiving);
    const files = this.servers.files({ maxClients: 50, databases: { app: { poolSize: 2 } } }, [
      "app",
    ]);
    await this.servers.apply(files);
    await this.prepare();
    this.agent = await this.container("agent", {
      Entrypoint: ["/opt/node/bin/node", "-e", agentProgram],
      Env: [`TOKEN=${this.agentToken}`],
    });
    await this.agentKnows({});
    this.monitor = await this.container(
      "health",
      {
        Cmd: ["monitor"],
        HostConfig: { PortBindings: { "8080/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }] } },
        ExposedPorts: { "8080/tcp": {} },
      },
      this.files(change, near),
    );
    const { NetworkSettings } = await this.monitor.container.inspect();
    this.port = Number(NetworkSettings.Ports["8080/tcp"]?.[0]?.HostPort);
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What `up` makes on a managed primary. */
  async preparePrimary(primary: Box): Promise<void> {
    await primary.sql(`SET log_statement = none;
      CREATE ROLE ${role} LOGIN PASSWORD '${this.password.replace(/'/g, "''")}' IN ROLE pg_monitor;
      CREATE ROLE laterbase_test LOGIN REPLICATION;
      CREATE SCHEMA laterbase;
      CREATE TABLE laterbase.heartbeat (id int PRIMARY KEY CHECK (id = 1), beat bigint NOT NULL, at timestamptz NOT NULL);
      INSERT INTO laterbase.heartbeat VALUES (1, 0, now());
      GRANT USAGE ON SCHEMA laterbase TO ${role};
      GRANT SELECT, UPDATE ON laterbase.heartbeat TO ${role}`);
    await primary.bash(
      `sed -i '1i host all ${role} all scram-sha-256' /var/lib/postgresql/primary/data/pg_hba.conf`,
    );
    await primary.sql("SELECT pg_reload_conf()");
  }

  private async prepare(): Promise<void> {
    await this.preparePrimary(this.primary);
    // The standby has the pg_hba.conf of its clone. A stack's standby is cloned after this.
    await this.standby.bash(
      `sed -i '1i host all ${role} all scram-sha-256' /var/lib/postgresql/standby/data/pg_hba.conf`,
    );
    await this.standby.sql("SELECT pg_reload_conf()");
  }

  private files(change: Partial<HealthConfig>, near: boolean): Record<string, string> {
    const config: HealthConfig = {
      ...{ stack: "test", prefix: this.name, major: 17, timeZone: "Etc/UTC", managed: true, role },
      primary: { host: "primary", port: 5432 },
      standbys: [
        { name: "standby", host: "standby", port: 5432, slot: this.servers.lab.slot, near },
      ],
      pooler: { host: this.servers.pooler.name, port: 6432, user: "laterbase_stats" },
      agent: { host: "agent", port: 8082 },
      services: [],
      certificates: {},
      slotRetention: "10GB",
      settings: ["archive_timeout", "work_mem"],
      ownSettings: ["archive_mode", "wal_level"],
      roles: [
        { ...plainRole, name: "laterbase_test", replicates: true },
        { ...plainRole, name: role, memberships: ["pg_monitor"] },
      ],
      thresholds: defaultThresholds,
      token: true,
      ...change,
    };
    return {
      [healthFiles.config]: JSON.stringify(config),
      [healthFiles.passfile]: `*:*:*:${role}:${this.password.replace(/[\\:]/g, "\\$&")}\n`,
      [healthFiles.poolerPassword]: this.servers.console.laterbase_stats,
      [healthFiles.agentToken]: this.agentToken,
      [healthFiles.token]: this.token,
    };
  }

  /** Sends a report as a server's supervisor does, from a container. Returns the answer's first line. */
  async report(from: Box | Agent, name: string, state: string): Promise<string> {
    const disk = { bytes: 1_000_000_000, free: 900_000_000 };
    const body = JSON.stringify({ state, detail: `the test says ${state}`, since: "", disk });
    const head = `POST /reports/${name} HTTP/1.0\\r\\nContent-Length: ${body.length}\\r\\n\\r\\n`;
    return from.bash(
      `exec 3<>/dev/tcp/health/8081; printf '${head}%s' '${body}' >&3; IFS= read -r -t 5 line <&3; echo "\${line%$'\\r'}"`,
    );
  }

  /** What the agent answers from now on. */
  async agentKnows(change: Partial<AgentOverview>): Promise<void> {
    const overview = { timeZone: "Etc/UTC", jobs: [], running: [], disks: [], ...change };
    const text = Buffer.from(JSON.stringify(overview)).toString("base64");
    await this.agent.bash(`echo ${text} | base64 -d >/tmp/new && mv /tmp/new /tmp/overview.json`);
  }

  async health(): Promise<{ code: number; report: HealthReport }> {
    const headers = { authorization: `Bearer ${this.token}` };
    const answer = await fetch(`${this.url}/health`, { headers });
    return { code: answer.status, report: (await answer.json()) as HealthReport };
  }

  /** Waits until the checks are as wanted, and returns them by their names. */
  async until(
    what: string,
    fits: (checks: Record<string, Check>, report: HealthReport) => boolean,
    seconds = 300,
  ): Promise<Record<string, Check>> {
    let last: HealthReport | undefined;
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(250)) {
      const found = await this.health().catch(() => undefined);
      if (!found) continue;
      last = found.report;
      const checks = Object.fromEntries(last.checks.map((check) => [check.name, check]));
      if (fits(checks, last)) return checks;
    }
    throw new Error(
      `${what}: not within ${seconds} s\n${JSON.stringify(last, undefined, 1)}\n${await this.monitor.log()}`,
    );
  }

  healthy(seconds = 300): Promise<Record<string, Check>> {
    return this.until("healthy", (_, { status }) => status === "healthy", seconds);
  }

  /** A container in the network, by a name of the stack. */
  async container(
    alias: string,
    options: Docker.ContainerCreateOptions,
    files: Record<string, string> = {},
  ): Promise<Agent> {
    const name = `${this.name}-${alias}`;
    const { HostConfig, ...rest } = options;
    const container = await engine.createContainer({
      ...{ name, Image: await buildAgent(17), ...rest },
      HostConfig: {
        Memory: 256 << 20,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        ...HostConfig,
      },
      NetworkingConfig: { EndpointsConfig: { [this.name]: { Aliases: [alias] } } },
    });
    this.made.push(container);
    await container.putArchive(archive(files), { path: "/etc/laterbase" });
    await container.start();
    return new Agent(name, container);
  }

  async dispose(): Promise<void> {
    for (const container of this.made.reverse())
      await container.remove({ force: true, v: true }).catch(() => undefined);
    await this.servers.dispose();
  }
}

const secret = () => randomBytes(16).toString("hex");
