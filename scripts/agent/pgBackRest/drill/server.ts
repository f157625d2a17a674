import { open, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, type ExecaChildProcess } from "execa";
import { drillPaths } from "../../../../contract/pgBackRest";
import { elapsed } from "../../kit/clock";
import type { Context } from "../../kit/context";
import { codeOf, Failure } from "../../kit/failure";
import { runTool } from "../../kit/tools";
import { short } from "./said";
import { rowOf, withSuperuser } from "./sessions";
import { drillHba, drillIdent, type ServerArgs, serverSettings } from "./settings";

const againMs = 200;
const stopMs = 120_000;

/** PostgreSQL's answers while it starts, stops, or is not there yet. */
const notYet = ["57P03", "ENOENT", "ECONNREFUSED", "ECONNRESET", "57P01"];

const program = (major: number, name: string) => `/usr/lib/postgresql/${major}/bin/${name}`;

/** The server that ended before its target. */
export class RecoveryEnded extends Failure {}

/** The PostgreSQL of a drill: one process on the drill's volume, reached over a socket that nobody else can open. */
export class DrillServer {
  private child: ExecaChildProcess | undefined;
  private ended = false;

  constructor(
    private readonly context: Context,
    private readonly signal: AbortSignal,
  ) {}

  /** Starts it on the restored data, with nothing but settings of ours. */
  async start(args: ServerArgs): Promise<void> {
    const { conf, data, log } = drillPaths;
    await writeFile(`${conf}/postgresql.conf`, serverSettings(args), { mode: 0o600 });
    await writeFile(`${conf}/pg_hba.conf`, drillHba, { mode: 0o600 });
    await writeFile(`${conf}/pg_ident.conf`, drillIdent, { mode: 0o600 });
    // Settings of ALTER SYSTEM on the primary, and what pgBackRest has added.
    await writeFile(`${data}/postgresql.auto.conf`, "", { mode: 0o600 });
    await rm(`${data}/postmaster.pid`, { force: true });
    const output = await open(log, "a", 0o600);
    this.signal.throwIfAborted();
    const words = ["-c", `config_file=${conf}/postgresql.conf`];
    this.child = execa(program(args.major, "postgres"), words, {
      ...{ reject: false, stdin: "ignore" as const, stdout: output.fd, stderr: output.fd },
      ...{ cwd: conf, env: { LC_ALL: "C.UTF-8" } },
    });
    const done = () => {
      this.ended = true;
      void output.close().catch(() => undefined);
    };
    void this.child.then(done, done);
  }

  /** Waits until it has replayed to its target, and returns the LSN and the last commit that it has replayed. */
  async reached(): Promise<{ lsn: string; lastCommit?: string }> {
    // Not retry: how long replay takes depends on the WAL, and an error other than "not yet" ends the drill.
    for (; ; await sleep(againMs, undefined, { signal: this.signal })) {
      if (this.ended) throw new RecoveryEnded(await this.lastWords());
      const state = await this.state().catch((error: unknown) => {
        if (notYet.includes(codeOf(error) ?? "")) return undefined;
        throw error;
      });
      if (!state?.paused) continue;
      const { lsn, at } = state;
      return { lsn, ...(at === null ? {} : { lastCommit: at }) };
    }
  }

  private state() {
    const paused =
      this.context.config.major >= 14
        ? "pg_catalog.pg_get_wal_replay_pause_state() = 'paused'"
        : "pg_catalog.pg_is_wal_replay_paused()";
    return this.in("postgres", (client) =>
      rowOf<{ paused: boolean; lsn: string; at: string | null }>(
        client,
        `SELECT ${paused} AS paused, pg_catalog.pg_last_wal_replay_lsn()::text AS lsn,
                pg_catalog.to_char(pg_catalog.pg_last_xact_replay_timestamp() AT TIME ZONE 'UTC',
                                   'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at`,
      ),
    );
  }

  /** Ends the recovery where it is, so that it takes writes. */
  async promote(): Promise<void> {
    const done = await this.in("postgres", (client) =>
      rowOf<{ done: boolean }>(client, "SELECT pg_catalog.pg_promote(true, 300) AS done", 360),
    );
    if (!done.done) throw new Failure("The restored server could not end its recovery.");
  }

  /** A session of the superuser in one of its databases. */
  in<T>(
    database: string,
    work: Parameters<typeof withSuperuser<T>>[2],
    settings?: Readonly<Record<string, string | undefined>>,
  ): Promise<T> {
    const where = { socket: drillPaths.socket, database, signal: this.signal };
    return withSuperuser(this.context, { ...where, ...(settings ? { settings } : {}) }, work);
  }

  /** Stops it so that all of its pages are on the disk. */
  async stop(): Promise<void> {
    this.child?.kill("SIGINT");
    for (const end = elapsed() + stopMs; !this.ended; await sleep(againMs)) {
      this.signal.throwIfAborted();
      if (elapsed() > end) throw new Failure("The restored server did not stop within 120 s.");
    }
  }

  /** Ends it at once, whatever it is doing. */
  async kill(): Promise<void> {
    if (!this.child || this.ended) return;
    this.child.kill("SIGQUIT");
    for (const end = elapsed() + 5000; !this.ended && elapsed() < end; await sleep(50));
    if (!this.ended) this.child.kill("SIGKILL");
    await this.child.catch(() => undefined);
  }

  /** For people: what it said last. Whether it failed is known without it. */
  private async lastWords(): Promise<string> {
    const log = await readFile(drillPaths.log, "utf8").catch(() => "");
    const said = log.split("\n").flatMap((line) => /(?:FATAL|PANIC): +(.+)$/.exec(line)?.[1] ?? []);
    const last = said.findLast((one) => !one.startsWith("the database system is"));
    const why = last === undefined ? "" : ` PostgreSQL says: ${short(last)}`;
    return `The restored server ended before it had replayed to the target.${why}`;
  }
}

/** What pg_controldata says of the restored data. */
export async function controlData({ config }: Context, signal: AbortSignal): Promise<string> {
  const words = ["-D", drillPaths.data];
  return (await runTool(program(config.major, "pg_controldata"), words, { signal })).stdout;
}
