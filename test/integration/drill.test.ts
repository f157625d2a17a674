import type { DrillResult } from "../../contract/drillRecord";
import type { JobRecord } from "../../contract/jobRecord";
import { BackupLab } from "../support/backupLab";
import { cases } from "../support/cases";
import { databasesSql, sprung, trapsSql } from "../support/hostileOwner";
import { caughtUp, sleep } from "../support/imageLab";

/** What somebody set on the primary by ALTER SYSTEM before the backup. With any of it, a drill would not start. */
const hostileSettings = [
  "shared_preload_libraries = 'nowhere'",
  "hba_file = '/nowhere'",
  "ident_file = '/nowhere'",
  "external_pid_file = '/nowhere/pid'",
  "port = 6543",
  "ssl = on",
  "logging_collector = on",
  "log_directory = '/nowhere'",
  "restore_command = 'touch /tmp/pwned'",
  "archive_cleanup_command = 'touch /tmp/pwned'",
  "recovery_end_command = 'touch /tmp/pwned'",
  "recovery_target_name = 'never'",
];

describe.each(cases([17], [13, 15]))("a drill of PostgreSQL %s", (major) => {
  const lab = new BackupLab(major);
  const own = ({ drills = [] }: JobRecord): DrillResult => {
    const [first] = drills;
    if (!first) throw new Error("the record has no drill");
    return first;
  };
  const proofs = (drill: DrillResult) =>
    Object.fromEntries(Object.entries(drill.proofs).map(([name, { result }]) => [name, result]));
  const allProven = { restore: "proven", replay: "proven", rows: "proven", pages: "proven" };
  /** What is in the volume, and the processes of PostgreSQL. The images of some majors have no pgrep. */
  const left = () =>
    lab.agent.bash("ls -A /var/lib/postgresql/drill; grep -lx postgres /proc/[0-9]*/comm || :");
  const paused = () => lab.standby!.sql("SELECT pg_is_wal_replay_paused()");
  /** A load that writes until it is stopped, and whose rows differ at each moment. */
  const load = async () => {
    const running = lab.primary.exec(
      ...[
        "pgbench",
        "-h",
        "/run/pg/primary",
        "-U",
        "postgres",
        "-c",
        "2",
        "-T",
        "300",
        "-n",
        "app",
      ],
    );
    await sleep(500);
    return async () => {
      await lab.primary.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pgbench'",
      );
      await running;
    };
  };

  beforeAll(async () => {
    await lab.open();
    const { primary } = lab;
    await primary.bash("pgbench -h /run/pg/primary -U postgres -i -s 2 -q app");
    for (const sql of databasesSql(["hostile"])) await primary.sql(sql);
    await primary.sql(trapsSql(major), "hostile");
    primary.sessionOptions = major >= 17 ? "-c event_triggers=off" : "";
    await primary.sql(
      `CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM pgbench_accounts;
       CREATE UNLOGGED TABLE passing AS SELECT 1 AS n;
       SELECT lo_from_bytea(0, 'a large object')`,
      "app",
    );
    for (const setting of hostileSettings) await primary.sql(`ALTER SYSTEM SET ${setting}`);
    await caughtUp(primary, lab.standby!);
    await lab.startAgent();
    await lab.record("full", ({ result }) => result === "success");
    await primary.sql("ALTER SYSTEM RESET ALL");
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  it("proves all four under load, from the standby, and runs nothing of an owner as a superuser", async () => {
    // The log of the drill's server goes with it.
    const copies =
      "until [ -e /tmp/enough ]; do cp /var/lib/postgresql/drill/log /tmp/seen; sleep 0.1; done";
    const copying = lab.agent.exec("bash", "-c", copies);
    const stop = await load();
    const record = await lab.run("drill");
    await stop();
    const drill = own(record);
    expect([record.result, drill.detail, proofs(drill)]).toEqual([
      "success",
      expect.stringMatching(/^All four proofs hold\. \d{8}-\d{6}F of /),
      allProven,
    ]);
    expect(drill.source).toBe("standby");
    expect(drill.marker?.name).toMatch(/^laterbase drill [0-9a-f]{8}$/);
    // Committed after the marker, because the standby replayed on until the pause.
    expect(drill.loss?.seconds).toBeLessThan(2);
    expect(drill.recovery?.segments).toBeGreaterThan(0);
    const { restoreSeconds, replaySeconds } = drill.recovery!;
    expect((await lab.list())[0]?.lastDrill).toMatchObject({
      ...{ at: record.endedAt, result: "success", detail: drill.detail },
      recoverySeconds: restoreSeconds + replaySeconds,
    });
    // pgbench has four tables; counted is a materialized view of a superuser's.
    expect(drill.compared?.tables).toBeGreaterThanOrEqual(5);
    expect(drill.compared?.rows).toBeGreaterThan(200_000);
    expect(drill.checked?.indexes).toBeGreaterThan(300);
    expect(drill.checked?.pages).toBeGreaterThan(4000);
    expect(drill.unproven?.first).toContainEqual({
      database: "app",
      name: "public.passing",
      why: "It is unlogged: no backup holds its rows.",
    });
    expect([await left(), await paused()]).toEqual(["", "f"]);
    await caughtUp(lab.primary, lab.standby!);
    await lab.agent.bash("touch /tmp/enough");
    await copying;
    const logs = [
      ...[await lab.agent.bash("cat /tmp/seen"), await lab.primary.log()],
      await lab.standby!.log(),
    ];
    expect(logs[0]).toContain("database system is ready");
    // The keys of an index on an expression are computed, with the rights of the owner.
    const traps = sprung(logs[0]!);
    expect(traps.map(({ trap }) => trap)).toContain("index expression");
    expect(traps.filter(({ superuser, user }) => superuser || user !== "mallory")).toEqual([]);
    expect(sprung(logs.slice(1).join("")).filter(({ session }) => session === "postgres")).toEqual(
      // Event triggers of the test's own sessions, which made the database.
      expect.not.arrayContaining([expect.objectContaining({ trap: "index expression" })]),
    );
    expect(await lab.agent.bash("ls /tmp/pwned 2>/dev/null || echo none")).toBe("none");
  }, 600_000);

  it("leaves nothing when its process or the agent is killed, and replay goes on", async () => {
    const running = lab.run("drill").catch(() => undefined);
    await until(async () => (await paused()) === "t");
    await lab.agent.bash(
      `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline | grep -q 'agent.cjs [w]ork' && kill -9 \${p#/proc/}; done; :`,
    );
    await running;
    expect([await left(), await paused()]).toEqual(["", "f"]);
    expect((await lab.agent.record("drill")).detail).toBe(
      "The process of drill was ended by SIGKILL.",
    );

    const again = lab.run("drill").catch(() => undefined);
    await until(async () => (await paused()) === "t");
    await lab.agent.container.kill();
    await again;
    expect(await paused()).toBe("t");
    await lab.agent.container.start();
    await until(async () => (await paused()) === "f");
    await until(async () => (await left()) === "");
  }, 600_000);

  it("names the tables that were written meanwhile where there is no standby", async () => {
    await lab.standby!.stop();
    const stop = await load();
    const record = await lab.run("drill");
    await stop();
    const drill = own(record);
    expect([record.result, drill.source, proofs(drill)]).toEqual(["success", "primary", allProven]);
    expect(drill.unproven?.first.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["public.pgbench_accounts", "public.pgbench_tellers"]),
    );
    expect(drill.proofs.replay.detail).toContain("The standby could not be used: ");
    expect(drill.compared?.tables).toBeGreaterThan(0);
  }, 600_000);

  it("finds an index that does not fit its table, and leaves nothing out without a load", async () => {
    await lab.primary.sql(
      `CREATE TABLE spoilt (n int); INSERT INTO spoilt SELECT generate_series(1, 100);
       CREATE FUNCTION keyed(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
       CREATE INDEX spoilt_i ON spoilt (keyed(n));
       CREATE OR REPLACE FUNCTION keyed(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT -$1'`,
      "app",
    );
    const drill = own(await lab.run("drill"));
    expect([drill.result, proofs(drill)]).toEqual(["failed", { ...allProven, pages: "failed" }]);
    expect(drill.proofs.pages.detail).toMatch(
      /^"app": the index public\.spoilt_i is damaged: heap tuple .* lacks matching index tuple .*\[XX00[12]\]$/,
    );
    expect(drill.unproven?.first.map(({ name }) => name)).toEqual(
      expect.not.arrayContaining(["public.pgbench_accounts"]),
    );
    expect(await left()).toBe("");
    await lab.primary.sql("DROP TABLE spoilt", "app");
  }, 600_000);

  it("names the WAL segment that is missing, and fails the check", async () => {
    const { segment } = JSON.parse(
      await lab.primary.sql(
        "SELECT json_build_object('segment', pg_walfile_name(pg_switch_wal())) FROM pg_create_restore_point('x')",
      ),
    ) as { segment: string };
    const find = `find ${lab.path("archive")} -name '${segment}-*'`;
    await until(async () => (await lab.agent.bash(find)) !== "");
    await lab.run("check");
    await lab.agent.bash(`${find} -delete`);
    const drill = own(await lab.run("drill"));
    expect([drill.result, proofs(drill), drill.proofs.replay.detail]).toEqual([
      "failed",
      { restore: "proven", replay: "failed", rows: "unproven", pages: "unproven" },
      `The WAL segment ${segment} is missing: a restore cannot go past it. A full backup begins anew.`,
    ]);
    const { detail } = await lab.run("check");
    expect(detail).toContain("The last drill, of ");
    expect(await left()).toBe("");
  }, 600_000);

  it("names the file of a backup that is damaged", async () => {
    await lab.run("full");
    // The largest file of the newest backup: that of pgbench_accounts.
    const label = (await lab.list())[0]!.backups.at(-1)!.label;
    const folder = lab.path("backup", "main", label, "pg_data");
    const file = await lab.agent.bash(
      `find ${folder} -type f -printf '%s %p\\n' | sort -rn | head -n 1 | cut -d' ' -f2`,
    );
    await lab.agent.bash(
      `printf '\\xff\\x00\\xff' | dd of=${file} bs=1 seek=$(($(stat -c %s ${file}) / 2)) conv=notrunc status=none`,
    );
    const drill = own(await lab.run("drill"));
    expect([drill.result, proofs(drill)]).toEqual([
      "failed",
      { restore: "failed", replay: "unproven", rows: "unproven", pages: "unproven" },
    ]);
    const path = file.slice(lab.path("backup", "main").length + 1);
    expect(drill.proofs.restore.detail).toContain(`The file ${path} is damaged. `);
    expect(await left()).toBe("");
  }, 600_000);
});

async function until(fits: () => Promise<boolean>, seconds = 300): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(100)) {
    if (await fits().catch(() => false)) return;
  }
  throw new Error("it did not come about");
}
