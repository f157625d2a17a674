import { caughtUp, sleep } from "../support/imageLab";
import { InPlaceLab } from "../support/inPlaceLab";

const lab = new InPlaceLab(17);
const newest = (rows: string) => Number(rows.split(" ")[1]);
const backups = async () => (await lab.list())[0]!.backups.map(({ label }) => label);

jest.setTimeout(600_000);
beforeAll(() => lab.prepared());
afterAll(() => lab.dispose());

/** A moment under load, and what came after it. */
const point = { at: "", rows: "" };
let afterwards = "";
/** What the restore made. */
let made = "";

it("goes back to a moment under load, and the standby never answers with what was undone", async () => {
  await lab.write();
  Object.assign(point, await lab.moment());
  await lab.archived();
  const watch = lab.watchStandby();
  const restoring = lab.told("restore", "--in-place", "--yes", "--to-time", point.at);
  // A restore that is refused stops nothing.
  await Promise.race([lab.primary.container.wait(), restoring]);
  watch.stopped();
  const { result } = await restoring;
  const read = await watch.end();
  expect(await lab.rows()).toBe(point.rows);
  expect([result["kept"], result["reached"].timeline, result["notes"]]).toEqual([true, 2, []]);
  expect(result["standbys"]).toEqual({ following: ["standby"], not: {} });
  await caughtUp(lab.primary, lab.standby!);
  expect(await lab.rows(lab.standby)).toBe(point.rows);
  expect(read.length).toBeGreaterThan(0);
  expect(read.filter((id) => id > newest(point.rows))).toEqual([]);
  made = result["backup"] as string;
  expect(await backups()).toContain(made);
});

it("keeps the data from before, resets the recovery's settings, and says what it waits for", async () => {
  expect(await lab.left()).toBe("data data.before-restore restore.json");
  const settings = "SELECT count(*) FROM pg_file_settings WHERE name ~ '^(recovery_|restore_)'";
  expect(await lab.primary.sql(settings)).toBe("0");
  const refused = await lab.tell("restore", "--in-place", "--yes");
  expect([refused.code, refused.result["error"]]).toEqual([
    4,
    expect.stringMatching(/^The last restore is not accepted yet: /),
  ]);
  expect((await lab.told("restore", "--dry-run")).progress.join("\n")).toMatch(
    /The restore in place of .* is not accepted yet/,
  );
});

it("undoes a restore: the rows are back, and its timeline is in no repository", async () => {
  await lab.primary.sql("INSERT INTO written (id) VALUES (1000000)", "app");
  await lab.run("check");
  expect((await lab.filesOf(2)).length).toBeGreaterThan(1);
  const { result } = await lab.told("restore", "--undo", "--yes");
  expect([result["timeline"], result["notes"]]).toEqual([2, []]);
  afterwards = await lab.rows();
  expect(newest(afterwards)).toBeGreaterThan(newest(point.rows));
  expect(newest(afterwards)).toBeLessThan(1_000_000);
  expect(await lab.timeline()).toBe(1);
  expect(await lab.filesOf(2)).toEqual([]);
  expect(await backups()).not.toContain(made);
  expect(await lab.left()).toBe("data");
  await caughtUp(lab.primary, lab.standby!);
  expect(await lab.rows(lab.standby)).toBe(afterwards);
  await lab.primary.sql("INSERT INTO written DEFAULT VALUES", "app");
  expect((await lab.run("incr")).result).toBe("success");
  expect((await lab.run("check")).result).toBe("success");
});

it("goes on after a kill while files are copied, while servers stop and while WAL is replayed", async () => {
  const words = ["restore", "--in-place", "--yes", "--to-time", point.at];
  const before = await lab.rows();
  await lab.killedAt(/^restored/m, ...words);
  await lab.primary.until("running");
  expect(await lab.rows()).toBe(before);
  expect((await lab.tell("restore", "--in-place", "--yes", "--immediate")).code).toBe(4);
  await lab.killedAt(/^Stopping \S+-primary/m, ...words);
  await lab.killedAt(/-primary: starting/, ...words);
  const { result, progress } = await lab.told("restore", "--in-place", "--yes");
  expect(progress.join("\n")).toMatch(/^The restore to .* goes on\.$/m);
  expect([result["reached"].timeline, result["notes"]]).toEqual([2, []]);
  expect(await lab.rows()).toBe(point.rows);
  await caughtUp(lab.primary, lab.standby!);
  expect(await lab.rows(lab.standby)).toBe(point.rows);
  await lab.told("restore", "--accept", "--yes");
  expect(await lab.left()).toBe("data");
  expect(await lab.rows()).toBe(point.rows);
});

it("overwrites by --delta, keeps who may connect, and tells which logins are of that time", async () => {
  await lab.primary.sql("CREATE ROLE app LOGIN PASSWORD 'old'");
  await lab.run("check");
  expect((await lab.run("incr")).result).toBe("success");
  await lab.primary.sql("SET log_statement = none; ALTER ROLE app PASSWORD 'new'");
  await lab.primary.bash("echo '# of today' >>/var/lib/postgresql/primary/data/pg_hba.conf");
  await lab.primary.sql("INSERT INTO written (id) VALUES (2000000)", "app");
  const { code, result } = await lab.tell(
    "restore",
    "--in-place",
    "--delta",
    "--yes",
    "--immediate",
  );
  expect([code, result["kept"], result["reached"].timeline]).toEqual([3, false, 3]);
  expect(result["notes"]).toEqual([
    "These logins have the password of that time: app; 'npm run pulumi -- up --stack test' sets those that Laterbase makes.",
  ]);
  expect(await lab.rows()).toBe(point.rows);
  expect(await lab.left()).toBe("data");
  expect(await lab.primary.bash("tail -n 1 /var/lib/postgresql/primary/data/pg_hba.conf")).toBe(
    "# of today",
  );
  expect((await lab.tell("restore", "--undo", "--yes")).code).toBe(4);
});

it("refuses to start on half of the data, and never initialises beside them", async () => {
  await lab.primary.stop();
  await lab.lab.offline(lab.primary, "mv data data.before-restore");
  await lab.primary.container.start();
  const { detail, healthy } = await lab.primary.until("blocked");
  expect([healthy, detail]).toEqual([false, expect.stringContaining("restore --undo")]);
  await sleep(500);
  expect(await lab.left()).toBe("data.before-restore");
  await lab.primary.stop();
  await lab.lab.offline(lab.primary, "mv data.before-restore data");
  await lab.primary.container.start();
  await lab.primary.until("running");
  expect(await lab.rows()).toBe(point.rows);
});
