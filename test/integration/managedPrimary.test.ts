import { type ExportedState, withoutPrimarySteps } from "../../scripts/cli/stack/exportedState";
import { ok, run, until } from "../support/process";
import { checksums, position, replayed, sql, Stack } from "../support/stack";

// A managed primary with its standby, by the real CLI on a real engine. The image tests prove other majors,
// and the parity tests prove other providers.
const stack = new Stack("t-managed");
const primaryConfig = {
  kind: "managed",
  version: 17,
  port: 18108,
  databases: ["mfi_banking", 'Odd "näme"'],
  initScripts: "examples/hot-hot/schema",
};
const standbyAt = (port: number) => [{ name: "standby", port }];

jest.setTimeout(600_000);

let direct: string;
let standby: string;
const primary = stack.container("primary");
const replica = stack.container("standby");

async function connections(): Promise<void> {
  const outputs = await stack.outputs();
  direct = outputs.connections.mfi_banking.direct;
  standby = outputs.connections.mfi_banking.standby;
}

/** Expects every row committed until now on the standby. */
async function same(): Promise<void> {
  const lsn = await position(direct);
  await until(`the standby has replayed ${lsn}`, () => replayed(standby, lsn));
  expect(await checksums(standby)).toEqual(await checksums(direct));
}

const cloned = () =>
  ok("docker", [
    "exec",
    replica,
    "stat",
    "-c",
    "%W %i",
    "/var/lib/postgresql/standby/data/PG_VERSION",
  ]);

beforeAll(async () => {
  await stack.configure({ primary: primaryConfig, standbys: standbyAt(18109) });
  await stack.up();
  await connections();
}, 900_000);

afterAll(() => stack.remove(), 300_000);

it("initialises the primary with its databases, the schema and safe settings", async () => {
  const views = await sql(
    direct,
    "select viewname from pg_views where schemaname = 'public' order by 1",
  );
  expect(views.map(({ viewname }) => viewname)).toEqual([
    "v_active_portals",
    "v_mfi_platforms_summary",
    "v_user_group_assignments",
  ]);
  const tables = await sql(
    direct,
    "select count(*)::int as n from pg_tables where schemaname = 'public'",
  );
  expect(tables).toEqual([{ n: 17 }]);
  const settings = await sql(
    direct,
    `select name, setting from pg_settings where name in ('data_checksums', 'password_encryption',
       'wal_level', 'max_slot_wal_keep_size') order by name`,
  );
  expect(Object.fromEntries(settings.map(({ name, setting }) => [name, setting]))).toEqual({
    data_checksums: "on",
    password_encryption: "scram-sha-256",
    wal_level: "replica",
    max_slot_wal_keep_size: "10240",
  });
  const databases = await sql(
    direct,
    "select datname from pg_database where not datistemplate order by 1",
  );
  expect(databases.map(({ datname }) => datname).sort()).toEqual([
    'Odd "näme"',
    "mfi_banking",
    "postgres",
  ]);
  const open = await sql(
    direct,
    "select type, auth_method from pg_hba_file_rules where type <> 'local' and auth_method not in ('scram-sha-256', 'reject')",
  );
  expect(open).toEqual([]);
});

it("publishes both on the bind address alone", async () => {
  for (const [container, port] of [
    [primary, "18108"],
    [replica, "18109"],
  ] as const) {
    expect((await ok("docker", ["port", container])).trim()).toBe(`5432/tcp -> 127.0.0.1:${port}`);
  }
});

it("replicates every committed row to the standby, which refuses writes", async () => {
  await sql(
    direct,
    "create table marker as select g, md5(g::text) from generate_series(1, 50000) g",
  );
  await same();
  await expect(sql(standby, "create table refused ()")).rejects.toThrow("read-only transaction");
  const slots = await sql(direct, "select slot_name, active from pg_replication_slots");
  expect(slots).toEqual([{ slot_name: "laterbase_standby_slot", active: true }]);
});

it("shows no change in preview and does nothing in a second up", async () => {
  await stack.preview("--expect-no-changes");
  await stack.preview("--refresh", "--expect-no-changes");
  const before = await ok("docker", [
    "inspect",
    "--format",
    "{{.Id}} {{.State.StartedAt}}",
    primary,
    replica,
  ]);
  expect(await stack.up("--expect-no-changes")).toMatch(/\d+ unchanged/);
  expect(
    await ok("docker", ["inspect", "--format", "{{.Id}} {{.State.StartedAt}}", primary, replica]),
  ).toBe(before);
});

it("keeps every secret out of state, inspect, logs, processes and its own output", async () => {
  const secrets = await stack.generatedPasswords();
  expect(secrets.map((secret) => secret.length)).toEqual([32, 32]);
  const [row] = await sql(
    direct,
    "select rolpassword from pg_authid where rolname = 'laterbase_t_managed'",
  );
  const verifier = row.rolpassword as string;
  expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:/);
  const places = {
    state: await stack.state(),
    inspect: await ok("docker", ["inspect", primary, replica]),
    logs: await Promise.all([primary, replica].map((name) => run("docker", ["logs", name]))).then(
      (all) => all.map(({ stdout, stderr }) => stdout + stderr).join(),
    ),
    processes: await ok("bash", ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"]),
    output: (await stack.up()) + (await stack.preview("--diff")),
    conninfo: JSON.stringify(await sql(standby, "show primary_conninfo")),
  };
  for (const [place, text] of Object.entries(places)) {
    for (const secret of [...secrets, verifier]) {
      expect([place, text.includes(secret)]).toEqual([place, false]);
    }
  }
});

it("shows what somebody changed on the primary in a preview, and repairs it", async () => {
  const clone = await cloned();
  await sql(direct, "alter role laterbase_t_managed with noreplication");
  await sql(direct, "alter system set max_slot_wal_keep_size = '77GB'");
  await sql(direct, "select pg_reload_conf()");
  const preview = await stack.preview("--diff");
  expect(preview).toContain("role laterbase_t_managed has other attributes");
  expect(preview).toContain("max_slot_wal_keep_size is 78848 MB instead of 10240 MB");
  await stack.up();
  await stack.preview("--expect-no-changes");
  const role = await sql(
    direct,
    "select rolreplication from pg_roles where rolname = 'laterbase_t_managed'",
  );
  expect(role).toEqual([{ rolreplication: true }]);
  expect(await sql(direct, "show max_slot_wal_keep_size")).toEqual([
    { max_slot_wal_keep_size: "10GB" },
  ]);
  await same();
  expect(await cloned()).toBe(clone);
});

it("replaces the container for another port and keeps the data", async () => {
  const clone = await cloned();
  await stack.configure({ primary: primaryConfig, standbys: standbyAt(18119) });
  await stack.up();
  await connections();
  expect(standby).toContain(":18119/");
  await same();
  expect(await cloned()).toBe(clone);
});

it("brings a container back that was removed by hand", async () => {
  const clone = await cloned();
  await ok("docker", ["rm", "--force", replica]);
  await sql(
    direct,
    "insert into marker select g, 'while it was away' from generate_series(1, 1000) g",
  );
  await stack.up("--refresh");
  await same();
  expect(await cloned()).toBe(clone);
});

it("survives SIGKILL of the standby under write load", async () => {
  const load = run("docker", [
    "exec",
    primary,
    "bash",
    "-c",
    "pgbench -h /run/pg/primary -i -q -s 5 mfi_banking && pgbench -h /run/pg/primary -n -c 4 -T 20 mfi_banking",
  ]);
  await until("pgbench runs", async () => {
    const rows = await sql(
      direct,
      "select 1 from pg_stat_activity where application_name = 'pgbench'",
    );
    return rows.length > 1;
  });
  const pid = (await ok("docker", ["inspect", "--format", "{{.State.Pid}}", replica])).trim();
  await ok("kill", ["-KILL", pid]);
  await until(
    "the standby answers again",
    async () => (await sql(standby, "select 1")).length === 1,
  );
  const done = await load;
  expect([done.code, done.stderr]).toEqual([0, expect.any(String)]);
  await sql(direct, "create extension if not exists amcheck");
  await same();
  const checked = await sql(
    standby,
    `select c.relname, bt_index_check(c.oid, true)
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
      where a.amname = 'btree' and c.relpersistence = 'p'`,
  );
  expect(checked.length).toBeGreaterThan(100);
});

it("gives the same rows and the same logins after destroy and up", async () => {
  const before = await checksums(direct);
  const uri = direct;
  await stack.destroy("--exclude-protected");
  expect(
    (
      await ok("docker", [
        "ps",
        "--all",
        "--quiet",
        "--filter",
        `label=laterbase.stack=${stack.name}`,
      ])
    ).trim(),
  ).toBe("");
  await stack.up();
  await connections();
  expect(direct).toBe(uri);
  expect(await checksums(direct)).toEqual(before);
  await same();
});

it("starts its primary again after a destroy that left out the steps on it", async () => {
  const before = await checksums(direct);
  await ok("docker", ["stop", primary]);
  const failed = await stack.pulumi([
    ...["destroy", "--yes", "--skip-preview", "--exclude-protected"],
  ]);
  expect(failed.code).not.toBe(0);
  expect(failed.stdout + failed.stderr).toMatch(/The replication slot ".*" remains/);
  const left = withoutPrimarySteps(JSON.parse(await stack.state()) as ExportedState);
  await stack.must(["stack", "import"], { input: JSON.stringify(left) });
  await stack.destroy("--exclude-protected");
  await stack.up();
  await connections();
  expect(await checksums(direct)).toEqual(before);
  await same();
});
