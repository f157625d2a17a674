import { ok, type Ran, run } from "./process";
import { type Stranger, superuser } from "./primaryServer";

/** Works as the role that dumps, by TCP from the server's own container. */
export class DumpRole {
  readonly flags: string;

  constructor(
    private readonly server: Stranger,
    readonly name: string,
    private readonly password: string,
  ) {
    this.flags = `-w -h ${server.name} -U ${name}`;
  }

  /** A command of bash; `$DB` is the database. */
  try(script: string, database = ""): Promise<Ran> {
    const env = ["-e", `PGPASSWORD=${this.password}`, "-e", `DB=${database}`];
    const command = ["bash", "-euo", "pipefail", "-c", script];
    return run("docker", ["exec", "-i", "-u", "postgres", ...env, this.server.name, ...command]);
  }

  async bash(script: string, database: string): Promise<string> {
    const ran = await this.try(script, database);
    if (ran.code !== 0) throw new Error(`${script} ended with ${ran.code}: ${ran.stderr}`);
    return ran.stdout.trim();
  }

  sql(database: string, text: string): Promise<string> {
    return this.bash(this.psql(text), database);
  }

  /** Runs SQL that must fail, and returns what was said. */
  async refused(database: string, text: string): Promise<string> {
    const ran = await this.try(this.psql(text), database);
    if (ran.code === 0) throw new Error(`${text} did not fail: ${ran.stdout}`);
    return ran.stderr.trim();
  }

  private psql = (text: string) =>
    `psql -XqAt -v ON_ERROR_STOP=1 ${this.flags} -d "$DB" -c "${text}"`;
}

/**
 * Creates databases: one open to all, one closed to PUBLIC, one that nobody may connect to. Each has a
 * table behind row security in a schema of alice's, a table of the superuser's, and a large object of
 * alice's. Only our block lets other roles than the superuser in.
 */
export async function furnish(server: Stranger): Promise<void> {
  await server.writeHba(
    `local all all scram-sha-256\nhost all "${superuser}" all scram-sha-256\n# the last line`,
  );
  await server.sql(`select pg_reload_conf();
    create role alice login password 'of alice'; create role bob;
    comment on role bob is 'not {json}'`);
  for (const database of ["open", "closed é", "nobody's"]) {
    await server.sql(`create database "${database}"`);
    await ok(
      "docker",
      ["exec", "-i", "-u", "postgres", server.name, "bash", "-euc", inside(database)],
      {
        input: content,
      },
    );
  }
  await server.sql(`revoke all on database "closed é" from public;
    grant connect, create on database "closed é" to bob with grant option;
    revoke all on database "nobody's" from public;
    do $$ begin execute format('revoke all on database "nobody''s" from %I', current_user); end $$`);
}

const inside = (database: string) =>
  `PGPASSFILE=/tmp/pass psql -XqAtw -v ON_ERROR_STOP=1 -h /tmp -U '${superuser}' -d "${database}" -f -`;

const content = `
create schema hidden authorization alice;
create table mine (n int); insert into mine values (1), (2);
set role alice;
create table hidden.guarded (n int); insert into hidden.guarded values (1), (2), (3);
alter table hidden.guarded enable row level security, force row level security;
select lo_from_bytea(0, 'a large object');
`;
