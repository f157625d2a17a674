import { spawn } from "node:child_process";
import { once } from "node:events";
import { containerName, restoredVolume } from "../../contract/names";
import { posixRepository } from "../../contract/pgBackRest";
import { askAgent } from "../../scripts/cli/servers/askAgent";
import { servers } from "../../scripts/cli/servers/servers";
import { main } from "../../scripts/cli/main";
import type { KnownOutputs } from "../../scripts/cli/stack/outputs";
import { connect } from "../../scripts/engine/connect";
import { BackupLab } from "./backupLab";
import { Box, sleep } from "./imageLab";

const engine = connect();

/** What a command printed, and its exit code. */
export interface Ended<Result = Record<string, any>> {
  code: number;
  result: Result;
  progress: string[];
}

/** A moment between two commits, in each form that a target has. */
export interface Moment {
  /** How many rows were there. */
  rows: number;
  time: string;
  xid: string;
  lsn: string;
}

/** A lab with backups, in which the operator's command restores. */
export class RestoreLab {
  readonly backups: BackupLab;

  constructor(readonly major: number) {
    this.backups = new BackupLab(major);
  }

  async open(): Promise<this> {
    await this.backups.open({ standby: false });
    await this.primary.sql(
      `CREATE TABLE moves (n int PRIMARY KEY, xid text DEFAULT pg_current_xact_id()::text);
       CREATE TABLE moments (rows int, time text, xid text, lsn text);
       CREATE TABLE noise (t text)`,
      "app",
    );
    await this.backups.startAgent();
    await this.backups.record("full");
    // Its end is known to the second, and a plan takes the end of that.
    await sleep(1100);
    return this;
  }

  get primary(): Box {
    return this.backups.primary;
  }

  /** What the names of the lab's containers begin with. */
  get prefix(): string {
    return this.backups.lab.name;
  }

  /** The restored server. */
  get restored(): Box {
    const name = containerName(this.prefix, "restored");
    return new Box(name, "primary", engine.getContainer(name));
  }

  get superuser() {
    return { name: "postgres", password: this.backups.lab.secrets.superuser };
  }

  get outputs(): KnownOutputs {
    const { agent } = this.backups;
    return {
      primary: {
        ...{ host: "h", port: 5432, version: this.major, databases: "*" },
        container: this.primary.name,
      },
      backups: {
        stanza: "main",
        repositories: [{ number: 1, type: "posix", location: "lab", encrypted: false }],
        agent: { container: agent.name },
      },
    };
  }

  /** Runs a command of the operator. */
  async laterbase(words: readonly string[], signal?: AbortSignal): Promise<Ended> {
    const progress: string[] = [];
    const printed: string[] = [];
    const code = await main(["--stack", this.prefix, "--json", ...words], {
      readOutputs: () => Promise.resolve(this.outputs),
      readSuperuser: () => Promise.resolve(this.superuser),
      askAgent,
      servers,
      terminal: {
        print: (text) => printed.push(text),
        progress: (line) => progress.push(line),
      },
      ...(signal ? { signal } : {}),
    });
    return { code, result: JSON.parse(printed.join("") || "{}") as Record<string, any>, progress };
  }

  /** The same in a process of its own, which gets SIGKILL when its progress fits. */
  async killed(words: readonly string[], when: RegExp): Promise<void> {
    const child = spawn(
      process.execPath,
      ["--require", "tsx/cjs", `${__dirname}/restoreChild.ts`, ...words],
      {
        env: {
          ...process.env,
          LAB_OUTPUTS: JSON.stringify(this.outputs),
          LAB_STACK: this.prefix,
        },
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    let said = "";
    const seen = new Promise<void>((resolve, reject) => {
      child.stderr.on("data", (chunk: Buffer) => {
        said += chunk.toString();
        if (when.test(said)) resolve();
      });
      child.on("exit", (code) => reject(new Error(`it ended with ${code} before: ${said}`)));
    });
    await seen;
    const over = once(child, "exit");
    child.kill("SIGKILL");
    await over;
  }

  /**
   * Commits rows one after the other, with a moment between each two, while other sessions write too.
   *
   * @param from the number of rows that are there
   */
  async load(from: number, rows: number): Promise<void> {
    const noise = `DO $$ BEGIN FOR i IN 1..${rows * 3} LOOP INSERT INTO noise VALUES (md5(i::text)); COMMIT; END LOOP; END $$`;
    const commits = `DO $$ BEGIN FOR i IN ${from + 1}..${from + rows} LOOP
      INSERT INTO moves VALUES (i); COMMIT;
      PERFORM pg_sleep(0.002);
      INSERT INTO moments SELECT i, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00:00'), xid, pg_current_wal_insert_lsn() FROM moves WHERE n = i;
      COMMIT; END LOOP; END $$`;
    await Promise.all([
      this.primary.sql(commits, "app"),
      this.primary.sql(noise, "app"),
      this.primary.sql(noise, "app"),
    ]);
  }

  /** A moment by the number of rows. */
  async moment(rows: number): Promise<Moment> {
    const row = await this.primary.sql(
      `SELECT to_json(m) FROM moments m WHERE rows = ${rows}`,
      "app",
    );
    return JSON.parse(row) as Moment;
  }

  /** The rows of a server: how many, the first and the last number. */
  rows(box: Box): Promise<string> {
    return box.sql(
      "SELECT count(*) || ' ' || coalesce(min(n), 0) || ' ' || coalesce(max(n), 0) FROM moves",
      "app",
    );
  }

  /** Files of the archive whose names begin so. */
  async archived(begin: string): Promise<string[]> {
    const folder = `${posixRepository(1)}/archive`;
    const found = await this.backups.agent.exec("find", folder, "-name", `${begin}*`);
    return found.stdout.trim().split("\n").filter(Boolean);
  }

  /** Which of a restore's containers and volumes there are. */
  async left(): Promise<string[]> {
    const containers = await engine.listContainers({ all: true });
    const { Volumes } = await engine.listVolumes();
    const names = [
      ...containers.flatMap(({ Names }) => Names.map((name) => name.slice(1))),
      ...(Volumes ?? []).map(({ Name }) => `volume ${Name}`),
    ];
    return names.filter((name) => new RegExp(`${this.prefix}-(restored|restore-work)`).test(name));
  }

  async dispose(): Promise<void> {
    for (const role of ["restored", "restore-work"]) {
      const container = engine.getContainer(containerName(this.prefix, role));
      await container.remove({ force: true }).catch(() => undefined);
    }
    await engine
      .getVolume(restoredVolume(this.prefix))
      .remove()
      .catch(() => undefined);
    await this.backups.dispose();
  }
}
