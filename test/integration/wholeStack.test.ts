import { createServer } from "node:net";
import { type ExportedState, withoutPrimarySteps } from "../../scripts/cli/stack/exportedState";
import { keptLogins } from "../../scripts/cli/stack/stays";
import { inTrials } from "../support/cases";
import { type Mistake, refused } from "../support/mistakes";
import { PgAdminPage } from "../support/pgAdminPage";
import { ok, run, until } from "../support/process";
import { checksums, sql } from "../support/stack";
import { Readers, WholeStack } from "../support/wholeStack";

// A stack with every part, by the real CLI on a real engine, in the order of its life: made, used, changed,
// removed, made again. Where no image can be pulled, Ofelia and Duplicati are stand-ins. The image tests
// prove other majors, the parity tests other providers. The trials add what other files have without a stack.
const odd = 'My Library "2024" é';
const stack = new WholeStack("t-whole", "mfi_banking");
const primary = stack.container("primary");
const replica = stack.container("standby");
const parts = ["primary", "standby", "agent", "scheduler", "scheduler-proxy", "duplicati"];
const all = [...parts, "pooler", "pgadmin"].map((role) => stack.container(role));
const rotated = `of ${"the second day: \\'\"é "}`.trim();

const first = {
  primary: {
    kind: "managed",
    version: 17,
    port: 18108,
    databases: ["mfi_banking", odd],
    initScripts: "examples/hot-hot/schema",
  },
  standbys: [{ name: "standby", port: 18109 }],
  pooler: { port: 18125, databases: { [odd]: { mode: "session", poolSize: 5 } } },
  pgAdmin: { port: 18126, email: "me@example.com" },
  backups: {
    stanza: "main",
    schedules: { full: "0 2 * * 0" },
    encryption: {},
    archiveTimeout: "5m",
    repositories: [{ type: "posix" }],
  },
  dumps: { schedule: "@every 10s", retentionDays: 1, retentionCount: 2 },
  duplicati: { port: 18122, target: "file:///archive", schedule: "@every 20s" },
};
const calm = {
  ...first,
  standbys: [{ name: "standby", port: 18119 }],
  dumps: { ...first.dumps, schedule: "@hourly" },
  // An upload after a dump was deleted would make an archive without it.
  duplicati: { ...first.duplicati, schedule: "@hourly", retention: "2W:1D" },
};

jest.setTimeout(600_000);

beforeAll(async () => {
  await stack.configure(first);
  await stack.apply();
}, 900_000);

afterAll(() => stack.remove(), 600_000);

it("initialises the primary with its databases, the schema and safe settings", async () => {
  const views = await sql(
    stack.uris.direct,
    "select viewname from pg_views where schemaname = 'public' order by 1",
  );
  expect(views.map(({ viewname }) => viewname)).toEqual([
    "v_active_portals",
    "v_mfi_platforms_summary",
    "v_user_group_assignments",
  ]);
  const tables = await sql(
    stack.uris.direct,
    "select count(*)::int as n from pg_tables where schemaname = 'public'",
  );
  expect(tables).toEqual([{ n: 17 }]);
  const settings = await sql(
    stack.uris.direct,
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
    stack.uris.direct,
    "select datname from pg_database where not datistemplate order by 1",
  );
  expect(databases.map(({ datname }) => datname).sort()).toEqual([odd, "mfi_banking", "postgres"]);
  const open = await sql(
    stack.uris.direct,
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
    stack.uris.direct,
    "create table counters as select id, 0 as n from generate_series(0, 29) id",
  );
  await sql(
    stack.uris.direct,
    "create table marker as select g, md5(g::text) from generate_series(1, 50000) g",
  );
  await stack.same();
  await expect(sql(stack.uris.standby, "create table refused ()")).rejects.toThrow(
    "read-only transaction",
  );
  const slots = await sql(stack.uris.direct, "select slot_name, active from pg_replication_slots");
  expect(slots).toEqual([{ slot_name: "laterbase_standby_slot", active: true }]);
});

it("archives what was written, encrypted, and nobody but the backup's own role may start a backup", async () => {
  await sql(stack.uris.direct, "create table archived as select 1 as one");
  const [row] = await sql(
    stack.uris.direct,
    "select pg_walfile_name(pg_switch_wal()) as segment, current_setting('archive_mode') as mode",
  );
  expect(row.mode).toBe("on");
  const found = `find /var/lib/pgbackrest/repo1/archive/main -name '${row.segment}-*'`;
  await until(
    "the segment is in the archive",
    async () => (await stack.inAgent(`${found} -exec head -c 8 {} +`)) === "Salted__",
  );
  const may = await sql(
    stack.uris.direct.replace(/[^/]*$/, "postgres"),
    `select rolname from pg_roles where not rolsuper and rolname !~ '^pg_'
        and has_function_privilege(oid, 'pg_backup_start(text, boolean)', 'EXECUTE')`,
  );
  expect(may).toEqual([{ rolname: "laterbase_t_whole_backups" }]);
});

it("gives connection strings of each kind that lead to the right server and database", async () => {
  const where = "select current_database() as name, pg_is_in_recovery() as standby";
  for (const name of ["mfi_banking", odd]) {
    const { direct, pooled, standby } = stack.known.connections[name]!;
    expect(await sql(direct, where)).toEqual([{ name, standby: false }]);
    expect(await sql(pooled, where)).toEqual([{ name, standby: false }]);
    expect(await sql(`${pooled}_ro`, where)).toEqual([{ name, standby: true }]);
    expect(await sql(standby, where)).toEqual([{ name, standby: true }]);
  }
  const refused = sql(`${stack.uris.pooled}_ro`, "update counters set n = 1");
  await expect(refused).rejects.toThrow("read-only transaction");
});

it("keeps the pooler's console from the applications' login", async () => {
  const uri = stack.uris.pooled.replace(/[^/]*$/, "pgbouncer");
  await expect(sql(uri, "SHOW VERSION")).rejects.toThrow(/not allowed|no such|denied|login/i);
});

it("shows both servers in pgAdmin, which opens them without a typed password", async () => {
  const { pgAdmin } = stack.known;
  expect(pgAdmin.servers.map(({ name }) => name)).toEqual(["primary", "standby"]);
  const page = await PgAdminPage.open(pgAdmin);
  const shown = await page.servers().finally(() => page.close());
  expect(shown["Laterbase"]).toEqual(pgAdmin.servers.map(({ name }) => name));
  expect(await stack.asked("standby")).toEqual(["true"]);
});

it("dumps the standby, at its first start and at each tick of the schedule", async () => {
  await until("three ticks", async () => {
    const good = (await stack.runs("dump")).filter(({ result }) => result === "success");
    return good.filter(({ trigger }) => trigger === "schedule").length >= 3;
  });
  // A tick during the first dump is skipped.
  const first = (await stack.runs("dump")).find(({ trigger }) => trigger === "start");
  expect(first?.result).toBe("success");
  // The first dump reads the primary if the standby is still being cloned.
  const names = [odd, "mfi_banking", "postgres"];
  expect(first?.databases?.map(({ database }) => database)).toEqual(names);
  const last = (await stack.runs("dump")).findLast(({ trigger, result }) =>
    [trigger, result].every((word) => ["schedule", "success"].includes(word)),
  );
  expect(last?.databases?.map(({ database, source }) => [database, source])).toEqual(
    names.map((name) => [name, "standby"]),
  );
  // Both retention rules must want a dump gone, and none is a day old.
  const dumps = await stack.command<{ database: string }[]>("list-dumps", "mfi_banking");
  expect(dumps.length).toBeGreaterThanOrEqual(4);
});

it("shows no change while it dumps, and does nothing in a second up", async () => {
  expect(await stack.preview("--refresh")).not.toMatch(/to (create|update|delete|replace)/);
  const started = () => ok("docker", ["inspect", "-f", "{{.Id}} {{.State.StartedAt}}", ...all]);
  const before = await started();
  expect(await stack.up("--expect-no-changes")).toMatch(/\d+ unchanged/);
  expect(await started()).toBe(before);
});

it("restores what the operator asks for, row for row", async () => {
  const { direct } = stack.uris;
  const before = await checksums(direct);
  const { databases } = await stack.command("dump", "mfi_banking");
  // By its name, because the next tick makes a newer one.
  const id = databases[0].folder as string;
  await sql(direct, "delete from mfi_user_activity_logs");
  const restored = await stack.command("restore-dump", id, "--as", "As It Was");
  expect(restored).toMatchObject({ database: "As It Was", differences: [] });
  expect(await checksums(stack.direct("As It Was"))).toEqual(before);
  const back = await stack.command("restore-dump", id, "--in-place", "--yes");
  expect(await checksums(direct)).toEqual(before);
  for (const name of [back.replaced.kept, "As It Was"])
    await sql(stack.direct("postgres"), `drop database "${name}"`);
});

it("uploads at each tick of the schedule, by the job that up made", async () => {
  expect(await stack.retention()).toEqual([[`laterbase ${stack.name}`, "1W:1D,4W:1W,12M:1M"]]);
  // Earlier uploads and dumps may have nothing of the tables that these tests made.
  await stack.command("dump", "mfi_banking");
  const now = new Date().toISOString();
  await until("an upload by the schedule", async () =>
    (await stack.runs("upload")).some(
      ({ trigger, result, startedAt }) =>
        [trigger, result].join() === "schedule,success" && startedAt > now,
    ),
  );
});

it("stores archives that give a database back without the agent", async () => {
  const before = await checksums(stack.uris.direct);
  const archived = await stack.archivedDump();
  const psql = "psql -h /run/pg/primary -q -c 'CREATE DATABASE from_archive'";
  const restore = "base64 -d | pg_restore -h /run/pg/primary -d from_archive --exit-on-error";
  await ok("docker", ["exec", "-i", primary, "bash", "-ec", `${psql}; ${restore}`], {
    input: archived,
  });
  expect(await checksums(stack.direct("from_archive"))).toEqual(before);
  await sql(stack.uris.direct, "drop database from_archive");
});

it("shows what somebody changed on the primary in a preview, and repairs it", async () => {
  const clone = await stack.clone();
  await sql(stack.uris.direct, "alter role laterbase_t_whole with noreplication");
  await sql(stack.uris.direct, "alter system set max_slot_wal_keep_size = '77GB'");
  await sql(stack.uris.direct, "select pg_reload_conf()");
  const written = await stack.configurationOf("pgbackrest.conf");
  await stack.editConfiguration("sed -i s/process-max=4/process-max=1/ pgbackrest.conf");
  const preview = await stack.preview("--diff");
  expect(preview).toContain("pgbackrest.conf of pgBackRest was edited");
  expect(preview).toContain("role laterbase_t_whole has other attributes");
  expect(preview).toContain("max_slot_wal_keep_size is 78848 MB instead of 10240 MB");
  await stack.up();
  await stack.preview("--expect-no-changes");
  const role = await sql(
    stack.uris.direct,
    "select rolreplication from pg_roles where rolname = 'laterbase_t_whole'",
  );
  expect(role).toEqual([{ rolreplication: true }]);
  expect(await sql(stack.uris.direct, "show max_slot_wal_keep_size")).toEqual([
    { max_slot_wal_keep_size: "10GB" },
  ]);
  expect(await stack.configurationOf("pgbackrest.conf")).toBe(written);
  await stack.same();
  expect(await stack.clone()).toBe(clone);
});

it("changes a port, the schedule and what Duplicati keeps in one up, and keeps the data", async () => {
  const clone = await stack.clone();
  await stack.configure(calm);
  await stack.apply();
  expect(stack.uris.standby).toContain(":18119/");
  await stack.same();
  expect(await stack.clone()).toBe(clone);
  expect(await stack.retention()).toEqual([[`laterbase ${stack.name}`, "2W:1D"]]);
  const count = (await stack.runs("dump")).length;
  await new Promise((resolve) => setTimeout(resolve, 15_000));
  expect((await stack.runs("dump")).length).toBeLessThanOrEqual(count + 1);
});

it("uploads, brings a deleted dump back from off site, and makes a new clone of its only standby", async () => {
  const id = (await stack.command("dump", "mfi_banking")).databases[0].folder as string;
  expect(await stack.command("upload")).toMatchObject({ newFiles: expect.any(Number) });
  await stack.command("delete-dump", id, "--yes", "--force");
  const { taken, bad } = await stack.command("restore-archive", id);
  expect([taken.map((dump: { id: string }) => dump.id), bad]).toEqual([[id], []]);
  const clone = await stack.clone();
  const readers = new Readers(stack.uris.standby);
  await stack.command("rebuild", "standby", "--yes");
  await stack.same();
  expect(await stack.clone()).not.toBe(clone);
  // The old data answer reads until the new clone is there.
  expect(await readers.end()).toBeLessThan(0.5);
});

it("brings a container back that was removed by hand", async () => {
  const clone = await stack.clone();
  await ok("docker", ["rm", "--force", replica]);
  await sql(
    stack.uris.direct,
    "insert into marker select g, 'while it was away' from generate_series(1, 1000) g",
  );
  await stack.up("--refresh");
  await stack.same();
  expect(await stack.clone()).toBe(clone);
});

it("refuses what a change lacks before it stops anything", async () => {
  const set = ` (set in Pulumi.${stack.name}.yaml).`;
  const other = createServer().listen(18127, "127.0.0.1");
  const free = "laterbase:standbys[0].port must be a port that is free on 127.0.0.1 of the local";
  const mistakes: Omit<Mistake, "what">[] = [
    {
      config: { ...calm, standbys: [{ name: "standby", port: 18127 }] },
      sentence: `${free} Docker engine, such as 18128; it is 18127, which another program there has${set}`,
    },
    {
      config: { ...calm, standbys: [{ name: "renamed", port: 18119 }] },
      sentence: `${free} Docker engine, such as 18120; it is 18119, which the container "${replica}" of this stack has until this \`up\` has moved or removed it${set}`,
    },
    {
      config: { ...calm, primary: { ...calm.primary, version: 15 } },
      sentence: `laterbase:primary.version must be 17, the major of the data in the volume ${primary}-data; it is 15. A server reads data of its own major only, see docs/dumps.md, Upgrading to a newer major${set}`,
    },
  ];
  try {
    for (const mistake of mistakes) await refused(stack, { what: mistake.sentence, ...mistake });
  } finally {
    other.close();
    await stack.configure(calm);
  }
});

it("changes the superuser's password under load without a failed transaction", async () => {
  const old = stack.uris;
  await stack.underLoad(async () => {
    await stack.configure(calm, { "primary.superuser.password": rotated });
    await stack.apply();
  });
  for (const uri of Object.values(stack.uris)) {
    expect(await sql(uri, "select 1 as one")).toEqual([{ one: 1 }]);
  }
  for (const uri of Object.values(old)) {
    await expect(sql(uri, "select 1")).rejects.toThrow(/authentication failed/);
  }
  expect(await stack.asked("standby")).toEqual(["true"]);
  await stack.preview("--expect-no-changes");
});

if (inTrials()) {
  it("resizes a pool under load without a failed transaction", async () => {
    const pooler = stack.container("pooler");
    const before = await ok("docker", ["inspect", "-f", "{{.Id}}", pooler]);
    await stack.underLoad(async () => {
      const resized = { ...calm, pooler: { ...calm.pooler, poolSize: 7 } };
      await stack.configure(resized, { "primary.superuser.password": rotated });
      await stack.apply();
    });
    expect(await ok("docker", ["inspect", "-f", "{{.Id}}", pooler])).toBe(before);
    expect(await stack.poolSize("mfi_banking")).toBe("7");
  });

  it("restarts the primary by the operator's command under load without an error", async () => {
    const started = "select pg_postmaster_start_time()::text as at";
    const [before] = await sql(stack.uris.direct, started);
    await stack.underLoad(async () => {
      const { code, stderr } = await stack.laterbase("restart-primary");
      expect([code, stderr]).toEqual([0, expect.any(String)]);
    });
    const [after] = await sql(stack.uris.direct, started);
    expect(after.at).not.toBe(before.at);
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
        stack.uris.direct,
        "select 1 from pg_stat_activity where application_name = 'pgbench'",
      );
      return rows.length > 1;
    });
    const pid = (await ok("docker", ["inspect", "--format", "{{.State.Pid}}", replica])).trim();
    await ok("kill", ["-KILL", pid]);
    await until(
      "the standby answers again",
      async () => (await sql(stack.uris.standby, "select 1")).length === 1,
    );
    const done = await load;
    expect([done.code, done.stderr]).toEqual([0, expect.any(String)]);
    await sql(stack.uris.direct, "create extension if not exists amcheck");
    await stack.same();
    const checked = await sql(
      stack.uris.standby,
      `select c.relname, bt_index_check(c.oid, true)
       from pg_index i join pg_class c on c.oid = i.indexrelid join pg_am a on a.oid = c.relam
      where a.amname = 'btree' and c.relpersistence = 'p'`,
    );
    expect(checked.length).toBeGreaterThan(100);
  });
}

it("names a part that does not work, and ends with 1 until it works", async () => {
  // An earlier test has replaced the agent, perhaps in the middle of a dump.
  await stack.command("dump");
  await sql(stack.uris.standby, "select pg_wal_replay_pause()");
  const paused = await stack.wrapped("up", "--yes");
  await sql(stack.uris.standby, "select pg_wal_replay_resume()");
  expect(paused.stdout).toMatch(
    /\nNot everything works:\n {2}standby: its replay is paused, so it falls behind its primary\.\n {6}next: docker exec /,
  );
  expect(paused.stdout).toContain("Laterbase is not wholly up (stack t-whole).");
  expect(paused.code).toBe(1);
  const works = await stack.wrapped("up", "--yes");
  // First, because it names what does not work.
  expect(works.stdout).toMatch(
    /^Nothing changes in stack t-whole\.\n(?:\nNot there yet:\n {2}scheduler: it has just started\.\n)?\nLaterbase is up \(stack t-whole\)\.\n/,
  );
  expect([works.code, works.stderr]).toEqual([0, ""]);
});

it("keeps every secret out of state, inspect, logs, processes and its own output", async () => {
  const roles =
    "select rolpassword from pg_authid where rolname like 'laterbase%' and rolpassword is not null";
  const verifiers = (await sql(stack.uris.direct, roles)).map(({ rolpassword }) => rolpassword);
  for (const verifier of verifiers) expect(verifier).toMatch(/^SCRAM-SHA-256\$4096:/);
  const generated = await stack.generatedPasswords();
  expect([generated.length >= 6, verifiers.length >= 3]).toEqual([true, true]);
  const secrets = [...generated, ...verifiers, rotated, stack.known.duplicati.passphrase];
  const logs = await Promise.all(all.map((name) => run("docker", ["logs", name])));
  const places = {
    state: await stack.state(),
    inspect: await ok("docker", ["inspect", ...all]),
    logs: logs.map(({ stdout, stderr }) => stdout + stderr).join(),
    processes: await ok("bash", ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"]),
    output: (await stack.up()) + (await stack.preview("--diff")),
    conninfo: JSON.stringify(await sql(stack.uris.standby, "show primary_conninfo")),
  };
  for (const [place, text] of Object.entries(places)) {
    expect([place, secrets.filter((secret) => text.includes(secret))]).toEqual([place, []]);
  }
});

it("leaves only its data when it goes, and has the same rows, logins and dumps after another up", async () => {
  const before = await checksums(stack.uris.direct);
  const logins = { ...stack.known };
  const dumps = await stack.command<{ id: string }[]>("list-dumps");
  const repository = await stack.stanza("main");
  const state = JSON.parse(await stack.state()) as ExportedState;
  const excluded = keptLogins(state).flatMap((urn) => ["--exclude", urn]);
  await stack.destroy("--exclude-protected", ...excluded);
  const label = `label=laterbase.stack=${stack.name}`;
  expect(await ok("docker", ["ps", "--all", "--quiet", "--filter", label])).toBe("");
  const left = await ok("docker", ["volume", "ls", "--quiet", "--filter", label]);
  const kept = ["agent-records", "backups", "duplicati-archive", "duplicati-data"];
  expect(left.split("\n").filter(Boolean).sort()).toEqual(
    [...kept, "pgadmin-data", "primary-data", "repositories", "standby-data"].map((name) =>
      stack.container(name),
    ),
  );
  await stack.apply();
  expect(stack.known).toEqual(logins);
  expect(await checksums(stack.uris.direct)).toEqual(before);
  await stack.same();
  const again = await stack.command<{ id: string }[]>("list-dumps");
  expect(again.map(({ id }) => id)).toEqual(expect.arrayContaining(dumps.map(({ id }) => id)));
  const after = await stack.stanza("main");
  expect(after.db).toEqual(repository.db);
  expect(after.backup.slice(0, repository.backup.length)).toEqual(repository.backup);
});

if (inTrials()) {
  it("forgets parts, with their data only when somebody says so", async () => {
    const password = { "primary.superuser.password": rotated };
    const two = [...calm.standbys, { name: "second", port: 18118 }];
    await stack.configure({ ...calm, standbys: two }, password);
    await stack.apply();
    const volumes = (name: string) =>
      ok("docker", ["volume", "ls", "--quiet", "--filter", `name=${stack.container(name)}`]);
    await stack.command("forget", "second", "--data", "--yes");
    await stack.command("forget", "duplicati", "--yes");
    await stack.apply();
    expect(await volumes("second-data")).toBe("");
    expect(await volumes("duplicati-data")).not.toBe("");
    const slots = await sql(stack.uris.direct, "select slot_name from pg_replication_slots");
    expect(slots).toEqual([{ slot_name: "laterbase_standby_slot" }]);
    expect(Object.keys(await stack.outputs())).not.toContain("duplicati");
    await stack.preview("--expect-no-changes");
    await stack.same();
  });

  it("makes a new clone of a standby whose data are deleted first", async () => {
    const clone = await stack.clone();
    await stack.command("rebuild", "standby", "--discard-first", "--yes");
    await stack.same();
    expect(await stack.clone()).not.toBe(clone);
  });

  it("starts its primary again after a destroy that left out the steps on it", async () => {
    const before = await checksums(stack.uris.direct);
    await ok("docker", ["stop", primary]);
    const failed = await stack.pulumi([
      ...["destroy", "--yes", "--skip-preview", "--exclude-protected"],
    ]);
    expect(failed.code).not.toBe(0);
    expect(failed.stdout + failed.stderr).toMatch(/The replication slot ".*" remains/);
    const left = withoutPrimarySteps(JSON.parse(await stack.state()) as ExportedState);
    await stack.must(["stack", "import"], { input: JSON.stringify(left) });
    await stack.destroy("--exclude-protected");
    await stack.apply();
    expect(await checksums(stack.uris.direct)).toEqual(before);
    await stack.same();
  });
}
