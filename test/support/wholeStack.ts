import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { PgAdminPage } from "./pgAdminPage";
import { ok, until } from "./process";
import { checksums, position, replayed, sql, Stack } from "./stack";

interface Run {
  job: string;
  trigger: string;
  result: string;
  detail: string;
  startedAt: string;
  databases?: { database: string; source: string }[];
}

type Uris = Record<"direct" | "pooled" | "standby", string>;

interface Outputs {
  connections: Record<string, Uris>;
  pooler: { port: number; admin: { name: string; password: string } };
  pgAdmin: { url: string; email: string; password: string; servers: { name: string }[] };
  duplicati: { url: string; password: string; passphrase: string };
}

/** A stack with every part, around a managed primary: what its clients see, and what its agent did. */
export class WholeStack extends Stack {
  /** The outputs after the last `apply`. */
  known!: Outputs;

  constructor(
    name: string,
    readonly database: string,
  ) {
    super(name);
  }

  /** Runs `up` and reads the outputs. */
  async apply(...args: string[]): Promise<void> {
    await this.up(...args);
    // What tests do there is the superuser's work.
    this.known = await this.outputsOfSuperuser<Outputs>();
  }

  get uris(): Uris {
    return this.known.connections[this.database]!;
  }

  /** The address of a database on the primary. */
  direct(database: string): string {
    return this.uris.direct.replace(/[^/]*$/, encodeURIComponent(database));
  }

  /** Expects every row committed until now on the standby. */
  async same(): Promise<void> {
    const { direct, standby } = this.uris;
    const lsn = await position(direct);
    await until(`the standby has replayed ${lsn}`, () => replayed(standby, lsn));
    expect(await checksums(standby)).toEqual(await checksums(direct));
  }

  /** What tells one clone of the primary from the next. */
  clone(): Promise<string> {
    const file = "/var/lib/postgresql/standby/data/PG_VERSION";
    return ok("docker", ["exec", this.container("standby"), "stat", "-c", "%W %i", file]);
  }

  inAgent(script: string): Promise<string> {
    return ok("docker", ["exec", this.container("agent"), "bash", "-c", script]);
  }

  /** The runs of a job that the agent has recorded, the oldest first. */
  async runs(job: string): Promise<Run[]> {
    const file = `/var/lib/laterbase/records/${job}.log.jsonl`;
    const log = await this.inAgent(`cat ${file} 2>/dev/null || true`);
    return log
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Run);
  }

  /** Runs an operator's command that must succeed, and returns the value that it prints. */
  async command<T = any>(...args: string[]): Promise<T> {
    const { code, stdout, stderr } = await this.laterbase("--json", ...args);
    if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}: ${stdout}\n${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** The names of Duplicati's jobs and what each keeps, by its own API. */
  async retention(): Promise<[string, string | undefined][]> {
    const { url, password } = this.known.duplicati;
    const api = `${url}/api/v1`;
    const login = await fetch(`${api}/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ Password: password, RememberMe: false }),
    });
    const { AccessToken: token } = (await login.json()) as { AccessToken: string };
    const headers = { authorization: `Bearer ${token}` };
    const list = (await (await fetch(`${api}/backups`, { headers })).json()) as any[];
    return Promise.all(
      list.map(async ({ Backup: { ID } }): Promise<[string, string | undefined]> => {
        const one: any = await (await fetch(`${api}/backup/${ID}`, { headers })).json();
        const { Name, Settings } = one.data?.Backup ?? one.Backup;
        const policy = Settings.find((setting: any) => setting.Name === "retention-policy");
        return [Name, policy?.Value];
      }),
    );
  }

  /** A dump of the database from the newest archive, as base64. The tools are those of the image that runs. */
  async archivedDump(): Promise<string> {
    const { passphrase } = this.known.duplicati;
    const duplicati = this.container("duplicati");
    const image = await ok("docker", ["inspect", "--format", "{{.Config.Image}}", duplicati]);
    if (!image.includes("stand-in")) {
      const restore = `read -r PASSPHRASE && export PASSPHRASE && back=$(mktemp -d) &&
        duplicati-cli restore file:///archive '*${this.database}.backup' --restore-path="$back" --no-local-db=true >&2 &&
        find "$back" -name ${this.database}.backup | sort | tail -n 1 | xargs base64`;
      const input = `${passphrase}\n`;
      return ok("docker", ["exec", "-i", duplicati, "bash", "-c", restore], { input });
    }
    const newest = 'base64 "$(ls -t /archive/duplicati-*.tar.gz.aes | head -n 1)"';
    const archive = await ok("docker", ["exec", duplicati, "bash", "-c", newest]);
    // An archive has every dump that was there. Their folders are named after their time.
    const unpack = `set -euo pipefail; tar=$(mktemp); trap 'rm -f "$tar"' EXIT
      base64 -d | openssl enc -d -aes-256-cbc -pbkdf2 -iter 100000 -pass env:PASSPHRASE | gunzip > "$tar"
      newest=$(tar -tf "$tar" | grep '/${this.database}.backup$' | sort | tail -n 1)
      tar -xOf "$tar" "$newest" | base64`;
    return ok("bash", ["-c", unpack], { input: archive, env: { PASSPHRASE: passphrase } });
  }

  /** What a server of pgAdmin's page answers when it is asked whether it is a standby. */
  async asked(server: string): Promise<string[]> {
    const page = await PgAdminPage.open(this.known.pgAdmin);
    try {
      return await page.query(server, "select pg_is_in_recovery()");
    } finally {
      await page.close();
    }
  }

  /** The size of a pool, by the pooler's console. */
  async poolSize(entry: string): Promise<string | undefined> {
    const { name, password } = this.known.pooler.admin;
    // By psql, because the console does not know the question that pg asks first.
    const found = await ok("docker", [
      ...["exec", this.container("primary"), "psql", "-XAtq"],
      `postgresql://${name}:${password}@pooler:6432/pgbouncer`,
      ...["-F", " ", "-c", "SHOW DATABASES"],
    ]);
    const line = found.split("\n").find((one) => one.startsWith(`${entry} `));
    // Name, host, port, database, forced user, size.
    return line?.split(" ")[5];
  }

  /** Acts while thirty clients of the pooler work, and expects each of their commits to be there. */
  async underLoad(act: () => Promise<unknown>): Promise<void> {
    const { direct, pooled } = this.uris;
    await sql(direct, "update counters set n = 0");
    const load = new Load(pooled, 30);
    try {
      await sleep(1000);
      await act();
      await sleep(1000);
    } finally {
      await load.stop();
    }
    expect(load.errors).toEqual([]);
    const [row] = await sql(this.uris.direct, "select sum(n)::int as n from counters");
    expect([row.n, load.done > 100]).toEqual([load.done, true]);
  }
}

/** One client after the other asks a server, ten times a second, until `end`. */
export class Readers {
  private failed = 0;
  private done = 0;
  private running = true;
  private readonly loop: Promise<void>;

  constructor(private readonly uri: string) {
    this.loop = this.read();
  }

  /** The share of them that could not read. */
  async end(): Promise<number> {
    this.running = false;
    await this.loop;
    return this.failed / (this.failed + this.done);
  }

  private async read(): Promise<void> {
    while (this.running) {
      await sql(this.uri, "select 1").then(
        () => this.done++,
        () => this.failed++,
      );
      await sleep(100);
    }
  }
}

/** Clients of the pooler. Each runs one transaction after the other until `stop`. */
class Load {
  readonly errors: string[] = [];
  done = 0;
  private running = true;
  private readonly loops: Promise<void>[];

  constructor(uri: string, clients: number) {
    this.loops = Array.from({ length: clients }, (_, id) => this.loop(uri, id));
  }

  private async loop(uri: string, id: number): Promise<void> {
    const client = new Client({ connectionString: uri });
    client.on("error", (error) => this.errors.push(error.message));
    try {
      await client.connect();
      while (this.running) {
        await client.query("begin");
        await client.query("update counters set n = n + 1 where id = $1", [id]);
        await client.query("commit");
        this.done++;
        await sleep(20);
      }
    } catch (error) {
      this.errors.push((error as Error).message);
    }
    await client.end().catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.loops);
  }
}
