import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { postgresImage } from "../../images/build/postgres";
import { connect } from "../../scripts/engine/connect";
import { ok, type Ran, run, until } from "./process";

/** Difficult on purpose: spaces, quotes, colons, backslashes and letters beyond ASCII. */
export const superuser = "pöst gres";
export const superuserPassword = `sup:er\\se'cret "ü$x`;
export const dataDirectory = "/var/lib/postgresql/my data";

/** The image of a major, built when it is not there yet. */
export async function builtImage(major: number): Promise<string> {
  const { tag, context, buildArgs } = postgresImage(major);
  const known = await connect()
    .getImage(tag)
    .inspect()
    .then(
      () => true,
      () => false,
    );
  if (known) return tag;
  const args = Object.entries(buildArgs).flatMap(([key, value]) => [
    "--build-arg",
    `${key}=${value}`,
  ]);
  await ok("docker", ["build", "-q", "-t", tag, ...args, context], {
    env: { DOCKER_BUILDKIT: "0" },
  });
  return tag;
}

export interface StrangerOptions {
  /** Extra arguments of `docker run`. */
  docker?: string[];
  /** Lines of postgresql.conf. */
  conf?: string[];
  /** Extra words of `initdb`. */
  initdb?: string;
  /** Extra arguments of `docker network create`. */
  network?: string[];
  /** The path of pg_hba.conf in the container. Default: in the data directory. */
  hbaFile?: string;
}

/** Another owner's PostgreSQL in a container of its own, on a network of its own. */
export class Stranger {
  readonly name = `lbt-primary-${randomBytes(4).toString("hex")}`;
  image = "";
  readonly hbaFile: string;

  constructor(
    readonly major: number,
    private readonly options: StrangerOptions = {},
  ) {
    this.hbaFile = options.hbaFile ?? `${dataDirectory}/pg_hba.conf`;
  }

  async start(): Promise<this> {
    this.image = await builtImage(this.major);
    await ok("docker", ["network", "create", ...(this.options.network ?? []), this.name]);
    await ok("docker", [
      ...["run", "-d", "--init", "--name", this.name, "--network", this.name],
      ...["--tmpfs", "/run/conf:uid=999,gid=999,mode=0755"],
      ...(this.options.docker ?? []),
      ...["--entrypoint", "sleep", this.image, "infinity"],
    ]);
    const conf = [
      "listen_addresses = '*'",
      "unix_socket_directories = '/tmp'",
      "log_statement = 'all'",
      "fsync = off",
      `hba_file = '${this.hbaFile}'`,
      ...(this.options.conf ?? []),
    ];
    await this.bash(
      `umask 077; cat >/tmp/pw
       initdb -D "$D" -U "$U" --pwfile=/tmp/pw -A scram-sha-256 -E UTF8 --locale=C.UTF-8 ${this.options.initdb ?? ""} >/dev/null
       printf '*:*:*:*:' >/tmp/pass; sed -e 's/[\\\\:]/\\\\&/g' /tmp/pw >>/tmp/pass; rm /tmp/pw`,
      { input: superuserPassword },
    );
    await this.bash(`cat >>"$D/postgresql.conf"`, { input: `${conf.join("\n")}\n` });
    if (this.hbaFile !== `${dataDirectory}/pg_hba.conf`) {
      await this.bash(`cat >"$H"`, { input: "" });
    }
    await this.writeHba(hba);
    await this.up();
    return this;
  }

  async stop(): Promise<void> {
    await run("docker", ["rm", "-f", "-v", this.name]);
    await run("docker", ["network", "rm", this.name]);
  }

  up = () => this.bash(`pg_ctl -D "$D" -l /tmp/log -w start >/dev/null`);
  down = () => this.bash(`pg_ctl -D "$D" -m immediate -w stop >/dev/null`);
  restart = () => this.bash(`pg_ctl -D "$D" -l /tmp/log -m fast -w restart >/dev/null`);
  log = () => this.bash("cat /tmp/log");

  /** Runs bash inside, by default as the server's user. */
  async bash(script: string, { input = "", user = "postgres" } = {}): Promise<string> {
    return ok("docker", this.exec(["bash", "-euc", script], user), { input });
  }

  /** A script of ours, by bash inside. */
  script(script: string, mode: string): Promise<Ran> {
    return run("docker", this.exec(["bash", "-s", "--", mode]), { input: script });
  }

  /** SQL as the superuser; rows as psql prints them. */
  async sql(text: string): Promise<string> {
    const said = await this.bash(
      `PGPASSFILE=/tmp/pass psql -XqAtw -v ON_ERROR_STOP=1 -h /tmp -U "$U" -d postgres -f -`,
      { input: text },
    );
    return said.trim();
  }

  /** Does something while another session holds the lock that each step takes. */
  async whileLocked<Result>(work: () => Promise<Result>): Promise<Result> {
    const lock = "from pg_locks where locktype = 'advisory' and objid = 7031642 and granted";
    const held = this.sql("select pg_advisory_lock(7031642); select pg_sleep(300)").catch(() => "");
    await until(
      "the lock is held",
      async () => (await this.sql(`select count(*) ${lock}`)) === "1",
    );
    try {
      return await work();
    } finally {
      await this.sql(`select pg_terminate_backend(pid) ${lock}`);
      await held;
    }
  }

  readHba = () =>
    this.bash(`base64 -w0 "$H"`).then((text) => Buffer.from(text, "base64").toString());
  writeHba = (content: string) => this.bash(`cat >"$H"`, { input: content });

  /** Everything that must be unchanged after the last step is undone. */
  async snapshot(): Promise<Record<string, string>> {
    return {
      roles: await this.bash(
        `PGPASSFILE=/tmp/pass pg_dumpall -w -h /tmp -U "$U" --roles-only | grep -v -i restrict`,
      ).then((text) => text),
      databases: await this.sql(
        "select datname, datdba::regrole, datacl, datacl is null from pg_database order by oid",
      ),
      slots: await this.sql("select slot_name, slot_type from pg_replication_slots order by 1"),
      slotWalLimit: await this.sql(
        "select setting, source, sourcefile from pg_settings where name = 'max_slot_wal_keep_size'",
      ),
      files: await this.sql(
        "select sourcefile, name, setting, applied, error from pg_file_settings order by 1, 2, 3",
      ),
      hba: await this.readHba(),
      hbaFile: await this.bash(`stat -c '%A %u %g %h %F' "$H"`),
      largeObjects: await this.sql("select count(*) from pg_largeobject_metadata"),
      folder: await this.bash(`ls -A "$D"; ls -A "$(dirname "$H")"`),
    };
  }

  private exec(command: string[], user = "postgres"): string[] {
    const env = { D: dataDirectory, U: superuser, H: this.hbaFile };
    return [
      ...["exec", "-i", "-u", user, "-w", "/"],
      ...Object.entries(env).flatMap(([key, value]) => ["-e", `${key}=${value}`]),
      ...[this.name, ...command],
    ];
  }
}

/** The file of another owner: tabs, a backslash in a comment, no newline at its end. */
export const hba = [
  "# a comment with a \\ in it",
  "local\tall\t\tall\t\t\t\t\tscram-sha-256",
  "host all all 0.0.0.0/0 scram-sha-256",
  "host replication someone 10.0.0.0/8 reject",
  "# the last line",
].join("\n");

if (!existsSync("images/postgres")) throw new Error("run jest from the project's folder");
