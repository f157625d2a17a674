import type { DrillResult } from "../../../contract/drillRecord";
import type { JobRecord } from "../../../contract/jobRecord";
import { BackupLab, type BackupLabOptions } from "../../support/backupLab";
import { caughtUp, sleep } from "../../support/imageLab";

// What npm test has no time for: test/integration/drill.test.ts has the rest.

const major = Number(process.env["LATERBASE_MAJOR"] ?? 17);
const labs: BackupLab[] = [];
const long = 300_000;
const allProven = { restore: "proven", replay: "proven", rows: "proven", pages: "proven" };

async function backedUp(
  options: BackupLabOptions = {},
  { scale = 2, megabytes }: { scale?: number; megabytes?: number } = {},
): Promise<BackupLab> {
  const lab = new BackupLab(major);
  labs.push(lab);
  lab.drillMegabytes = megabytes;
  await lab.open(options);
  await lab.primary.bash(`pgbench -h /run/pg/primary -U postgres -i -s ${scale} -q app`);
  if (lab.standby) await caughtUp(lab.primary, lab.standby);
  await lab.startAgent();
  await lab.record("full", ({ result }) => result === "success", 120);
  return lab;
}

const proofs = ({ proofs: all }: DrillResult) =>
  Object.fromEntries(Object.entries(all).map(([name, { result }]) => [name, result]));
const drillOf = ({ drills = [] }: JobRecord, repository = 1): DrillResult => {
  const own = drills.find((one) => one.repository === repository);
  if (!own) throw new Error("this repository has no drill");
  return own;
};
const left = (lab: BackupLab) =>
  lab.agent.bash("ls -A /var/lib/postgresql/drill; grep -lx postgres /proc/[0-9]*/comm || :");

afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.dispose();
}, 120_000);

it(
  "fails in the repository that is damaged, and passes in the other",
  async () => {
    const lab = await backedUp({ standby: false, repositories: [{}, {}] });
    // The second one has lost what its WAL needs.
    await lab.run("check");
    const archive = lab.path("archive").replace("repo1", "repo2");
    await lab.agent.bash(`find ${archive} -name '0000*-*' -newer /etc/hostname -delete`);
    const record = await lab.run("drill");
    expect([record.result, proofs(drillOf(record, 1))]).toEqual(["failed", allProven]);
    expect(drillOf(record, 2).detail).toMatch(/^The WAL after the backup cannot be replayed: /);
    expect(await left(lab)).toBe("");
  },
  long,
);

it(
  "passes while a backup, an incr and a check run",
  async () => {
    const lab = await backedUp({}, { scale: 20 });
    const drill = lab.run("drill");
    const others = [await lab.run("check"), await lab.run("full"), await lab.run("incr")];
    expect(others.map(({ result }) => result)).toEqual(["success", "success", "success"]);
    const record = await drill;
    expect([record.detail, proofs(drillOf(record))]).toEqual([expect.any(String), allProven]);
    expect((await lab.run("verify")).result).toBe("success");
  },
  long,
);

it(
  "says both figures where there is no room",
  async () => {
    const lab = await backedUp({ standby: false }, { megabytes: 100 });
    const drill = drillOf(await lab.run("drill"));
    expect(drill.proofs.restore.detail).toMatch(
      /^The drill needs \d+ MB for the restored data and their WAL, and leaves 1\.0 GB free\. The disk of its volume has \d+ MB free\.$/,
    );
    expect(await left(lab)).toBe("");
  },
  long,
);

it(
  "reads the primary where a person has paused the standby, and leaves it paused",
  async () => {
    const lab = await backedUp();
    await lab.standby!.sql("SELECT pg_wal_replay_pause()");
    const drill = drillOf(await lab.run("drill"));
    expect([drill.source, proofs(drill)]).toEqual(["primary", allProven]);
    expect(drill.proofs.replay.detail).toContain("Its replay is paused already.");
    expect(await lab.standby!.sql("SELECT pg_is_wal_replay_paused()")).toBe("t");
  },
  long,
);

it(
  "ends at an interruption, and leaves nothing",
  async () => {
    const lab = await backedUp({ standby: false }, { scale: 20 });
    const running = lab.agent.exec("timeout", "2", "laterbase-agent", "drill");
    await running;
    const record = await lab.record("drill", ({ drills = [] }) => drills[0]?.code === 63, 60);
    expect(record.result).toBe("failed");
    expect(await left(lab)).toBe("");
    // One that was stopped says nothing on the repository.
    expect((await lab.run("check")).detail).not.toContain("drill");
  },
  long,
);

it(
  "proves an encrypted repository, tables of every kind and an old transaction",
  async () => {
    const cipher = ["cipher-type=aes-256-cbc", "cipher-pass=a passphrase"];
    const lab = await backedUp({ repositories: [{ lines: cipher }] });
    await lab.primary.sql(
      `CREATE TABLE parted (n int, t text) PARTITION BY RANGE (n);
       CREATE TABLE part1 PARTITION OF parted FOR VALUES FROM (0) TO (500);
       CREATE TABLE part2 PARTITION OF parted FOR VALUES FROM (500) TO (1000);
       INSERT INTO parted SELECT n, repeat(md5(n::text), 100) FROM generate_series(0, 999) n;
       CREATE INDEX ON parted (t); CREATE TYPE mood AS ENUM ('good');
       CREATE TABLE odd (m mood, j jsonb, a int[]); INSERT INTO odd VALUES ('good', '{"a": 1}', '{1}');
       CREATE TABLE parent (n int); CREATE TABLE child () INHERITS (parent);
       INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2);
       SELECT lo_from_bytea(0, 'a large object')`,
      "app",
    );
    const open = lab.primary.exec(
      ...["psql", "-h", "/run/pg/primary", "-U", "postgres", "-d", "app", "-c"],
      "BEGIN; INSERT INTO odd VALUES ('good', '{}', '{2}'); SELECT pg_sleep(20); COMMIT",
    );
    await sleep(1000);
    const drill = drillOf(await lab.run("drill"));
    expect([drill.detail, drill.source, proofs(drill)]).toEqual([
      ...[expect.any(String), "standby", allProven],
    ]);
    await open;
    expect(drill.unproven).toBeUndefined();
  },
  long,
);

it(
  "leaves out what an open transaction has written where there is no standby",
  async () => {
    const lab = await backedUp({ standby: false });
    await lab.primary.sql("CREATE TABLE odd (n int); CREATE TABLE even (n int)", "app");
    const open = lab.primary.exec(
      ...["psql", "-h", "/run/pg/primary", "-U", "postgres", "-d", "app", "-c"],
      "BEGIN; INSERT INTO odd VALUES (1); SELECT pg_sleep(20); COMMIT",
    );
    await sleep(1000);
    const drill = drillOf(await lab.run("drill"));
    await open;
    expect([proofs(drill), drill.unproven]).toEqual([
      allProven,
      {
        count: 1,
        first: [
          { database: "app", name: "public.odd", why: "It was written while the marker was." },
        ],
      },
    ]);
  },
  long,
);

it(
  "names a WAL segment whose content is damaged",
  async () => {
    const lab = await backedUp({ standby: false });
    const segment = await lab.primary.sql(
      "SELECT pg_walfile_name(pg_switch_wal()) FROM pg_create_restore_point('x')",
    );
    await lab.run("check");
    await lab.agent.bash(
      `f=$(find ${lab.path("archive")} -name '${segment}-*') && printf '\\xff' | dd of=$f bs=1 seek=60 conv=notrunc status=none`,
    );
    const drill = drillOf(await lab.run("drill"));
    expect(drill.proofs.replay.detail).toContain(`The WAL segment ${segment} `);
  },
  long,
);
