import { randomBytes } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { ConfigurationFile } from "../../components/pgBackRest/configurationFile";
import { type ConfigurationArgs, renderConfiguration } from "../../components/pgBackRest/render";
import { repositoriesOf } from "../../components/pgBackRest/repositories";
import { backupsSchema } from "../../components/pgBackRest/schema";
import { postgresImage } from "../../images/build";
import { connect } from "../../scripts/engine/connect";
import { builtImage } from "./builtImage";
import { promiseOf } from "./mocks";
import { ok, type Ran, run } from "./process";

const engine = connect();
const bin = "/usr/lib/postgresql/17/bin";
const data = "/var/lib/postgresql/primary/data";
const restored = "/var/lib/postgresql/restored";

const settings = `
unix_socket_directories = '/run/pg/primary'
listen_addresses = ''
archive_mode = on
archive_command = '/bin/true'
fsync = off
`;

/**
 * A PostgreSQL 17 that archives by pgBackRest, with the configuration that the program renders. Both are in
 * one container, which has none of our entry points: it proves repositories, and not the stack.
 */
export class RepositoryLab {
  readonly prefix = `lbt-repo-${randomBytes(3).toString("hex")}`;
  image = "";

  get container(): string {
    return `${this.prefix}-primary`;
  }

  /** Makes the network and the server. Nothing is archived before `configure`. */
  async open(): Promise<this> {
    this.image = await builtImage(engine, postgresImage(17));
    await engine.createNetwork({ Name: this.prefix });
    await ok("docker", [
      ...["run", "--detach", "--name", this.container, "--network", this.prefix],
      ...["--user", "0", "--entrypoint", "sleep", this.image, "infinity"],
    ]);
    const folders =
      "/run/pg/primary /var/log/pgbackrest /var/spool/pgbackrest /var/lib/pgbackrest /etc/pgbackrest/conf.d";
    await this.sh(
      `install -d -o postgres -g postgres -m 0700 ${data} ${restored} /tmp/pgbackrest
       install -d -o postgres -g postgres ${folders}`,
      "root",
    );
    await this.sh(
      `${bin}/initdb --pgdata=${data} --data-checksums --auth=trust >/dev/null
       printf '%s' "${settings}" >>${data}/postgresql.conf
       ${bin}/pg_ctl --pgdata=${data} --wait --log=/tmp/server.log start >/dev/null`,
    );
    return this;
  }

  /** Writes pgBackRest's configuration for these keys of `laterbase:backups`, and switches the archive on. */
  async configure(
    keys: Record<string, unknown>,
    more: Partial<ConfigurationArgs> = {},
  ): Promise<void> {
    const backups = backupsSchema.parse(keys);
    const repositories = repositoriesOf(backups, 17);
    const own = { backups, repositories, version: 17, role: "postgres", standby: false };
    for (const file of renderConfiguration({ ...own, ...more })) await this.write(file);
    const command = `pgbackrest --stanza=${backups.stanza} archive-push %p`;
    await this.sql(`ALTER SYSTEM SET archive_command = '${command}'`);
    await this.sql("SELECT pg_reload_conf()");
  }

  async write({ name, content, mode }: ConfigurationFile): Promise<void> {
    const file = `/etc/pgbackrest/${name}`;
    const script = `cat >'${file}' && chown root:postgres '${file}' && chmod ${mode} '${file}'`;
    await ok(
      "docker",
      ["exec", "--interactive", "--user", "0", this.container, "bash", "-c", script],
      { input: await promiseOf(pulumi.output(content)) },
    );
  }

  /** Runs pgBackRest, whatever its exit code. */
  pgBackRest(...words: string[]): Promise<Ran> {
    const exec = ["exec", "--user", "postgres", this.container];
    return run("docker", [...exec, "pgbackrest", "--stanza=main", ...words]);
  }

  /** Runs pgBackRest, which must succeed. */
  async done(...words: string[]): Promise<string> {
    const ran = await this.pgBackRest("--log-level-console=warn", ...words);
    if (ran.code === 0) return ran.stdout;
    throw new Error(`${words.join(" ")} ended with ${ran.code}:\n${ran.stdout}${ran.stderr}`);
  }

  sh(script: string, user = "postgres"): Promise<string> {
    const exec = ["exec", "--user", user, this.container];
    return ok("docker", [...exec, "bash", "-euo", "pipefail", "-c", script]);
  }

  async sql(text: string, socket = "/run/pg/primary"): Promise<string> {
    const psql = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", socket];
    const exec = ["exec", "--interactive", "--user", "postgres", this.container, ...psql];
    return (await ok("docker", [...exec, "-d", "postgres"], { input: text })).trim();
  }

  /** Makes a table of so many rows, no two of them equal. */
  async fill(table: string, rows: number): Promise<void> {
    const row = "n, md5(n::text) || md5((n + 1)::text) AS text";
    await this.sql(`CREATE TABLE ${table} AS SELECT ${row} FROM generate_series(1, ${rows}) n`);
  }

  /** The rows of a table and a checksum of all of them. */
  checksum(table: string, socket?: string): Promise<string> {
    const sum = "coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)";
    return this.sql(`SELECT count(*), ${sum} FROM ${table} t`, socket);
  }

  /**
   * Restores by bare pgBackRest, with all WAL that the repository has, and answers by `ask` from the restored
   * server. The primary goes on.
   */
  async restored<T>(repository: number, ask: (socket: string) => Promise<T>): Promise<T> {
    const socket = "/tmp/restored";
    await this.sh(`rm -rf ${restored}/* ${socket}; mkdir ${socket}`);
    const place = [`--repo=${repository}`, `--pg1-path=${restored}`, "--archive-mode=off"];
    await this.done(...place, "restore");
    const control = `${bin}/pg_ctl --pgdata=${restored} --wait --log=/tmp/restored.log`;
    await this.sh(`${control} --options="-c unix_socket_directories=${socket}" start >/dev/null`);
    try {
      // Until it has replayed all WAL a read could be early.
      const recovering = `psql -X -A -t -h ${socket} -d postgres -c 'SELECT pg_is_in_recovery()'`;
      await this.sh(`until [ "$(${recovering})" = f ]; do sleep 0.2; done`);
      return await ask(socket);
    } finally {
      await this.sh(`${control} --mode=immediate stop >/dev/null`);
    }
  }

  async dispose(): Promise<void> {
    await run("docker", ["rm", "--force", "--volumes", this.container]);
    await run("docker", ["network", "rm", this.prefix]);
  }
}
