import { cases } from "../support/cases";
import { caughtUp, checksum } from "../support/imageLab";
import { BackupLab } from "../support/backupLab";

const tables = ["pgbench_accounts", "pgbench_tellers", "pgbench_branches", "changed"];

describe.each(cases([17], [13, 15]))("backups of PostgreSQL %s", (major) => {
  const lab = new BackupLab(major);
  const source = major >= 15 ? "standby" : "primary";
  const sums = async (sql: (query: string, database: string) => Promise<string>) =>
    Promise.all(tables.map((table) => sql(checksum(table), "app")));

  beforeAll(async () => {
    await lab.open();
    await lab.primary.bash("pgbench -h /run/pg/primary -U postgres -i -s 3 -q app");
    await lab.primary.sql("CREATE TABLE changed (n int, t text)", "app");
    await caughtUp(lab.primary, lab.standby!);
    await lab.startAgent();
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  it("begin with a full one by themselves, and go on with what changed", async () => {
    const first = await lab.record("full");
    expect([first.trigger, first.result, first.detail]).toEqual([
      "start",
      "success",
      expect.stringContaining(`full from the ${source}`),
    ]);
    await lab.primary.sql(
      "INSERT INTO changed SELECT n, md5(n::text) FROM generate_series(1, 5000) n",
      "app",
    );
    await caughtUp(lab.primary, lab.standby!);
    const { result, detail, backups } = await lab.run("incr");
    expect([result, detail]).toEqual(["success", expect.any(String)]);
    const [made] = backups ?? [];
    expect([made?.repository, made?.backup?.type, made?.backup?.source]).toEqual([
      ...[1, "incr", source],
    ]);
    const full = first.backups?.[0]?.backup;
    expect(made!.backup!.repositoryBytes).toBeLessThan(full!.repositoryBytes / 4);

    const [repository] = await lab.list();
    expect(repository?.backups.map(({ label, type }) => [label, type])).toEqual([
      [full?.label, "full"],
      [made?.backup?.label, "incr"],
    ]);
    expect(repository?.backups.map((one) => one.source)).toEqual([source, source]);
    expect(repository?.backups[1]?.prior).toBe(full?.label);
    expect(Date.now() - Date.parse(repository!.newestWal!.at)).toBeLessThan(60_000);
  });

  it("are checked and verified", async () => {
    const check = await lab.run("check");
    expect([check.result, check.detail]).toEqual([
      "success",
      expect.stringMatching(/^The newest WAL is [0-9A-F]{24}, [\d.]+ s old\.$/),
    ]);
    const verify = await lab.run("verify");
    expect([verify.result, verify.detail]).toEqual(["success", expect.any(String)]);
  });

  it("bring back every row by pgBackRest alone", async () => {
    const before = await sums((query, database) => lab.primary.sql(query, database));
    await lab.primary.sql("SELECT pg_switch_wal()");
    await lab.run("check");
    expect(await lab.restored([], sums)).toEqual(before);
  });
});
