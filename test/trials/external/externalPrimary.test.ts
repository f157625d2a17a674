import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { doAll, ok, until } from "../../support/process";
import { checksums, replayed, sql, Stack } from "../../support/stack";
import { hba, Stranger, superuser, superuserPassword } from "../../support/primaryServer";
import { SshServer } from "../../support/primarySshServer";

jest.setTimeout(900_000);

/** Only the server's own machine may log in, so SSH is the only way. */
const loopbackOnly =
  "host all all 127.0.0.1/32 scram-sha-256\nlocal all all scram-sha-256\n# the last line";

// A PostgreSQL 13 of another owner, which asks for passwords, on its own network. `pulumi up` attaches it
// and destroy leaves it as it was. npm test does so by SQL for two standbys (standbyElsewhere) and by SSH on a
// Mac (macEditor).
const bySql = { way: "sql", subnet: "10.213.13", port: 18213, file: hba };
const bySsh = { way: "ssh", subnet: "10.213.14", port: 18214, file: loopbackOnly };
const ways = [bySql, bySsh];

describe.each(ways)("an external PostgreSQL 13, by $way", ({ way, subnet, port, file }) => {
  const host = `${subnet}.1`;
  const stack = new Stack(`t-external-${way}`);
  const server = new Stranger(13, {
    network: ["--subnet", `${subnet}.0/24`],
    docker: ["--publish", `${host}:5432:5432`],
  });
  const ssh = new SshServer(server.name);
  const database = "ResolveProjects";
  let before: Record<string, string>;
  let standby: string;

  const replica = stack.container("standby");
  const clone = () =>
    ok("docker", [
      "exec",
      replica,
      "stat",
      "-c",
      "%i",
      "/var/lib/postgresql/standby/data/PG_VERSION",
    ]);

  const health = async () =>
    JSON.parse(await ok("docker", ["exec", replica, "laterbase-health"])) as object;

  /** The primary's tables, read on its own machine. */
  async function original(): Promise<Record<string, string>> {
    const uri = new URL(standby);
    uri.host = `${host}:5432`;
    return way === "sql" ? checksums(uri.href) : checksumsInside();
  }

  async function checksumsInside(): Promise<Record<string, string>> {
    const tables = (
      await inside(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema') order by 1",
      )
    ).split("\n");
    const sums = await Promise.all(
      tables.map((table) =>
        inside(
          `select count(*) || ' rows, ' || coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), 'null') from ${table} t`,
        ),
      ),
    );
    return Object.fromEntries(tables.map((table, i) => [table, sums[i]!]));
  }

  const inside = async (text: string) =>
    (
      await server.bash(
        `PGPASSFILE=/tmp/pass psql -XqAtw -v ON_ERROR_STOP=1 -h /tmp -U "$U" -d ${database} -f -`,
        { input: text },
      )
    ).trim();

  async function same(): Promise<void> {
    const lsn = await inside("select pg_current_wal_flush_lsn()");
    await until(`the standby has replayed ${lsn}`, () => replayed(standby, lsn), 300);
    expect(await checksums(standby)).toEqual(await original());
  }

  async function configure(): Promise<void> {
    const access =
      way === "sql"
        ? { kind: "sql" }
        : { kind: "ssh", user: "admin", port: ssh.port, hostKey: ssh.hostKey.trim() };
    await stack.configure(
      {
        primary: {
          kind: "external",
          host,
          version: 13,
          superuser: { name: superuser },
          databases: [database],
          access,
          allowFrom: [`${subnet}.0/24`],
          slotRetention: "512MB",
        },
        standbys: [{ name: "standby", port }],
      },
      {
        "primary.superuser.password": superuserPassword,
        ...(way === "ssh" ? { "primary.access.privateKey": ssh.privateKey } : {}),
      },
    );
  }

  beforeAll(async () => {
    await server.start();
    await ssh.start(host);
    await server.sql(`create database "${database}"`);
    const folder = "examples/hot-hot/schema";
    for (const name of readdirSync(folder).sort())
      await inside(readFileSync(join(folder, name), "utf8"));
    await server.bash(
      `PGPASSFILE=/tmp/pass pgbench -h /tmp -U "$U" -i -q -s 20 ${database} 2>/dev/null`,
    );
    await server.writeHba(file);
    await server.sql("select pg_reload_conf()");
    before = await server.snapshot();
    await configure();
    await stack.up();
    standby = (await stack.outputsOfSuperuser({ name: superuser, password: superuserPassword }))
      .connections[database].standby;
  });

  afterAll(async () => {
    await doAll(
      () => stack.remove(),
      () => ssh.stop(),
      () => server.stop(),
    );
  });

  it("has every row on the standby, and nothing to do in a second up", async () => {
    await same();
    expect(await health()).toMatchObject({ sorts: "debian", order: "verified" });
    await stack.preview("--expect-no-changes");
    await stack.up("--expect-no-changes");
  });

  it("was prepared as the configuration says", async () => {
    expect(await inside("show max_slot_wal_keep_size")).toBe("512MB");
    expect(await inside("select slot_name || ' ' || active from pg_replication_slots")).toBe(
      "laterbase_standby_slot true",
    );
    expect(
      await inside(
        "select rolsuper::text || rolreplication || rolcanlogin from pg_roles where rolname like 'laterbase%'",
      ),
    ).toBe("falsetruetrue");
    expect(await server.log()).not.toContain((await stack.generatedPasswords())[0]);
  });

  it("shows in a preview what somebody changed there, and repairs it", async () => {
    const ours = await server.readHba();
    await server.writeHba(file);
    await server.sql("select pg_reload_conf()");
    expect(await stack.preview("--diff")).toContain(
      `pg_hba.conf does not let laterbase_t_external_${way} in from ${subnet}.0/24`,
    );
    await stack.up();
    expect(await server.readHba()).toBe(ours);
    await stack.preview("--expect-no-changes");
  });

  it("clones again by itself when its slot and WAL are gone", async () => {
    const old = await clone();
    await ok("docker", ["pause", replica]);
    await inside("select pg_terminate_backend(pid) from pg_stat_replication");
    await until("the slot can be dropped", async () => {
      await inside("select pg_drop_replication_slot('laterbase_standby_slot')");
      return true;
    });
    for (let i = 0; i < 4; i++) {
      await inside(
        "create table if not exists later (n int); insert into later select generate_series(1, 20000); select pg_switch_wal(); checkpoint",
      );
    }
    await ok("docker", ["unpause", replica]);
    await until("the standby was cloned anew", async () => (await clone()) !== old, 300);
    await until("it answers", async () => (await sql(standby, "select 1")).length === 1);
    await same();
    expect(await stack.preview("--diff")).toContain(
      "the text indexes of standby were not checked since it was cloned",
    );
    await stack.up();
    expect(await health()).toMatchObject({ sorts: "debian", order: "verified" });
    await stack.preview("--expect-no-changes");
  });

  it("says what remains on a primary that does not answer, and later removes all of it", async () => {
    const owned = JSON.parse(
      await inside(
        "select shobj_description(oid, 'pg_authid') from pg_roles where rolname like 'laterbase%'",
      ),
    );
    expect(owned.owner).toMatch(new RegExp(`^laterbase/t-external-${way}#[0-9a-f]{8}\\.2$`));
    await server.writeHba(`${await server.readHba()}\nhost later someone 10.1.0.0/16 reject`);
    await server.sql("select pg_reload_conf()");
    await server.down();
    if (way === "ssh") await ssh.stop();
    const failed = await stack.pulumi([
      "destroy",
      "--yes",
      "--skip-preview",
      "--exclude-protected",
    ]);
    expect(failed.code).not.toBe(0);
    expect(failed.stdout + failed.stderr).toContain(
      'The replication slot "laterbase_standby_slot" remains',
    );
    await server.up();
    if (way === "ssh") await ssh.start(host);
    await inside("drop table if exists later");
    await stack.destroy("--exclude-protected");
    const after = await server.snapshot();
    expect(after).toEqual({
      ...before,
      hba: `${before["hba"]}\nhost later someone 10.1.0.0/16 reject`,
    });
  });
});
