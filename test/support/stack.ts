import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pRetry from "p-retry";
import { Client } from "pg";
import { stringify } from "yaml";
import type { ExportedState } from "../../scripts/cli/stack/exportedState";
import { passwordIn } from "../../scripts/cli/stack/superuser";
import { ok, type Ran, run } from "./process";

const project = resolve(__dirname, "../..");

/** Removes what a stack has left on the engine: containers, volumes and networks with its label. */
export async function removeLabelled(stack: string): Promise<void> {
  const label = `label=laterbase.stack=${stack}`;
  for (const kind of ["container", "volume", "network"]) {
    const all = kind === "container" ? ["--all"] : [];
    const left = await ok("docker", [kind, "ls", ...all, "--quiet", "--filter", label]);
    const ids = left.split("\n").filter(Boolean);
    const force = kind === "network" ? [] : ["--force"];
    if (ids.length > 0) await ok("docker", [kind, "rm", ...force, ...ids]);
  }
}

/**
 * A stack of the real program with its own state, passphrase and names, so that it runs beside others.
 * `pulumi config set --secret` writes its secrets.
 */
export class Stack {
  readonly folder = mkdtempSync(join(tmpdir(), "laterbase-"));
  protected readonly file = join(this.folder, "stack.yaml");

  private program = project;

  constructor(readonly name: string) {
    mkdirSync(join(this.folder, "state"));
  }

  /** The name of one of its containers. */
  container(role: string): string {
    return `laterbase-${this.name}-${role}`;
  }

  /** Writes the configuration. `secrets` has values by path, which are written encrypted. */
  async configure(
    config: Record<string, unknown>,
    secrets: Record<string, string> = {},
  ): Promise<void> {
    const keys = Object.entries(config).map(([key, value]) => [`laterbase:${key}`, value]);
    if (!existsSync(this.file)) await this.initialise();
    writeFileSync(this.file, stringify({ config: Object.fromEntries(keys) }));
    for (const [path, value] of Object.entries(secrets)) {
      const set = ["config", "set", "--secret", "--path", `laterbase:${path}`];
      await this.must(set, { input: value });
    }
  }

  /** Changes the text of the stack file. */
  edit(change: (text: string) => string): void {
    writeFileSync(this.file, change(readFileSync(this.file, "utf8")));
  }

  /** Runs a command in one of its containers, whatever its exit code. */
  inContainer(role: string, words: readonly string[]): Promise<Ran> {
    return run("docker", ["exec", this.container(role), ...words]);
  }

  /** Runs the program of this folder from now on. Default: this checkout. */
  use(program = project): void {
    this.program = program;
  }

  up(...args: string[]): Promise<string> {
    return this.must(["up", "--yes", "--skip-preview", ...args]);
  }

  preview(...args: string[]): Promise<string> {
    return this.must(["preview", ...args]);
  }

  destroy(...args: string[]): Promise<string> {
    return this.must(["destroy", "--yes", "--skip-preview", ...args]);
  }

  async outputs<T = any>(): Promise<T> {
    return JSON.parse(await this.must(["stack", "output", "--json", "--show-secrets"])) as T;
  }

  /**
   * The outputs, with the superuser's login in the URIs of `connections`.
   *
   * @param login of an external primary. Default: that of the managed one, from the state
   */
  async outputsOfSuperuser<T = any>(login?: { name: string; password: string }): Promise<T> {
    const { connections, ...others } = await this.outputs<{
      connections: Record<string, Record<string, unknown>>;
    }>();
    const { name, password } = login ?? (await this.superuser());
    const user = [name, password].map(encodeURIComponent).join(":");
    const uris = Object.entries(connections).map(([database, ways]) => [
      database,
      Object.fromEntries(
        Object.entries(ways).flatMap(([way, uri]) =>
          typeof uri === "string"
            ? [[way, uri.replace(/^postgresql:\/\/([^@/]*@)?/, `postgresql://${user}@`)]]
            : [],
        ),
      ),
    ]);
    return { ...others, connections: Object.fromEntries(uris) } as T;
  }

  /** The superuser's login of the managed primary, as the operator's command reads it from the state. */
  async superuser(): Promise<{ name: string; password: string }> {
    const text = await this.must(["stack", "export", "--show-secrets"]);
    return { name: "postgres", password: passwordIn(JSON.parse(text) as ExportedState) ?? "" };
  }

  state(): Promise<string> {
    return this.must(["stack", "export"]);
  }

  /** The clear text of every password that the stack generated. */
  async generatedPasswords(): Promise<string[]> {
    return Object.values(await this.passwordsByName());
  }

  /** The same by the names of their resources. */
  async passwordsByName(): Promise<Record<string, string>> {
    const text = await this.must(["stack", "export", "--show-secrets"]);
    const { deployment } = JSON.parse(text) as {
      deployment: {
        resources: { type: string; urn: string; outputs: { result: { plaintext: string } } }[];
      };
    };
    const all = deployment.resources.filter(
      ({ type }) => type === "random:index/randomPassword:RandomPassword",
    );
    return Object.fromEntries(
      all.map(({ urn, outputs }) => [
        urn.slice(urn.lastIndexOf("::") + 2),
        JSON.parse(outputs.result.plaintext) as string,
      ]),
    );
  }

  /** Runs any other command of the CLI, which must succeed. */
  async must(args: string[], options: { input?: string } = {}): Promise<string> {
    const ran = await this.pulumi(args, options);
    if (ran.code === 0) return ran.stdout;
    throw new Error(`pulumi ${args.join(" ")} ended with ${ran.code}:\n${ran.stdout}${ran.stderr}`);
  }

  /** Runs the CLI, whatever its exit code. */
  pulumi(
    args: string[],
    options: { input?: string; env?: Record<string, string> } = {},
  ): Promise<Ran> {
    const file = ["up", "preview", "destroy", "config"].includes(args[0]!)
      ? ["--config-file", this.file]
      : [];
    return run("pulumi", [...args, ...file, "--stack", this.name, "--non-interactive"], {
      cwd: this.program,
      seconds: 900,
      ...options,
      env: { ...this.env, ...options.env },
    });
  }

  /** Runs what `npm run pulumi -- up|preview|destroy` runs, whatever its exit code. */
  wrapped(command: "up" | "preview" | "destroy", ...args: string[]): Promise<Ran> {
    const file = ["--stack", this.name, "--config-file", this.file];
    const words = ["--require", "tsx/cjs", "scripts/wrapper/main.ts", command, ...file, ...args];
    // It notes there which program was applied.
    const env = { ...this.env, XDG_DATA_HOME: join(this.folder, "data") };
    return run("node", words, { cwd: project, env, seconds: 900 });
  }

  /** A file of pgBackRest's configuration, as the primary sees it. */
  configurationOf(name: string): Promise<string> {
    const file = `/etc/pgbackrest/${name}`;
    return ok("docker", ["exec", this.container("primary"), "cat", file]);
  }

  /** Runs a script in the volume of pgBackRest's configuration, as a person with access to the engine could. */
  async editConfiguration(script: string): Promise<void> {
    const inspect = ["inspect", "--format", "{{.Config.Image}}", this.container("primary")];
    const image = (await ok("docker", inspect)).trim();
    const volume = `${this.container("pgbackrest-conf")}:/etc/pgbackrest`;
    const place = ["--rm", "--network", "none", "--volume", volume, "--workdir", "/etc/pgbackrest"];
    await ok("docker", ["run", ...place, "--entrypoint", "bash", image, "-ec", script]);
  }

  /** What pgBackRest in the agent says of a stanza. */
  async stanza(name: string): Promise<any> {
    const words = ["pgbackrest", `--stanza=${name}`, "info", "--output=json"];
    const printed = await ok("docker", ["exec", this.container("agent"), ...words]);
    return JSON.parse(printed)[0];
  }

  /** Runs an operator's command, whatever its exit code. */
  laterbase(...args: string[]): Promise<Ran> {
    return this.piped("", ...args);
  }

  /** The same with something on its standard input. */
  piped(input: string, ...args: string[]): Promise<Ran> {
    const words = [
      "--require",
      "tsx/cjs",
      "scripts/cli/laterbase.ts",
      "--stack",
      this.name,
      ...args,
    ];
    // `up`, which some commands run, notes there which program was applied.
    const data = { XDG_DATA_HOME: join(this.folder, "data") };
    const env = { ...this.env, ...data, LATERBASE_STACK_FILE: this.file };
    return run("node", words, { cwd: project, env, input });
  }

  /** Destroys what is left, with volumes and data, and forgets the state. */
  async remove(): Promise<void> {
    await this.pulumi(["state", "unprotect", "--all", "--yes"]);
    const ran = await this.pulumi(["destroy", "--yes", "--skip-preview"]);
    await removeLabelled(this.name);
    rmSync(this.folder, { recursive: true, force: true });
    if (ran.code !== 0)
      throw new Error(`destroy of ${this.name} failed:\n${ran.stdout}${ran.stderr}`);
  }

  /** The environment of its CLI. */
  get env(): Record<string, string> {
    return {
      PULUMI_BACKEND_URL: `file://${join(this.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "of a test",
      PULUMI_CONFIG_PASSPHRASE_FILE: "",
      PULUMI_STACK: "",
    };
  }

  /** In its own folder, because `stack init` writes a stack file into the current one. */
  private async initialise(): Promise<void> {
    copyFileSync(join(project, "Pulumi.yaml"), join(this.folder, "Pulumi.yaml"));
    await ok("pulumi", ["stack", "init", this.name, "--no-select", "--non-interactive"], {
      cwd: this.folder,
      env: this.env,
    });
  }
}

/** One connection for one question. */
export async function sql<Row extends object = any>(uri: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: uri, connectionTimeoutMillis: 10_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

/**
 * A checksum of every row of every table of a database, by table. On a standby, replay may cancel
 * the query (SQLSTATE 40001), such as for a vacuum on the primary; then it is asked again.
 */
export function checksums(uri: string): Promise<Record<string, string>> {
  return pRetry(() => checksumsOnce(uri), {
    retries: 5,
    shouldRetry: ({ error }) => (error as { code?: string }).code === "40001",
  });
}

async function checksumsOnce(uri: string): Promise<Record<string, string>> {
  const tables = await sql<{ name: string }>(
    uri,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema') order by 1`,
  );
  const sums: Record<string, string> = {};
  for (const { name } of tables) {
    const [row] = await sql<{ rows: string; sum: string }>(
      uri,
      `select count(*) as rows, md5(string_agg(md5(t::text), '' order by md5(t::text))) as sum
         from ${name} t`,
    );
    sums[name] = `${row!.rows} rows, ${row!.sum}`;
  }
  return sums;
}

/** The WAL position that a standby with everything committed until now has reached. */
export async function position(uri: string): Promise<string> {
  const [row] = await sql<{ lsn: string }>(uri, "select pg_current_wal_flush_lsn()::text as lsn");
  return row!.lsn;
}

/** Whether a standby has replayed up to a position. */
export async function replayed(uri: string, lsn: string): Promise<boolean> {
  const [row] = await sql<{ done: boolean }>(
    uri,
    `select pg_last_wal_replay_lsn() >= '${lsn}' as done`,
  );
  return row!.done;
}
