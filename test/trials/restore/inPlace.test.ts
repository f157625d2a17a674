import { caughtUp } from "../../support/imageLab";
import { InPlaceLab } from "../../support/inPlaceLab";

const major = Number(process.env["LATERBASE_MAJOR"] ?? 17);
const labs: InPlaceLab[] = [];
const long = 400_000;

async function prepared(...call: Parameters<InPlaceLab["prepared"]>): Promise<InPlaceLab> {
  const lab = new InPlaceLab(major);
  labs.push(lab);
  return lab.prepared(...call);
}

/**
 * A lab with twenty rows, and the command that goes back to the moment at which there were ten.
 *
 * @param scale how much there is beside them
 */
async function twentyRows(scale = 1): Promise<{ lab: InPlaceLab; words: string[] }> {
  const lab = await prepared({}, scale);
  await lab.primary.sql("INSERT INTO written SELECT generate_series(1, 10)", "app");
  const { at } = await lab.moment();
  await lab.primary.sql("INSERT INTO written SELECT generate_series(11, 20)", "app");
  await lab.run("check");
  return { lab, words: ["restore", "--in-place", "--yes", "--to-time", at] };
}

afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.dispose();
}, 120_000);

it(
  "loses nothing that was committed when it goes to the newest state",
  async () => {
    const lab = await prepared();
    await lab.write();
    await lab.archived();
    const { result } = await lab.told("restore", "--in-place", "--yes");
    const rows = await lab.rows();
    // The data from before know what was committed until the stop.
    await lab.told("restore", "--undo", "--yes");
    expect(await lab.rows()).toBe(rows);
    expect(result["reached"].timeline).toBe(2);
  },
  long,
);

it(
  "takes WAL over that no repository has",
  async () => {
    const lab = await prepared({ standby: false });
    await lab.primary.sql("ALTER SYSTEM SET archive_command = 'false'");
    await lab.primary.sql("SELECT pg_reload_conf()");
    await lab.primary.sql("INSERT INTO written SELECT generate_series(1, 1000)", "app");
    await lab.primary.sql("SELECT pg_switch_wal()");
    await lab.primary.sql("INSERT INTO written SELECT generate_series(1001, 2000)", "app");
    const { result } = await lab.told("restore", "--in-place", "--yes");
    expect([await lab.rows(), result["notes"]]).toEqual(["2000 2000", []]);
  },
  long,
);

it(
  "goes through timelines 2 and 3, and --timeline brings the discarded rows back",
  async () => {
    const lab = await prepared();
    await lab.primary.sql("INSERT INTO written SELECT generate_series(1, 10)", "app");
    const first = await lab.moment();
    await lab.primary.sql("INSERT INTO written SELECT generate_series(11, 20)", "app");
    const discarded = await lab.moment();
    await lab.primary.sql("INSERT INTO written VALUES (21)", "app");
    await lab.run("check");
    await lab.told("restore", "--in-place", "--yes", "--to-time", first.at);
    expect([await lab.rows(), await lab.timeline()]).toEqual(["10 10", 2]);
    await lab.told("restore", "--accept", "--yes");
    await lab.primary.sql("INSERT INTO written VALUES (100)", "app");
    const second = await lab.moment();
    await lab.primary.sql("INSERT INTO written VALUES (101)", "app");
    await lab.run("check");
    await lab.told("restore", "--in-place", "--yes", "--to-time", second.at);
    expect([await lab.rows(), await lab.timeline()]).toEqual(["11 100", 3]);
    await lab.told("restore", "--accept", "--yes");
    const along = ["--timeline", "1", "--to-time", discarded.at];
    await lab.told("restore", "--in-place", "--yes", ...along);
    expect([await lab.rows(), await lab.timeline()]).toEqual(["20 20", 4]);
    await caughtUp(lab.primary, lab.standby!);
    expect(await lab.rows(lab.standby)).toBe("20 20");
    expect((await lab.run("full")).result).toBe("success");
    expect((await lab.run("verify")).result).toBe("success");
  },
  long,
);

/** Where a run is killed: what it has said by then. */
const moments: [string, RegExp][] = [
  ["while files are copied", /^restored/m],
  ["when they are complete", /^restored [\d.]+ .B of data/m],
  ["when standbys stop", /^Stopping \S+-standby/m],
  ["when the primary stops", /^Stopping \S+-primary/m],
  ["while WAL is replayed", /-primary: starting/],
  ["when the primary takes writes", /-primary: running/],
  ["while the standby is cloned", /-standby: (re)?cloning/],
  ["while the backup is made", /^Making a backup/m],
];

it.each(moments)(
  "goes on, and is undone, after a kill %s",
  async (_, line) => {
    const { lab, words } = await twentyRows();
    await lab.killedAt(line, ...words);
    const undone = await lab.told("restore", "--undo", "--yes");
    expect([undone.code, await lab.rows(), await lab.left()]).toEqual([0, "20 20", "data"]);
    expect(await lab.filesOf(2)).toEqual([]);
    await lab.killedAt(line, ...words);
    const { code, result } = await lab.tell("restore", "--in-place", "--yes");
    // When it was killed in the backup, everything else was done.
    if (code === 4) expect(result["error"]).toContain("is not accepted yet");
    else expect([code, result["notes"]]).toEqual([0, []]);
    expect(await lab.rows()).toBe("10 10");
    await caughtUp(lab.primary, lab.standby!);
    expect(await lab.rows(lab.standby)).toBe("10 10");
    await lab.told("restore", "--undo", "--yes");
    expect([await lab.rows(), await lab.timeline()]).toEqual(["20 20", 1]);
  },
  long,
);

/** The same for one that overwrites the data: whether the undo could still take all of it back. */
const overwriting: [string, RegExp, boolean][] = [
  ["when the primary stops", /^Stopping \S+-primary/m, true],
  ["while the data are overwritten", /^restored \d+ % of/m, false],
  ["when they are overwritten", /^restored [\d.]+ .B of data/m, false],
  ["while WAL is replayed", /-primary: starting/, false],
  ["while the standby is cloned", /-standby: (re)?cloning/, false],
];

it.each(overwriting)(
  "goes on by the same command after a kill of --delta %s",
  async (_, line, untouched) => {
    const { lab, words } = await twentyRows(15);
    const command = [...words, "--delta"];
    // Every page differs, so that the copy takes a while.
    await lab.primary.sql("UPDATE pgbench_accounts SET abalance = 1", "app");
    await lab.killedAt(line, ...command);
    const undone = await lab.tell("restore", "--undo", "--yes");
    if (untouched) {
      expect([undone.code, await lab.rows()]).toEqual([0, "20 20"]);
      await lab.killedAt(line, ...command);
    } else {
      expect([undone.code, undone.result["error"]]).toEqual([
        4,
        expect.stringMatching(/^Nothing can be put back, because this restore keeps nothing: /),
      ]);
    }
    const { code, result, progress } = await lab.tell(...command);
    expect([code, result["error"], result["notes"]]).toEqual([0, undefined, []]);
    expect(progress.join("\n")).toMatch(/^The restore to .* goes on\.$/m);
    expect([await lab.rows(), await lab.timeline(), await lab.left()]).toEqual([
      "10 10",
      2,
      "data",
    ]);
    expect(await lab.primary.sql("SELECT sum(abalance) FROM pgbench_accounts", "app")).toBe("0");
    await caughtUp(lab.primary, lab.standby!);
    expect(await lab.rows(lab.standby)).toBe("10 10");
    expect((await lab.run("full")).result).toBe("success");
    expect((await lab.run("verify")).result).toBe("success");
  },
  long,
);

it.each([/^Stopping \S+-primary/m, /-primary: starting/, /^Removing timeline/m])(
  "goes on with an undo that was killed at %s",
  async (line) => {
    const { lab, words } = await twentyRows();
    await lab.told(...words);
    await lab.killedAt(line, "restore", "--undo", "--yes");
    const again = await lab.told("restore", "--undo", "--yes");
    expect([again.code, await lab.rows(), await lab.left()]).toEqual([0, "20 20", "data"]);
    expect([await lab.filesOf(2), await lab.timeline()]).toEqual([[], 1]);
    await caughtUp(lab.primary, lab.standby!);
  },
  long,
);

it(
  "makes a full backup before it lets the only one of an undone timeline go",
  async () => {
    const lab = await prepared({ standby: false });
    await lab.run("check");
    await lab.told("restore", "--in-place", "--yes");
    const full = (await lab.run("full")).backups?.[0]?.backup?.label;
    await lab.told("restore", "--undo", "--yes");
    const [repository] = await lab.list();
    const labels = repository!.backups.map(({ label }) => label);
    expect(labels).not.toContain(full);
    expect(repository!.backups.at(-1)?.type).toBe("full");
    expect((await lab.run("verify")).result).toBe("success");
  },
  long,
);

it(
  "puts the data from before back by itself when the recovery fails",
  async () => {
    const lab = await prepared();
    await lab.primary.sql("INSERT INTO written SELECT generate_series(1, 10)", "app");
    await lab.primary.sql("SELECT pg_create_restore_point('there')");
    await lab.run("check");
    const words = ["restore", "--in-place", "--yes", "--to-name", "there"];
    await lab.killedAt(/^restored [\d.]+ .B of data/m, ...words);
    // The WAL that it needs goes, as when somebody deletes a file.
    const { wal } = await lab.plan("--to-name", "there");
    await lab.agent.bash(`rm ${lab.path("archive", "main", "*", "*")}/${wal.to}-*`);
    const { code, result } = await lab.tell(...words);
    expect([code, result["error"]]).toEqual([
      1,
      expect.stringMatching(/The data from before are back/),
    ]);
    expect([await lab.rows(), await lab.timeline(), await lab.left()]).toEqual([
      "10 10",
      1,
      "data",
    ]);
    await caughtUp(lab.primary, lab.standby!);
  },
  long,
);

it(
  "lets a standby follow by itself when its role has its password again",
  async () => {
    const lab = await prepared();
    await lab.primary.sql("ALTER ROLE repl PASSWORD 'of that time'");
    const point = await lab.moment();
    const password = lab.lab.secrets.replication;
    await lab.primary.sql(`SET log_statement = none; ALTER ROLE repl PASSWORD '${password}'`);
    await lab.primary.sql("INSERT INTO written VALUES (1)", "app");
    await lab.run("check");
    const { code, result } = await lab.tell(
      "restore",
      "--in-place",
      "--yes",
      "--to-time",
      point.at,
    );
    expect(code).toBe(3);
    expect(result["standbys"].not.standby).toMatch(
      /the role repl is as it was then: 'npm run pulumi -- up/,
    );
    expect(await lab.standby!.sql("SELECT 1").catch(() => "away")).toBe("away");
    await lab.primary.sql(`SET log_statement = none; ALTER ROLE repl PASSWORD '${password}'`);
    await lab.standby!.until("running", 90);
    await caughtUp(lab.primary, lab.standby!);
  },
  long,
);

it(
  "names the room where there is none for both",
  async () => {
    // A tmpfs, so that nothing else of this machine runs out of room.
    const lab = await prepared({ standby: false, primaryMegabytes: 400 });
    const plan = await lab.plan();
    expect(plan.set.bytes).toBeGreaterThan(10_000_000);
    const volume = "/var/lib/postgresql/primary";
    await lab.primary.bash(
      `fallocate -l $(($(df --output=avail -B1 ${volume} | tail -n 1) - 60000000)) ${volume}/filler`,
    );
    const { code, result } = await lab.tell("restore", "--in-place", "--yes");
    await lab.primary.bash(`rm ${volume}/filler`);
    expect([code, result["error"]]).toEqual([4, expect.stringContaining("--delta")]);
    expect(await lab.left()).toBe("data");
  },
  long,
);
