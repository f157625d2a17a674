import { checksum, sleep } from "../../support/imageLab";
import { BackupLab, type BackupLabOptions } from "../../support/backupLab";

const major = Number(process.env["LATERBASE_MAJOR"] ?? 17);
const labs: BackupLab[] = [];

/** A lab with a little data, whose agent has made its first full backup. */
async function backedUp(options: BackupLabOptions = {}, scale = 2): Promise<BackupLab> {
  const lab = new BackupLab(major);
  labs.push(lab);
  await lab.open(options);
  await lab.primary.bash(`pgbench -h /run/pg/primary -U postgres -i -s ${scale} -q app`);
  await lab.startAgent();
  await lab.record("full", ({ result }) => result === "success", 120);
  return lab;
}

const insert = (lab: BackupLab, from: number) =>
  lab.primary.sql(
    `CREATE TABLE IF NOT EXISTS rows (n int, t text);
     INSERT INTO rows SELECT n, md5(n::text) FROM generate_series(${from}, ${from + 999}) n`,
    "app",
  );

const switchWal = (lab: BackupLab) => lab.primary.sql("SELECT pg_switch_wal()");
const sumOf = (lab: BackupLab) => lab.primary.sql(checksum("rows"), "app");

afterEach(async () => {
  for (const lab of labs.splice(0)) await lab.dispose();
}, 120_000);

const long = 300_000;

it(
  "restores each link of a chain of full, diff and incr",
  async () => {
    const lab = await backedUp({ standby: false });
    const states: string[][] = [];
    for (const type of ["diff", "incr"] as const) {
      await insert(lab, states.length * 1000);
      const { backups } = await lab.run(type);
      expect(backups?.[0]?.backup?.type).toBe(type);
      states.push([backups![0]!.backup!.label, await sumOf(lab)]);
    }
    for (const [label = "", sum] of states) {
      const words = [`--set=${label}`, "--type=immediate", "--target-action=promote"];
      expect(await lab.restored(words, (sql) => sql(checksum("rows"), "app"))).toBe(sum);
    }
  },
  long,
);

it(
  "says so when an incr becomes a full one",
  async () => {
    const lab = await backedUp({ standby: false });
    const emptied = ["stop", "--repo=1 --force stanza-delete", "start", "stanza-create"].map(
      (words) => `pgbackrest --stanza=main ${words}`,
    );
    await lab.agent.bash(emptied.join(" && "));
    const { result, backups, detail } = await lab.run("incr");
    expect([result, backups?.[0]?.backup?.type]).toEqual(["success", "full"]);
    expect(detail).toContain("There was no full backup for an incr to stand on");
  },
  long,
);

it(
  "goes on after a backup that was killed half-way",
  async () => {
    const lab = await backedUp({ standby: false }, 40);
    const running = lab.run("full").catch(() => undefined);
    await until(() => backingUp(lab));
    await lab.agent.container.kill();
    await running;
    await lab.agent.container.start();
    const { result } = await (await again(lab)).run("full");
    expect(result).toBe("success");
    expect((await lab.run("verify")).result).toBe("success");
  },
  long,
);

it(
  "makes a scheduled backup again that an agent's restart stopped",
  async () => {
    const lab = await backedUp({ standby: false }, 40);
    const due = new Date(Date.now() - 4 * 60_000);
    const fields = [due.getUTCMinutes(), due.getUTCHours(), "*", "*", "*"].map(String);
    const schedule = {
      text: "a moment ago",
      fields: fields as [string, string, string, string, string],
    };
    // The first full backup came after that moment, as if the schedule had begun it.
    await lab.agent.bash(
      `cd /var/lib/laterbase/records && sed -i -E 's/"startedAt":"[^"]+"/"startedAt":"2026-01-01T00:00:00.000Z"/' backup-full.log.jsonl`,
    );
    await lab.agent.container.stop({ t: 30 });
    const agent = await lab.startAgent(lab.settings({ full: schedule }));
    await until(() => backingUp(lab), 90);
    await agent.container.stop({ t: 30 });
    await lab.startAgent(lab.settings({ full: schedule }));
    const record = await lab.record(
      "full",
      ({ trigger, result }) => trigger === "catch-up" && result === "success",
      120,
    );
    expect(record.backups?.[0]?.backup?.type).toBe("full");
    const runs = (
      await lab.agent.bash("cat /var/lib/laterbase/records/backup-full.log.jsonl")
    ).split("\n");
    expect(runs.some((line) => line.includes('"code":63'))).toBe(true);
  },
  long,
);

it(
  "says that a repository is full, and keeps its backups",
  async () => {
    const lab = await backedUp({ standby: false, megabytes: 60 });
    await lab.primary.sql(
      "CREATE TABLE big AS SELECT n, md5(n::text) || md5((n + 1)::text) AS t FROM generate_series(1, 900000) n",
      "app",
    );
    const { result, detail, backups } = await lab.run("full");
    expect([result, backups?.[0]?.code]).toEqual(["failed", expect.any(Number)]);
    expect(detail).toMatch(/free room|in time/);
    const [repository] = await lab.list();
    expect(repository?.backups).toHaveLength(1);
  },
  long,
);

it(
  "says that WAL is missing after a segment was deleted, and makes a full backup",
  async () => {
    const lab = await backedUp({ standby: false });
    for (let n = 0; n < 4; n++) {
      await insert(lab, n * 1000);
      await switchWal(lab);
    }
    await lab.run("check");
    const files = (
      await lab.agent.bash(
        `ls ${lab.path("archive", "main")}/*/*/ | grep -E '^[0-9A-F]{24}-' | sort`,
      )
    ).split("\n");
    const gone = files.at(-3)!;
    await lab.agent.bash(`rm ${lab.path("archive", "main")}/*/*/${gone}`);
    const verify = await lab.run("verify");
    expect([verify.result, verify.detail]).toEqual([
      "failed",
      expect.stringContaining("1 WAL segment is missing between"),
    ]);
    expect(verify.repositories?.[0]?.gaps).toEqual([
      { after: files.at(-4)!.slice(0, 24), before: files.at(-2)!.slice(0, 24), segments: 1 },
    ]);
    const check = await lab.run("check");
    expect([check.result, check.detail]).toEqual([
      "failed",
      expect.stringContaining("A full backup follows: "),
    ]);
  },
  long,
);

it(
  "says that the archive queue gave up WAL, and a full backup follows by itself",
  async () => {
    const lab = await backedUp({ standby: false });
    // Later than the first backup, whose own WAL would be given up while the stanza is made.
    await lab.configure([{}], { global: ["archive-push-queue-max=32MB"] });
    await lab.agent.container.stop({ t: 30 });
    // The primary cannot write the archive, so the queue overflows.
    await lab.primary.bash(`chmod 0500 ${lab.path("archive", "main")}/*/*`);
    for (let n = 0; n < 6; n++) {
      await insert(lab, n * 1000);
      await switchWal(lab);
    }
    await until(
      async () => (await lab.primary.sql("SELECT last_archived_wal FROM pg_stat_archiver")) !== "",
      120,
    );
    await until(
      async () =>
        (await lab.primary.bash(
          "ls /var/lib/postgresql/primary/data/pg_wal/archive_status | grep -c ready || true",
        )) <= "2",
      120,
    );
    await lab.primary.bash(`chmod 0750 ${lab.path("archive", "main")}/*/*`);
    await insert(lab, 9000);
    await switchWal(lab);
    // The first full backup is older than the pause after which one is tried again.
    await lab.agent.container.start();
    await lab.agent.bash(
      `cd /var/lib/laterbase/records && sed -i -E 's/"startedAt":"[^"]+"/"startedAt":"2026-01-01T00:00:00.000Z"/' backup-full.log.jsonl`,
    );
    await lab.agent.container.restart({ t: 30 });
    const record = await lab.record("full", ({ trigger }) => trigger === "archive-gap", 150);
    expect([record.result, record.detail]).toEqual([
      "success",
      expect.stringContaining("missing between"),
    ]);
    expect(await lab.agent.log()).toMatch(
      /repository 1: \d+ WAL segments? (is|are) missing between/,
    );
    expect((await lab.run("check")).result).toBe("success");
    const sum = await sumOf(lab);
    await switchWal(lab);
    await lab.run("check");
    expect(await lab.restored([], (sql) => sql(checksum("rows"), "app"))).toBe(sum);
  },
  long,
);

/** Before 15 only a superuser could start a backup on the standby. */
const read = major >= 15 ? "standby" : "primary";

it(
  `is made from the ${read} where there is a standby`,
  async () => {
    const lab = await backedUp();
    const { result, backups } = await lab.run("incr");
    expect([result, backups?.[0]?.backup?.source]).toEqual(["success", read]);
  },
  long,
);

if (read === "standby") {
  describe("the standby", () => {
    it(
      "that is stopped, frozen or behind costs no backup",
      async () => {
        const lab = await backedUp();
        const standby = lab.standby!;
        const from = async () => {
          const { result, detail, backups } = await lab.run("incr");
          expect([result, detail]).toEqual(["success", expect.any(String)]);
          return backups?.[0]?.backup?.source;
        };
        expect(await from()).toBe("standby");
        await standby.container.pause();
        expect(await from()).toBe("primary");
        await standby.container.unpause();
        await standby.until("running", 60);
        await standby.sql("SELECT pg_wal_replay_pause()");
        await insert(lab, 0);
        expect(await from()).toBe("primary");
        await standby.sql("SELECT pg_wal_replay_resume()");
        await standby.container.stop({ t: 30 });
        expect(await from()).toBe("primary");
        expect((await lab.run("check")).detail).toContain(
          "Backups cannot read the standby standby",
        );
        await standby.container.start();
        await standby.until("running", 60);
        expect(await from()).toBe("standby");
      },
      long,
    );

    it(
      "that stops during a backup costs no backup",
      async () => {
        const lab = await backedUp({}, 40);
        const running = lab.run("full");
        await until(() => backingUp(lab));
        await lab.standby!.container.kill();
        const { result, backups } = await running;
        expect([result, backups?.[0]?.backup?.source]).toEqual(["success", "primary"]);
      },
      long,
    );

    it(
      "that was promoted is named, and nothing is backed up",
      async () => {
        const lab = await backedUp();
        await lab.standby!.sql("SELECT pg_promote()");
        await until(async () => (await lab.standby!.sql("SELECT pg_is_in_recovery()")) === "f");
        const { result, detail } = await lab.run("incr");
        expect([result, detail]).toEqual([
          "failed",
          expect.stringMatching(/^There is more than one primary: standby was promoted/),
        ]);
      },
      long,
    );
  });
}

it(
  "keeps one repository whole while another is dead, and shows it within two minutes",
  async () => {
    const lab = await backedUp({ standby: false, repositories: [{}, {}] });
    expect((await lab.list()).map(({ backups }) => backups.length)).toEqual([1, 1]);
    const status = async () =>
      JSON.parse((await lab.agent.exec("laterbase-health")).stdout) as {
        state: string;
        repositories: { repository: number; problem?: string; newestWal?: { age: number } }[];
      };
    await until(async () => (await status()).repositories[1]?.newestWal !== undefined, 120);
    await lab.agent.bash("chmod 0 /var/lib/pgbackrest/repo2");
    const dead = Date.now();
    const { result, backups, detail } = await lab.run("incr");
    expect([result, backups?.map((one) => one.result)]).toEqual(["failed", ["success", "failed"]]);
    expect(detail).toMatch(/^1 of 2 repositories failed; repository 2: /);
    await until(async () => (await status()).repositories[1]?.problem !== undefined, 120);
    expect(Date.now() - dead).toBeLessThan(120_000);
    const { state, repositories } = await status();
    expect([state, repositories[0]?.problem]).toEqual(["running", undefined]);
    expect(repositories[1]?.newestWal?.age).toBeGreaterThan(0);
    await lab.agent.bash("chmod 0750 /var/lib/pgbackrest/repo2");
    await until(async () => (await status()).repositories[1]?.problem === undefined, 120);
  },
  long,
);

it(
  "keeps as many full backups and days as retention says, and the last good one",
  async () => {
    const lab = await backedUp({ standby: false, repositories: [{ lines: ["retention-full=2"] }] });
    const fulls = async () => (await lab.list())[0]!.backups.map(({ label }) => label);
    const [first] = await fulls();
    for (let n = 0; n < 2; n++) {
      await insert(lab, n);
      expect((await lab.run("full")).result).toBe("success");
    }
    const kept = await fulls();
    expect([kept.length, kept.includes(first!)]).toEqual([2, false]);
    // A verify that finds the newest full backup damaged holds everything.
    const newest = kept.at(-1)!;
    const file = await lab.agent.bash(
      `find ${lab.path("backup", "main", newest)} -type f -size +20k ! -name 'backup.manifest*' | sort | head -n 1`,
    );
    await lab.agent.bash(
      `printf 'spoilt' | dd of='${file}' bs=1 seek=2000 conv=notrunc status=none`,
    );
    const verify = await lab.run("verify");
    expect([verify.result, verify.repositories?.[0]?.invalidBackups]).toEqual([
      "failed",
      expect.arrayContaining([newest]),
    ]);
    await lab.configure([{ lines: ["retention-full=1"] }], { standby: false });
    const { result, detail } = await lab.run("maintenance");
    expect([result, detail]).toEqual([
      "success",
      expect.stringContaining(`verify found the newest full backup, ${newest}, damaged`),
    ]);
    expect(await fulls()).toEqual(kept);
    expect((await lab.run("full")).result).toBe("success");
    expect(await fulls()).toHaveLength(1);
    // By days: nothing is old enough.
    await lab.configure([{ lines: ["retention-full=1", "retention-full-type=time"] }], {
      standby: false,
    });
    expect((await lab.run("full")).result).toBe("success");
    expect(await fulls()).toHaveLength(2);
  },
  long,
);

/** Whether a backup runs in the agent's container. */
async function backingUp(lab: BackupLab): Promise<boolean> {
  const look = `for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <$f | grep -q '^pgbackrest backup ' && echo yes; done; true`;
  return (await lab.agent.exec("bash", "-c", look)).stdout.includes("yes");
}

async function again(lab: BackupLab): Promise<BackupLab> {
  await until(() => lab.agent.healthy(), 60);
  return lab;
}

async function until(fits: () => Promise<boolean>, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
    if (await fits().catch(() => false)) return;
  }
  throw new Error("it did not come true");
}
