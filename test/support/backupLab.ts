import { randomBytes } from "node:crypto";
import type Docker from "dockerode";
import type { AgentConfig } from "../../contract/agentConfig";
import type { ListedRepository } from "../../contract/agentReplies";
import { backupRecords } from "../../contract/backupRecord";
import type { JobRecord } from "../../contract/jobRecord";
import { backupRoleName, dataFolder, type ServerKind, socketFolder } from "../../contract/names";
import {
  type BackupJob,
  type BackupSettings,
  drillPaths,
  pgBackRestFeatures,
  pgBackRestPaths,
  posixRepository,
} from "../../contract/pgBackRest";
import { connect } from "../../scripts/engine/connect";
import { Agent, archive, buildAgent } from "./agentLab";
import { Box, build, Lab, sleep } from "./imageLab";

const engine = connect();
const stack = "test";
const role = backupRoleName(stack);
const data = (kind: ServerKind) => `${dataFolder(kind)}/data`;

/** Servers with names of this lab. */
class Servers extends Lab {
  override readonly name = `lbt-backup-${randomBytes(4).toString("hex")}`;
}

/** A repository of a test, with lines of pgBackRest's configuration. */
export interface LabRepository {
  lines?: string[];
  type?: "posix" | "s3";
  archiveDays?: number;
}

export interface BackupLabOptions {
  standby?: boolean;
  repositories?: LabRepository[];
  /** More lines for the section [global]. */
  global?: string[];
  /** The volume of the repositories is a tmpfs of this size. */
  megabytes?: number;
  /** The volume of the primary's data is a tmpfs of this size. */
  primaryMegabytes?: number;
}

/** A primary that archives, a standby and an agent that backs up, with shared volumes. `dispose` removes all of it. */
export class BackupLab {
  readonly lab: Lab;
  primary!: Box;
  standby: Box | undefined;
  agent!: Agent;
  /** The size of the volume of drills, before the agent starts. Absent: as large as the disk. */
  drillMegabytes: number | undefined;
  private repositories: LabRepository[] = [];
  private writer!: Docker.Container;
  private readonly made: { remove(options?: object): Promise<unknown> }[] = [];

  constructor(readonly major: number) {
    this.lab = new Servers(major);
  }

  /** Starts the servers with the role that backs up. The agent starts by `startAgent`. */
  async open(options: BackupLabOptions = {}): Promise<this> {
    const { standby = true, repositories = [{}], global = [], megabytes } = options;
    const { primaryMegabytes } = options;
    await this.lab.open();
    await buildAgent(this.major);
    const size = { type: "tmpfs", device: "tmpfs", o: `size=${megabytes}m,uid=999,gid=999` };
    for (const name of ["conf", "repositories", "spool", "primary-socket", "standby-socket"]) {
      const small = megabytes !== undefined && name === "repositories";
      await engine.createVolume({
        Name: this.volume(name),
        ...(small ? { DriverOpts: size } : {}),
      });
      this.made.push(engine.getVolume(this.volume(name)));
    }
    this.writer = await this.container(
      "writer",
      ["sleep", "infinity"],
      [`${this.volume("conf")}:${pgBackRestPaths.conf}`],
    );
    await this.configure(repositories, { standby, global });
    await this.startPrimary(primaryMegabytes);
    await this.lab.prepare(this.primary);
    await this.prepareBackups();
    if (standby) await this.startStandby();
    return this;
  }

  /** Writes pgBackRest's configuration. Every command reads it anew. */
  async configure(
    repositories: LabRepository[],
    { standby = this.standby !== undefined, global = [] as string[] } = {},
  ): Promise<void> {
    this.repositories = repositories;
    const conf = [
      "[global]",
      ...["process-max=2", "start-fast=y", "archive-timeout=20", "io-timeout=10"],
      ...["archive-async=y", `spool-path=${pgBackRestPaths.spool}`, "compress-type=lz4"],
      ...[`lock-path=${pgBackRestPaths.locks}`, `log-path=${pgBackRestPaths.logs}`],
      ...["log-level-file=info", ...global],
      "[main]",
      ...this.server(1, "primary"),
      ...(standby && pgBackRestFeatures(this.major).standby !== "n"
        ? this.server(2, "standby")
        : []),
    ];
    const repo = repositories.flatMap(({ type = "posix", lines = [] }, index) => {
      const set = (line: string) => `repo${index + 1}-${line}`;
      return [
        ...(type === "posix" ? [set(`path=${posixRepository(index + 1)}`)] : []),
        set("retention-full=7"),
        ...lines.map(set),
      ];
    });
    await this.writer.putArchive(
      archive(
        {
          "pgbackrest.conf": `${conf.join("\n")}\n`,
          "conf.d/repo.conf": `${["[global]", ...new Map(repo.map((line) => [line.split("=")[0], line])).values()].join("\n")}\n`,
        },
        0o640,
      ),
      { path: pgBackRestPaths.conf },
    );
  }

  private server(number: number, kind: ServerKind): string[] {
    const lines = [`path=${data(kind)}`, `socket-path=${socketFolder(kind)}`, `user=${role}`];
    return [...lines, "database=postgres"].map((line) => `pg${number}-${line}`);
  }

  async startPrimary(volumeMegabytes?: number): Promise<void> {
    this.primary = await this.lab.primary({
      ...(volumeMegabytes === undefined ? {} : { volumeMegabytes }),
      conf: [
        "archive_mode = on",
        "archive_command = 'pgbackrest --stanza=main archive-push \"%p\"'",
        "archive_timeout = 60s",
        "max_wal_size = 1GB",
      ].join("\n"),
      binds: [
        `${this.volume("conf")}:${pgBackRestPaths.conf}:ro`,
        `${this.volume("spool")}:${pgBackRestPaths.spool}`,
        `${this.volume("repositories")}:${pgBackRestPaths.repositories}`,
        `${this.volume("primary-socket")}:${socketFolder("primary")}`,
      ],
    });
    await this.primary.until("running");
  }

  async startStandby(): Promise<void> {
    this.standby = await this.lab.standby({
      env: [`BACKUP_ROLE=${role}`],
      binds: [`${this.volume("standby-socket")}:${socketFolder("standby")}`],
    });
    await this.standby.until("running");
  }

  /** The role that backs up, with what facts/pgbackrest.md measured that it needs, by peer on the socket. */
  private async prepareBackups(): Promise<void> {
    const functions =
      this.major >= 15
        ? ["pg_backup_start(text, boolean)", "pg_backup_stop(boolean)"]
        : ["pg_start_backup(text, boolean, boolean)", "pg_stop_backup(boolean, boolean)"];
    const roles = ["pg_read_all_settings", ...(this.major >= 15 ? ["pg_checkpoint"] : [])];
    await this.primary.sql(
      `CREATE ROLE ${role} LOGIN; GRANT ${roles.join(", ")} TO ${role};
       GRANT EXECUTE ON FUNCTION ${[...functions, "pg_create_restore_point(text)", "pg_switch_wal()"].join(", ")} TO ${role}`,
    );
    const folder = data("primary");
    await this.primary.bash(
      `sed -i '1i local postgres ${role} peer map=backups' ${folder}/pg_hba.conf && echo 'backups postgres ${role}' >>${folder}/pg_ident.conf`,
    );
    await this.primary.sql("SELECT pg_reload_conf()");
  }

  /** What the agent knows. No schedule is due during a test. */
  settings(schedules: BackupSettings["schedules"] = {}): BackupSettings {
    return {
      stanza: "main",
      repositories: this.repositories.map(({ type = "posix", archiveDays }, index) => ({
        number: index + 1,
        type,
        encrypted: false,
        location: `the lab's repository ${index + 1}`,
        ...(archiveDays === undefined ? {} : { archiveDays }),
      })),
      schedules,
      logDays: 30,
      ...(this.standby ? { standby: "standby" } : {}),
    };
  }

  /** Starts the agent. One that was stopped keeps its records. */
  async startAgent(backups: BackupSettings = this.settings()): Promise<Agent> {
    const records = this.volume("records");
    await engine.createVolume({ Name: records });
    if (!this.made.some((one) => (one as { name?: string }).name === records)) {
      this.made.push(engine.getVolume(records));
    }
    await this.makeDrillVolume();
    const name = `${this.lab.name}-agent-${randomBytes(2).toString("hex")}`;
    const binds = [
      `${this.volume("conf")}:${pgBackRestPaths.conf}:ro`,
      `${this.volume("repositories")}:${pgBackRestPaths.repositories}`,
      `${this.primary.name}:${dataFolder("primary")}:ro`,
      `${this.volume("primary-socket")}:${socketFolder("primary")}`,
      `${records}:/var/lib/laterbase/records`,
      `${this.drillVolume}:${drillPaths.volume}`,
      ...(this.standby
        ? [
            `${this.standby.name}:${dataFolder("standby")}:ro`,
            `${this.volume("standby-socket")}:${socketFolder("standby")}`,
          ]
        : []),
    ];
    const container = await engine.createContainer({
      name,
      Image: await buildAgent(this.major),
      Cmd: ["serve"],
      User: "999",
      HostConfig: {
        Binds: binds,
        NetworkMode: this.lab.name,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        Init: true,
      },
    });
    this.made.push(container);
    const config: AgentConfig = {
      stack,
      major: this.major,
      timeZone: "Etc/UTC",
      primary: { name: "primary", host: "primary", port: 5432 },
      backups,
    };
    await container.putArchive(
      archive({ "agent.json": JSON.stringify(config), "manifest-key": "the lab's key" }),
      { path: "/etc/laterbase" },
    );
    await container.start();
    this.agent = new Agent(name, container);
    return this.agent;
  }

  private get drillVolume(): string {
    return this.volume("drill");
  }

  /** By default as large as the disk. */
  private async makeDrillVolume(): Promise<void> {
    if (this.made.some((one) => (one as { name?: string }).name === this.drillVolume)) return;
    const o = `size=${this.drillMegabytes}m,uid=999,gid=999,mode=0700`;
    const small = { type: "tmpfs", device: "tmpfs", o };
    await engine.createVolume({
      Name: this.drillVolume,
      ...(this.drillMegabytes === undefined ? {} : { DriverOpts: small }),
    });
    this.made.push(engine.getVolume(this.drillVolume));
  }

  /** Waits until the agent has made a record that fits. */
  async record(
    job: BackupJob,
    fits: (record: JobRecord) => boolean = () => true,
    seconds = 300,
  ): Promise<JobRecord> {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(300)) {
      const record = await this.agent.record(backupRecords[job]).catch(() => undefined);
      if (record && fits(record)) return record;
    }
    throw new Error(`no record of ${job} fits\n${(await this.agent.log()).slice(-4000)}`);
  }

  /** Runs a job as an operator does, and returns its record, also of a failure. */
  async run(job: BackupJob, ...words: string[]): Promise<JobRecord> {
    const command: Partial<Record<BackupJob, string>> = {
      check: "check-backups",
      verify: "verify-backups",
      drill: "drill",
      maintenance: "maintain-backups",
    };
    const named = command[job] ?? "backup";
    const type = named === "backup" ? ["--type", job] : [];
    const answer = await this.agent.ask(named, ...type, ...words);
    const record = await this.agent.record(backupRecords[job]).catch(() => undefined);
    if (!record) throw new Error(`${answer.stdout}${answer.stderr}\n${await this.agent.log()}`);
    return record;
  }

  async list(): Promise<ListedRepository[]> {
    const { code, stdout, stderr } = await this.agent.ask("list-backups");
    if (code !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as ListedRepository[];
  }

  /**
   * Restores by bare pgBackRest into a volume of its own, starts PostgreSQL there, and answers queries. Nothing
   * of the agent takes part.
   */
  async restored<T>(words: string[], work: (sql: Box["sql"]) => Promise<T>): Promise<T> {
    const volume = `${this.lab.name}-restored-${randomBytes(2).toString("hex")}`;
    await engine.createVolume({ Name: volume });
    this.made.push(engine.getVolume(volume));
    const container = await this.container(
      volume.slice(this.lab.name.length + 1),
      ["sleep", "infinity"],
      [
        `${this.volume("conf")}:${pgBackRestPaths.conf}:ro`,
        `${this.volume("repositories")}:${pgBackRestPaths.repositories}`,
        `${volume}:${dataFolder("primary")}`,
      ],
    );
    const box = new Box(volume, "primary", container);
    try {
      await box.bash(
        `mkdir -m 0700 ${data("primary")} && pgbackrest --stanza=main --archive-mode=off ${words.join(" ")} restore && ` +
          `pg_ctl -D ${data("primary")} -w -t 60 -l /tmp/log start -o "-c listen_addresses= -c unix_socket_directories=${socketFolder("primary")}" || { cat /tmp/log; exit 1; }`,
      );
      for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200)) {
        if ((await box.sql("SELECT pg_is_in_recovery()").catch(() => "t")) === "f") break;
      }
      return await work((query, database) => box.sql(query, database));
    } finally {
      await container.remove({ force: true }).catch(() => undefined);
    }
  }

  /** Where a file of this stanza is in a posix repository. */
  path(...parts: string[]): string {
    return [posixRepository(1), ...parts].join("/");
  }

  private volume(name: string): string {
    return `${this.lab.name}-${name}`;
  }

  private async container(name: string, Cmd: string[], Binds: string[]): Promise<Docker.Container> {
    const container = await engine.createContainer({
      name: `${this.lab.name}-${name}`,
      Image: (await build(this.major)).tag,
      Cmd,
      HostConfig: { Binds, NetworkMode: this.lab.name, Init: true },
    });
    this.made.push(container);
    await container.start();
    return container;
  }

  async dispose(): Promise<void> {
    const containers = this.made.filter((one) => "start" in one);
    const rest = this.made.filter((one) => !("start" in one));
    for (const one of containers) await one.remove({ force: true }).catch(() => undefined);
    // The servers use these volumes too.
    await this.lab.dispose();
    for (const one of rest) await one.remove({ force: true }).catch(() => undefined);
  }
}
