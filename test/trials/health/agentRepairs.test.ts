import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { docker, type Fault, FaultTrial } from "../../support/faultTrial";
import { withOtherClock } from "../../support/otherClock";
import { MessageSink } from "../../support/messageSink";
import { doAll, ok, run, until } from "../../support/process";
import { Prometheus } from "../../support/prometheus";
import { Stack } from "../../support/stack";

// Real faults of what the agent does, of the pooler, of clocks and of the primary's cluster, on a real stack without a
// standby. The dumps are on a small file system of their own, so that it can be filled. What is said of each fault, and
// where, is as in repairs.test.ts. Duplicati is the stand-in where its image cannot be pulled.
const stack = new Stack("t-proofs");
const port = { direct: 18481, pooled: 18482, health: 18483, s3: 18484, duplicati: 18485 };
const trial = new FaultTrial(stack, port.health);
const dumps = mkdtempSync(join(tmpdir(), "lbt-dumps-"));
const messages = new MessageSink(stack);
let prometheus: Prometheus | undefined;
jest.setTimeout(900_000);

beforeAll(async () => {
  await ok("mount", [
    "-t",
    "tmpfs",
    "-o",
    "size=96m,uid=999,gid=999,mode=2750",
    "laterbase",
    dumps,
  ]);
  await stack.configure(
    {
      primary: { kind: "managed", version: 17, port: port.direct, databases: ["app"] },
      standbys: [],
      pooler: { port: port.pooled, poolSize: 2 },
      dumps: { schedule: "* * * * *", retentionDays: 1, retentionCount: 1, path: dumps },
      duplicati: { port: port.duplicati, target: "file:///archive", schedule: "0 3 * * *" },
      objectStore: { port: port.s3 },
      backups: {
        repositories: [{ type: "posix" }, { type: "objectStore" }],
        archiveTimeout: "10s",
      },
      health: {
        ...{ port: port.health, thresholds: { jobGrace: 60 }, notify: [{ kind: "webhook" }] },
      },
    },
    { "health.notify[0].url": messages.url },
  );
  await stack.up();
  await messages.start();
  prometheus = await Prometheus.start(port.health);
  trial.around = { messages, prometheus, thresholds: { interval: 60, jobGrace: 60 } };
  await until(
    "both repositories have a backup",
    async () => {
      const { checks } = await trial.report();
      return [1, 2].every(
        (n) => checks.find(({ name }) => name === `repository ${n}`)?.status === "good",
      );
    },
    240,
  );
  expect((await stack.laterbase("upload")).code).toBe(0);
  await trial.healthy(240);
}, 1_200_000);

let realClock: (() => Promise<void>) | undefined;

afterAll(
  () =>
    doAll(
      () => realClock?.(),
      () => prometheus?.stop(),
      () => messages.remove(),
      () => stack.remove(),
      () => run("umount", [dumps]),
      () => rmSync(dumps, { recursive: true, force: true }),
    ),
  300_000,
);

const at = (role: string) => stack.container(role);
const command = (words: string) =>
  new RegExp(`^npm run laterbase -- ${words.replace(/[.]/g, "\\.")} --stack ${stack.name}$`);
const agent = (script: string) => trial.inside("agent", "bash", "-ec", script);
const primary = (script: string) => trial.inside("primary", "bash", "-ec", script);

const archive = "/var/lib/pgbackrest/repo1/archive/main";
const writes = (text = "clock_timestamp()::text") =>
  trial.sql(
    "primary",
    `CREATE TABLE IF NOT EXISTS t (t text); INSERT INTO t SELECT ${text}`,
    "app",
  );
const switchWal = async () => {
  await writes();
  await trial.sql("primary", "SELECT pg_switch_wal()");
};

/** Changes the mode of the folder of the archives, which only its owner outside has the right to. */
const archiveMode = async (mode: string) => {
  const image = (await docker("inspect", "-f", "{{.Config.Image}}", at("duplicati"))).trim();
  const words = ["--rm", "--user", "0", "-v", `${at("duplicati")}-archive:/archive`];
  await docker("run", ...words, "--entrypoint", "chmod", image, mode, "/archive");
};

const clients: Client[] = [];
const pooledClient = async () => {
  const { connections } = await stack.outputsOfSuperuser<{
    connections: { app: { pooled: string } };
  }>();
  const client = new Client({ connectionString: connections.app.pooled });
  client.on("error", () => undefined);
  await client.connect();
  clients.push(client);
  return client;
};

const failed = /^The last one, of .* UTC, failed: /;

const faults: Fault[] = [
  {
    fault: "archiving fails",
    make: async () => {
      await primary(`chmod 0500 ${archive}/*/*`);
      const failed = () =>
        trial.sql("primary", "SELECT failed_count FROM pg_stat_archiver").then(Number);
      const before = await failed();
      await switchWal();
      await until("an attempt fails", async () => (await failed()) > before, 120);
    },
    ...{ check: "archiving", sentence: /^The last attempt to archive WAL failed/ },
    ...{ command: command("check"), shows: [1, 3] },
    first: () => primary(`chmod 0750 ${archive}/*/*`),
  },
  {
    fault: "a repository is away",
    make: () => docker("stop", at("object-store")),
    ...{ check: "repository 2", sentence: /^It cannot be read: / },
    ...{ command: command("check --repo 2"), shows: [1] },
    // What the check of the store itself prints.
    first: () => trial.asPrinted(`npm run pulumi -- up --refresh --stack ${stack.name}`),
  },
  {
    fault: "all WAL is deleted from a repository",
    make: async () => {
      await agent(`find ${archive}/ -name '0000*-*' -type f -delete`);
      // Until something is written there again, the repository's own check says so too.
      expect((await stack.laterbase("check", "--repo", "1")).code).toBe(1);
    },
    ...{ check: "check", sentence: failed },
    ...{ command: command("check"), shows: [3] },
    first: () => stack.laterbase("backup", "full", "--repo", "1"),
  },
  {
    fault: "an upload fails",
    make: async () => {
      await archiveMode("0500");
      expect((await stack.laterbase("upload")).code).toBe(1);
    },
    ...{ check: "upload", sentence: failed },
    ...{ command: command("upload"), shows: [1] },
    first: () => archiveMode("0700"),
  },
  {
    fault: "a dump fails, because its folder cannot be written",
    make: async () => {
      await agent("chmod 0500 /backups /backups/.partial");
      expect((await stack.laterbase("dump")).code).toBe(1);
    },
    ...{ check: "dump", sentence: failed },
    ...{ command: command("dump"), shows: [1] },
    first: () => agent("chmod 2750 /backups; chmod 0750 /backups/.partial"),
  },
  {
    fault: "the agent cannot write its folder",
    make: () => agent("chmod 0500 /backups"),
    ...{ check: "agent", sentence: /\/backups/ },
    ...{ command: command("logs agent"), shows: [0] },
    first: () => agent("chmod 2750 /backups"),
  },
  {
    fault: "a dump is stale",
    make: () => agent("chmod 0500 /backups/.partial"),
    ...{ check: "dump of app", sentence: /^The newest one is .* old\.$/ },
    ...{ command: command("dump app"), shows: [1] },
    first: () => agent("chmod 0750 /backups/.partial"),
  },
  {
    fault: "the file system of the dumps is full",
    make: () => run("dd", ["if=/dev/zero", `of=${join(dumps, "filler")}`, "bs=1M"]),
    ...{ check: "disk of dumps", sentence: /^\d+ k?B of \d+ MB are free \(0 %\)\./ },
    ...{ command: command("list-dumps"), shows: [0] },
    first: () => ok("rm", [join(dumps, "filler")]),
  },
  {
    fault: "a drill fails",
    make: async () => {
      // Bytes in the middle of the largest file of the newest backup.
      await agent(
        `cd /var/lib/pgbackrest/repo1/backup/main; newest=$(ls -d 2*F | tail -n 1)
         file=$(find "$newest" -type f -printf '%s %p\\n' | sort -n | tail -n 1 | cut -d ' ' -f 2-)
         size=$(stat -c %s "$file"); chmod u+w "$file"
         head -c 4096 /dev/urandom | dd of="$file" bs=1 seek=$((size / 2)) conv=notrunc status=none`,
      );
      expect((await stack.laterbase("drill", "--repo", "1")).code).toBe(1);
    },
    ...{ check: "drill", sentence: failed, command: command("drill") },
    first: () => stack.laterbase("backup", "full", "--repo", "1"),
  },
  {
    fault: "a drill is overdue",
    // As if none had been made for three days: the agent makes those up that it knows to be missing.
    make: () =>
      agent(
        `cd /var/lib/laterbase/records; day=$(date -u -d '3 days ago' +%F)
         sed -i -E 's/"(startedAt|endedAt)": "[0-9-]+T/"\\1": "'"$day"'T/' drill.json drill.success.json`,
      ),
    ...{
      check: "drill",
      sentence: /^It was due at .*; the last good one is /,
      command: command("drill"),
    },
  },
  {
    fault: "the pooler is saturated",
    make: async () => {
      for (let n = 0; n < 2; n++) await (await pooledClient()).query("BEGIN; SELECT 1");
      void (await pooledClient()).query("SELECT 1").catch(() => undefined);
    },
    ...{ check: "pooler", sentence: /; 1 wait, the first for / },
    ...{ command: command("pools"), shows: [0] },
    first: () => Promise.all(clients.map((client) => client.end())),
  },
  {
    fault: "the clock of the primary is an hour ahead",
    make: async () => {
      realClock = await withOtherClock(at("primary"), "+1h");
      await until("it answers", () => trial.sql("primary", "SELECT 1").then(() => true), 60);
    },
    ...{ check: "clock of primary", sentence: /^It is (59|60|61) min ahead of the monitor's/ },
    ...{ command: /^sudo timedatectl set-ntp true$/ },
    notRun: true,
    first: async () => {
      await realClock?.();
      realClock = undefined;
    },
  },
];

it("tries its targets of messages from the running monitor", async () => {
  expect((await stack.laterbase("notify", "--test")).code).toBe(0);
  expect((await messages.messages()).at(-1)?.event).toBe("test");
});

it("says that everything works", () => trial.reading(() => trial.saysHealthy()));

it.each(faults)("$fault: it is seen, and what is printed leads to its end", (one) =>
  trial.proves(one),
);

// The last one: the backups belong to the former cluster afterwards.
it("another cluster in the place of the primary is seen, and the printed command accepts it", async () => {
  const data = "/var/lib/postgresql/primary";
  const psql = "psql -Xq -h /run/pg/primary -U postgres";
  await primary(`cd ${data}
    pg_dumpall -h /run/pg/primary -U postgres --globals-only >globals.sql
    pg_dump -h /run/pg/primary -U postgres -n laterbase postgres >heartbeat.sql`);
  await docker("stop", at("primary"));
  const image = (await docker("inspect", "-f", "{{.Config.Image}}", at("primary"))).trim();
  const volume = `${at("primary")}-data:${data}`;
  await docker(
    ...["run", "--rm", "--volume", volume, "--entrypoint", "bash", image, "-ec"],
    `cd ${data} && mv data former && rm superuser-password.applied`,
  );
  const fault: Fault = {
    fault: "the primary is another cluster",
    make: async () => {
      await docker("start", at("primary"));
      await until("it is initialised", () => trial.sql("primary", "SELECT 1", "app").then(Boolean));
      // What a person restores there: the roles, and who may log in.
      await primary(`cd ${data}; ${psql} -f globals.sql 2>/dev/null || true
        ${psql} -d postgres -f heartbeat.sql; cp former/pg_hba.conf data/pg_hba.conf`);
      await trial.sql("primary", "SELECT pg_reload_conf()");
    },
    ...{ check: "cluster", sentence: /^The primary is another cluster than before/ },
    ...{ command: command("accept-primary") },
  };
  const { command: printed } = await trial.named(fault);
  const before = (await messages.messages()).length;
  await trial.reading(async () => {
    const accepted = await trial.asPrinted(printed!);
    expect([accepted.code, accepted.stdout]).toEqual([
      0,
      expect.stringMatching(/^Accepted: the cluster \d+ on timeline 1 is the stack's primary\./),
    ]);
    await trial.until("it is accepted", "cluster", ({ status }) => status === "good", 40);
    await trial.told(before, { name: "cluster", status: "good" });
  });
  const again = await trial.asPrinted(printed!);
  expect([again.code, again.stderr]).toEqual([
    4,
    expect.stringContaining("which the monitor knows: nothing changed."),
  ]);
});
