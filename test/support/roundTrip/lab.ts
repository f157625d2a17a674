import { Client, type ClientConfig } from "pg";
import type { ListedDump } from "../../../contract/agentReplies";
import { type Agent, AgentLab } from "../agentLab";
import { caughtUp } from "../imageLab";
import { documentedKinds, kindOf } from "../tocKinds";
import { laterbase, type Outcome } from "../operator";
import { literal, quoted } from "./place";
import { differences, sequencesOf, type Server, type State, stateOf } from "./state";

export type Source = "primary" | "standby";

/** The roles that own and are granted. The first one is the superuser. */
export const ROLES = ["postgres", "rt_alice", "rt Böb", `rt "q"'s`, "RT_UPPER"] as const;

const KINDS = documentedKinds();

/** A primary, its standby, and an agent for each of them that dumps and restores. */
export class RoundTripLab {
  private readonly lab: AgentLab;
  /** The kinds of entries that were in the dumps so far. */
  readonly kinds = new Set<string>();
  private readonly agents = new Map<Source, Agent>();
  private server!: Server;
  private superuser!: Client;

  constructor(readonly major: number) {
    this.lab = new AgentLab(major);
  }

  async open(): Promise<this> {
    await this.lab.open({ conf: "wal_level = logical\nmax_prepared_transactions = 2" });
    await this.lab.primary.sql(
      ROLES.slice(1)
        .map((role) => `CREATE ROLE ${quoted(role)};`)
        .join(" "),
    );
    for (const source of ["standby", "primary"] as const) {
      const agent = await this.lab.agent(this.lab.config({ source }));
      this.agents.set(source, await agent.ready());
    }
    const login = await this.login("primary");
    this.server = {
      major: this.major,
      login,
      pgDump: async (options, words) => {
        const server = ["-h", "/run/pg/primary", "-U", "postgres"];
        const ran = await this.lab.primary.exec(
          "env",
          `PGOPTIONS=${options}`,
          "pg_dump",
          ...server,
          ...words,
        );
        if (ran.code !== 0) throw new Error(ran.stderr);
        return ran.stdout;
      },
    };
    this.superuser = new Client({ ...login, database: "postgres" });
    await this.superuser.connect();
    return this;
  }

  async close(): Promise<void> {
    await this.superuser?.end().catch(() => undefined);
    await this.lab.dispose();
  }

  /** Makes a database. `last` is applied at the end, from another database. */
  async make(
    database: string,
    create: string,
    contents: readonly string[],
    last: readonly string[],
  ) {
    await this.superuser.query(`CREATE DATABASE ${quoted(database)} TEMPLATE template0 ${create}`);
    const session = new Client({ ...this.server.login, database });
    await session.connect();
    try {
      for (const statement of contents) await run(session, statement);
    } finally {
      await session.end();
    }
    for (const statement of last) await run(this.superuser, statement);
  }

  /** Makes a database of a file of psql. `:db` in it is the name. */
  async makeByPsql(database: string, create: string, file: string): Promise<void> {
    await this.superuser.query(`CREATE DATABASE ${quoted(database)} TEMPLATE template0 ${create}`);
    const { primary } = this.lab;
    const connection = `dbname=${literal(database)}`;
    const answer = await primary.exec(
      ...[
        "bash",
        "-c",
        'PGCLIENTENCODING=UTF8 psql -XAtqv ON_ERROR_STOP=1 -v db="$1" -h /run/pg/primary -U postgres -d "$2" <<<"$3"',
      ],
      ...["-", database, connection, file],
    );
    if (answer.code !== 0) throw new Error(answer.stderr);
  }

  /**
   * Dumps a database from the standby and restores it beside itself, or from the primary and in place.
   * Returns a line for everything that did not come back equal.
   */
  async roundTrip(database: string, source: Source): Promise<string[]> {
    const inPlace = source === "primary";
    const before = await this.expected(database, source);
    const outcome = await this.dumpAndRestore(database, source, inPlace);
    if (!outcome.result) return [`${source}: ${outcome.error}`];
    const { result } = outcome;
    const restored = result["database"] as string | undefined;
    if (restored === undefined) return [`${source}: ${outcome.error} ${JSON.stringify(result)}`];
    const after = await stateOf(this.server, restored);
    const found = [
      ...(outcome.error === undefined ? [] : [outcome.error]),
      ...result["differences"].map((line: string) => `the agent says: ${line}`),
      ...differences(before, after),
    ].map((line) => `${source}: ${line}`);
    await this.drop(result["replaced"]?.kept ?? restored);
    return found;
  }

  private async dumpAndRestore(
    database: string,
    source: Source,
    inPlace: boolean,
  ): Promise<Outcome> {
    const dumped = await this.ask(source, "dump", "--", database);
    if (dumped.error) return { error: `dump: ${dumped.error}`, progress: [] };
    const listed = await this.ask(source, "list-dumps", "--", database);
    const [dump] = listed.result as unknown as ListedDump[];
    if (dump?.source !== source) {
      const log = (await this.agents.get(source)!.log()).slice(-2000);
      const why = listed.error ?? `a dump from the ${dump?.source} is listed\n${log}`;
      return { error: `list-dumps: ${why}`, progress: [] };
    }
    await this.readKinds(source, dump.id);
    const where = inPlace ? ["--in-place", "--yes"] : [];
    return this.ask(source, "restore-dump", dump.id, ...where);
  }

  /** Every entry of a dump must be of a kind that the documentation has. */
  private async readKinds(source: Source, id: string): Promise<void> {
    const agent = this.agents.get(source)!;
    const listed = await agent.exec("bash", "-c", 'pg_restore -l "/backups/$1"/*.backup', "-", id);
    if (listed.code !== 0) throw new Error(listed.stderr);
    for (const line of listed.stdout.split("\n").filter((text) => /^\d+; \d+ \d+ /.test(text))) {
      const kind = kindOf(line, KINDS);
      if (kind === undefined) throw new Error(`docs/round-trip.md has no row for ${line}`);
      this.kinds.add(kind);
    }
  }

  /** What has to come back. A standby has no rows of unlogged tables, and may be ahead in sequences. */
  private async expected(database: string, source: Source): Promise<State> {
    const state = await stateOf(this.server, database);
    if (source === "primary") return state;
    await caughtUp(this.lab.primary, this.lab.standby);
    const session = new Client({
      ...(await this.login("standby")),
      database,
      options:
        "-c role=none -c default_transaction_isolation=read\\ committed -c statement_timeout=0",
    });
    await session.connect();
    try {
      return {
        ...state,
        rows: { ...state.rows, ...(await this.unlogged(session)) },
        sequences: await sequencesOf(session),
      };
    } finally {
      await session.end();
    }
  }

  private async unlogged(session: Client): Promise<State["rows"]> {
    const { rows } = await session.query<{ schema: string; name: string }>(
      `SELECT nspname AS schema, relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
        WHERE relpersistence = 'u' AND relkind = 'r'`,
    );
    return Object.fromEntries(
      rows.map(({ schema, name }) => [`${quoted(schema)}.${quoted(name)}`, NO_ROWS]),
    );
  }

  async drop(database: string): Promise<void> {
    const name = quoted(database);
    const { rowCount } = await this.superuser.query("SELECT FROM pg_database WHERE datname = $1", [
      database,
    ]);
    if (!rowCount) return;
    await this.superuser.query(`ALTER DATABASE ${name} IS_TEMPLATE false`);
    await this.superuser.query(`DROP DATABASE ${name} WITH (FORCE)`);
  }

  /** Drops the databases whose names begin so. */
  async dropAll(beginning: string): Promise<void> {
    const { rows } = await this.superuser.query<{ name: string }>(
      "SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)",
      [beginning],
    );
    for (const { name } of rows) await this.drop(name);
  }

  private ask(source: Source, ...words: string[]): Promise<Outcome> {
    const uri = `postgresql://postgres:${encodeURIComponent(this.password)}@primary:5432/app`;
    return laterbase(this.agents.get(source)!.name, uri, words);
  }

  private get password(): string {
    return this.lab.role.superuser ? this.lab.password : this.lab.lab.secrets.superuser;
  }

  private async login(role: Source): Promise<ClientConfig> {
    const { Networks } = (await this.lab[role].container.inspect()).NetworkSettings;
    const host = Networks[this.lab.lab.name]!.IPAddress;
    return { host, user: "postgres", password: this.password };
  }
}

const NO_ROWS = "0 e3b0c44298fc1c14";

async function run(session: Client, statement: string): Promise<void> {
  await session.query(statement).catch((error: unknown) => {
    throw new Error(`${(error as Error).message} in ${statement}`);
  });
}
