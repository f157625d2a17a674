import { spawn } from "node:child_process";
import type { RestorePlan } from "../../contract/restorePlan";
import { main } from "../../scripts/cli/main";
import { BackupLab, type BackupLabOptions } from "./backupLab";
import { sleep } from "./imageLab";
import { connectionsOf, type Operated } from "./inPlaceOperator";

const stack = "test";

/** What a command of the operator answered. */
export interface Told {
  code: number;
  /** The JSON on standard output. */
  result: Record<string, any>;
  progress: string[];
}

/** Adds rows one by one, until the primary stops: one session, which costs the machine little. */
const WRITER = `DO $$ BEGIN LOOP
  INSERT INTO written DEFAULT VALUES; COMMIT; PERFORM pg_sleep(0.03);
END LOOP; END $$`;

/** A primary, a standby and an agent that backs up, with the operator's command for all of them. */
export class InPlaceLab extends BackupLab {
  /** With a first full backup, and an empty table for the writer. */
  async prepared(options: BackupLabOptions = {}, scale = 1): Promise<this> {
    await this.open(options);
    await this.primary.bash(`pgbench -h /run/pg/primary -U postgres -i -s ${scale} -q app`);
    await this.primary.sql("CREATE TABLE written (id bigserial PRIMARY KEY)", "app");
    await this.startAgent();
    await this.record("full", ({ result }) => result === "success", 120);
    // pgBackRest notes the end of a backup in whole seconds, and a moment in the same one is refused.
    await sleep(1100);
    return this;
  }

  private operated(): Operated {
    const { primary, standby, agent } = this;
    const address = { host: "127.0.0.1", port: 5433, slot: this.lab.slot };
    return {
      outputs: {
        primary: {
          ...{ host: "127.0.0.1", port: 5432, version: this.major, databases: ["app"] },
          container: primary.name,
        },
        standbys: standby ? { standby: address } : {},
        backups: {
          stanza: "main",
          repositories: this.settings().repositories,
          agent: { container: agent.name },
        },
      },
      standbys: standby ? [["standby", { name: standby.name }]] : [],
    };
  }

  /** Runs `laterbase --json <words>`. */
  async tell(...words: string[]): Promise<Told> {
    const printed: string[] = [];
    const progress: string[] = [];
    const code = await main(
      ["--json", "--stack", stack, ...words],
      connectionsOf(this.operated(), {
        print: (text) => printed.push(text),
        progress: (line) => progress.push(line),
      }),
    );
    return { code, result: JSON.parse(printed.join("") || "{}"), progress };
  }

  /** The same, which must succeed. */
  async told(...words: string[]): Promise<Told> {
    const told = await this.tell(...words);
    if (told.code === 0) return told;
    const log = (await this.primary.log()).slice(-3000);
    throw new Error(
      `exit ${told.code}: ${JSON.stringify(told.result)}\n${told.progress.join("\n")}\n${log}`,
    );
  }

  /** Runs the command as a process of its own, and kills it as soon as a line of its progress fits. */
  async killedAt(line: RegExp, ...words: string[]): Promise<string> {
    const program = ["--require", "tsx/cjs", "test/support/inPlaceOperator.ts"];
    const child = spawn(process.execPath, [
      ...program,
      JSON.stringify(this.operated()),
      ...["--json", "--stack", stack, ...words],
    ]);
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (line.test(said)) child.kill("SIGKILL");
    });
    const signal = await new Promise((resolve) => child.once("close", (_, by) => resolve(by)));
    if (signal !== "SIGKILL") throw new Error(`it was never at ${String(line)}:\n${said}`);
    return said;
  }

  /** Begins to add rows to `written`. It ends with the primary. */
  async write(): Promise<void> {
    const exec = await this.primary.container.exec({
      Cmd: ["psql", "-Xqh", "/run/pg/primary", "-U", "postgres", "-d", "app", "-c", WRITER],
    });
    // An answer that nobody reads keeps its connection, and with it the process of the tests.
    (await exec.start({ Detach: true })).resume();
  }

  /** A moment between two commits of the writer, and the rows that are there then. */
  async moment(): Promise<{ at: string; rows: string }> {
    const answer = await this.primary.sql(
      `BEGIN; LOCK TABLE written IN SHARE MODE;
       SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US+00') || '|' || count(*) || ' ' || coalesce(max(id), 0) FROM written;
       COMMIT`,
      "app",
    );
    const [at = "", rows = ""] = answer.split("|");
    return { at, rows };
  }

  rows(sql = this.primary): Promise<string> {
    return sql.sql("SELECT count(*) || ' ' || coalesce(max(id), 0) FROM written", "app");
  }

  /** Waits until the writer has added more, and all of it is archived. */
  async archived(): Promise<void> {
    const last = Number((await this.rows()).split(" ")[1]);
    for (const end = Date.now() + 20_000; Date.now() < end; await sleep(100)) {
      if (Number((await this.rows()).split(" ")[1]) > last + 3) break;
    }
    const { result, detail } = await this.run("check");
    if (result !== "success") throw new Error(detail);
  }

  async plan(...words: string[]): Promise<RestorePlan> {
    return (await this.told("restore", "--dry-run", ...words)).result as unknown as RestorePlan;
  }

  async timeline(): Promise<number> {
    return Number(
      await this.primary.sql(
        "SELECT ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int",
      ),
    );
  }

  /** Names on the volume of the primary's data that a restore makes. */
  async left(): Promise<string> {
    const list = "cd /var/lib/postgresql/primary && ls -d data* restore* 2>/dev/null | xargs";
    return this.primary.bash(list);
  }

  /** Files of a timeline in the first repository. */
  async filesOf(timeline: number): Promise<string[]> {
    const name = timeline.toString(16).toUpperCase().padStart(8, "0");
    const found = await this.agent.bash(
      `cd ${this.path("archive", "main")} && find . -type f -name '${name}*'`,
    );
    return found.split("\n").filter(Boolean);
  }

  /**
   * Asks the standby for its newest row all the time.
   *
   * @returns what ends it, with the rows that were read since the primary was stopped
   */
  watchStandby(): { stopped(): void; end(): Promise<number[]> } {
    const { standby } = this;
    if (!standby) throw new Error("there is no standby");
    let going = true;
    let after = false;
    const seen: number[] = [];
    const watching = (async () => {
      for (; going; await sleep(50)) {
        const counts = after;
        const newest = await standby
          .sql("SELECT coalesce(max(id), 0) FROM written", "app")
          .catch(() => undefined);
        if (counts && newest !== undefined) seen.push(Number(newest));
      }
    })();
    return {
      stopped: () => (after = true),
      end: async () => {
        going = false;
        await watching;
        return seen;
      },
    };
  }
}
