import { extract } from "tar-stream";
import type { Restored } from "../../contract/agentReplies";
import type { JobRecord } from "../../contract/jobRecord";
import { askAgent } from "../../scripts/cli/servers/askAgent";
import { type Agent, AgentLab } from "../support/agentLab";
import { type Box, caughtUp, sleep } from "../support/imageLab";
import { until } from "../support/process";
import { hourly } from "../support/schedules";

const library = 'My Library "2024" é';
/** About 60 MB that hardly compress: with a fifth of a core a dump takes seconds. */
const big = `DROP TABLE IF EXISTS big; CREATE TABLE big AS
  SELECT n, string_agg(md5(random()::text), '') AS t FROM generate_series(1, 24000) n, generate_series(1, 75)
   GROUP BY n`;

const lab = new AgentLab(17);
const sql = (query: string, database?: string) => lab.primary.sql(query, database);
const agents: Agent[] = [];

beforeAll(async () => {
  await lab.open({ conf: "max_standby_streaming_delay = '300ms'" });
  await sql("CREATE TABLE small AS SELECT generate_series(1, 1000) AS n", "app");
  await caughtUp(lab.primary, lab.standby);
}, 600_000);
afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.container.remove({ force: true });
});
afterAll(() => lab.dispose(), 600_000);

async function start(...args: Parameters<typeof lab.agent>): Promise<Agent> {
  const agent = await lab.agent(...args);
  agents.push(agent);
  return agent;
}

/** The sessions of runs on a server. */
const sessions = async (box: Box) =>
  box.sql("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'laterbase dump%'");

/** Waits until a part of a dump is written. */
async function halfway(agent: Agent): Promise<void> {
  await agent.bash(
    "until [[ -n $(find /backups/.partial -name '*.backup' -size +1M) ]]; do sleep 0.05; done",
  );
}

const one = (record: JobRecord) => record.databases?.[0];

describe("a database that is", () => {
  test("of an odd name, dropped or new is found by the next run", async () => {
    const agent = await (await start(lab.config({ databases: "*" }))).ready(2);
    await sql(`CREATE DATABASE "${library.replace(/"/g, '""')}"`);
    await sql("CREATE TABLE clips AS SELECT generate_series(1, 10) AS n", library);
    const names = async () => (await agent.dump()).databases?.map(({ database }) => database);
    expect(await names()).toEqual([library, "app", "postgres"].sort());
    expect((await agent.record()).result).toBe("success");
    const [made] = (await agent.list()).filter(({ database }) => database === library);
    expect(made?.id).toMatch(/^My Library "2024" é\/\d{8}T\d{6}Z$/);
    expect(
      await agent.bash(`cd '/backups/${made?.id}' && sha256sum --quiet -c SHA256SUMS && ls`),
    ).toContain(`${library}.backup`);
    await sql(`DROP DATABASE "${library.replace(/"/g, '""')}"`);
    expect(await names()).toEqual(["app", "postgres"]);
    expect((await agent.list()).map(({ id }) => id)).toContain(made?.id);
  }, 600_000);

  test("a copy that a restore left is not dumped with the others, until it has another name", async () => {
    const agent = await (await start(lab.config({ databases: "*" }))).ready(2);
    const superuser = { name: "postgres", password: lab.lab.secrets.superuser };
    const wanted = { dump: "app", as: "app copy", superuser };
    const { notes } = await askAgent<Restored>(agent, "restore-dump", wanted, () => undefined);
    expect(notes).toEqual([
      '"app copy" is left out of the dumps while there is "app": laterbase:dumps.databases can name it.',
    ]);
    const { databases, leftOut } = await agent.dump();
    expect(databases?.map(({ database }) => database)).toEqual(["app", "postgres"]);
    expect(leftOut).toEqual([
      {
        what: 'the database "app copy"',
        why: 'a restore left it beside "app"; laterbase:dumps.databases can name it',
      },
    ]);
    await sql('ALTER DATABASE "app copy" RENAME TO "app two"');
    await caughtUp(lab.primary, lab.standby);
    const names = (await agent.dump()).databases?.map(({ database }) => database);
    expect(names).toEqual(["app", "app two", "postgres"]);
    await sql('DROP DATABASE "app two"');
    await caughtUp(lab.primary, lab.standby);
  }, 600_000);

  test("not dumped is named in the record, in the manifests and in the list", async () => {
    await sql("CREATE DATABASE closed ALLOW_CONNECTIONS false");
    await sql("CREATE DATABASE private");
    await sql("REVOKE CONNECT ON DATABASE private FROM PUBLIC");
    await sql("CREATE DATABASE torn");
    await sql("UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'torn'");
    await sql("CREATE DATABASE gis IS_TEMPLATE true");
    try {
      await caughtUp(lab.primary, lab.standby);
      const agent = await (await start(lab.config({ databases: "*" }))).ready(2);
      const record = await agent.dump();
      const why = "the role laterbase_test_dumps may not connect to it, and `up` grants that";
      expect(record.databases?.map(({ database, result }) => [database, result])).toEqual([
        ["app", "success"],
        // An owner may make it a template, so that takes nothing out of the dumps.
        ["gis", "success"],
        ["postgres", "success"],
        ["private", "failed"],
      ]);
      expect(record.detail).toBe(
        `1 of 4 databases failed; "private": "private" is not dumped, because ${why}.`,
      );
      expect(record.leftOut?.map(({ what }) => what)).toEqual(
        ["closed", "private", "torn"].map((name) => `the database "${name}"`),
      );
      const { databasesLeftOut } = await agent.manifest(record.databases?.[0]?.folder ?? "");
      expect(databasesLeftOut).toEqual(record.leftOut);
      const { stderr } = await agent.ask("list-dumps");
      expect(stderr).toContain(`Not dumped: the database "private", because ${why}.`);
      expect(stderr).toContain('Not dumped: the database "closed", because it accepts no');

      await sql(`GRANT CONNECT ON DATABASE private TO ${lab.role.name}`);
      await caughtUp(lab.primary, lab.standby);
      const granted = await agent.dump();
      expect(granted.result).toBe("success");
      expect(granted.leftOut?.map(({ what }) => what)).not.toContain('the database "private"');
    } finally {
      await sql("ALTER DATABASE gis IS_TEMPLATE false");
      for (const name of ["closed", "private", "torn", "gis"]) await sql(`DROP DATABASE ${name}`);
    }
  }, 600_000);

  test("limited to fewer connections than a dump needs says so, and is dumped with enough", async () => {
    await sql("CREATE DATABASE few CONNECTION LIMIT 2");
    try {
      await caughtUp(lab.primary, lab.standby);
      const agent = await (await start(lab.config({ databases: ["few", "app"] }))).ready(1);
      const sentence =
        'A dump needs 3 connections to "few", which accepts 2 (in use with its own: 1): ' +
        "raise its CONNECTION LIMIT (ALTER DATABASE).";
      expect((await agent.dump()).databases).toMatchObject([
        { database: "few", result: "failed", detail: `Neither server: ${sentence}` },
        { database: "app", result: "success" },
      ]);
      await sql("ALTER DATABASE few CONNECTION LIMIT 3");
      await caughtUp(lab.primary, lab.standby);
      // The sessions of other roles count, and a role that is no superuser does not see what they are.
      const busy = [lab.primary, lab.standby].map((box) => box.sql("SELECT pg_sleep(15)", "few"));
      await sleep(1000);
      const full = (await agent.dump()).databases?.[0];
      expect(full?.detail).toContain('"few", which accepts 3 (in use with its own: 2)');
      await Promise.all(busy);
      expect((await agent.dump()).result).toBe("success");
    } finally {
      await sql("DROP DATABASE few WITH (FORCE)");
    }
  }, 600_000);

  test("configured and does not exist fails alone", async () => {
    await sql("CREATE DATABASE shop");
    const agent = await (await start(lab.config({ databases: ["shop", "app"] }))).ready(2);
    await sql("DROP DATABASE shop");
    const { code, stderr } = await agent.ask("dump");
    expect(code).toBe(1);
    const sentence =
      'Database "shop" does not exist on the primary: correct laterbase:dumps.databases.';
    expect(stderr.trim().split("\n").at(-1)).toBe(`1 of 2 databases failed; "shop": ${sentence}`);
    const record = await agent.record();
    expect(record.databases).toMatchObject([
      { database: "shop", result: "failed", detail: sentence },
      { database: "app", result: "success" },
    ]);
    expect((await agent.record("dump.success")).trigger).toBe("start");
    expect(await agent.list()).toHaveLength(3);
  }, 600_000);
});

describe("a server that", () => {
  test("refuses the password gives one sentence, no dump, and a healthy agent", async () => {
    const agent = await start(lab.config(), { password: "wr0ng:secret" });
    await agent.ready(0);
    const { code, stderr } = await agent.ask("dump");
    expect([code, stderr.trim().split("\n").at(-1)]).toEqual([
      1,
      '"app": Neither server: password authentication failed for user "laterbase_test_dumps".',
    ]);
    expect((await agent.record()).result).toBe("failed");
    expect(await agent.files()).toEqual(["./.partial", "./.stack"]);
    expect(await agent.healthy()).toBe(true);
    expect(await agent.log()).not.toContain("wr0ng");
  }, 600_000);

  test("cancels because of recovery is replaced by the primary", async () => {
    await sql(big, "app");
    await caughtUp(lab.primary, lab.standby);
    const agent = await (await start(lab.config())).ready(1);
    await agent.container.update({ NanoCpus: 100_000_000 });
    const conflicts = async () =>
      Number(
        await lab.standby.sql(
          "SELECT confl_lock FROM pg_stat_database_conflicts WHERE datname = 'app'",
        ),
      );
    const before = await conflicts();
    const run = agent.dump();
    await halfway(agent);
    // The standby replays the lock and ends the sessions that are in its way.
    await sql("ALTER TABLE big ADD COLUMN later int", "app");
    await until("the standby has cancelled the dump", async () => (await conflicts()) > before);
    // The primary's dump needs no brake, and a slow machine would take minutes for it.
    await agent.container.update({ NanoCpus: 2_000_000_000 });
    const record = await run;
    expect(one(record)).toMatchObject({ result: "success", source: "primary" });
    const { source, tables } = await agent.manifest(one(record)?.folder ?? "");
    expect(source.insteadOf).toContain("conflict with recovery");
    expect(source).not.toHaveProperty("replayedTo");
    expect(tables.find(({ name }) => name === "big")?.rows).toBe(24000);
    expect(await sessions(lab.standby)).toBe("0");
  }, 600_000);

  test("is the only one left is read", async () => {
    await caughtUp(lab.primary, lab.standby);
    const agent = await (await start(lab.config())).ready(1);
    await lab.standby.container.pause();
    try {
      const record = await agent.dump();
      expect(one(record)).toMatchObject({ result: "success", source: "primary" });
    } finally {
      await lab.standby.container.unpause();
    }
    await lab.primary.container.stop({ t: 30 });
    try {
      const record = await agent.dump();
      expect(one(record)).toMatchObject({ result: "success", source: "standby" });
    } finally {
      await lab.primary.container.start();
      await lab.primary.until("running");
    }
  }, 600_000);

  test("is not there at start is asked again each minute, and recorded once", async () => {
    await lab.primary.container.stop({ t: 30 });
    const alone = lab.config({ source: "primary" });
    delete alone.standby;
    const agent = await start(alone);
    await agent.ready(0);
    await sleep(3000);
    expect(await agent.record()).toMatchObject({
      trigger: "start",
      result: "failed",
      detail: expect.stringMatching(/^No server can be dumped from yet: the primary: /),
    });
    await lab.primary.container.start();
    await agent.ready(1);
    expect(await agent.record()).toMatchObject({ trigger: "start", result: "success" });
    expect(
      (await agent.bash("cat /var/lib/laterbase/records/dump.log.jsonl")).split("\n"),
    ).toHaveLength(2);
    await lab.standby.until("running");
  }, 600_000);
});

describe("a run that", () => {
  test("hangs is ended with its processes and sessions; a second one is skipped or waits", async () => {
    const agent = await (
      await start(lab.config({ source: "primary", timeoutSeconds: 15 }))
    ).ready(1);
    const blocker = sql("BEGIN; LOCK TABLE small; SELECT pg_sleep(22)", "app");
    await sleep(1000);
    const run = agent.ask("dump", "--trigger", "schedule");
    await sleep(1500);
    const skipped = await agent.ask("dump");
    expect(JSON.parse(skipped.stdout)).toMatchObject({ result: "skipped", trigger: "operator" });
    const waiting = agent.ask("dump", "--wait");
    const { code, stderr } = await run;
    expect(code).toBe(1);
    expect(stderr).toContain(
      "It was ended after 15 s, the limit that laterbase:dumps.timeout sets.",
    );
    const last = await waiting;
    await blocker;
    expect(last.code).toBe(0);
    const log = (await agent.bash("cat /var/lib/laterbase/records/dump.log.jsonl")).split("\n");
    expect(log.map((line) => (JSON.parse(line) as JobRecord).result)).toEqual([
      "success",
      "skipped",
      "failed",
      "success",
    ]);
    expect(await sessions(lab.primary)).toBe("0");
    expect(await agent.bash("ps -eo args | grep -c '[p]g_dump' || true")).toBe("0");
    expect(await agent.bash("ls -A /backups/.partial")).toBe("");
  }, 600_000);

  test("is killed leaves no half dump that readers see, and the next one works", async () => {
    await sql(big, "app");
    await caughtUp(lab.primary, lab.standby);
    const agent = await (await start(lab.config())).ready(1);
    const before = await agent.list();
    await agent.container.update({ NanoCpus: 200_000_000 });
    const run = agent.ask("dump").catch(() => undefined);
    await halfway(agent);
    const secrets = await agent.bash("ps axeww -o args; cat /proc/[0-9]*/environ | tr '\\0' '\\n'");
    expect(secrets).toContain("--snapshot=");
    expect(secrets).not.toContain(lab.password);
    await agent.container.kill({ signal: "SIGKILL" });
    await run;
    // Read from the volume itself, before an agent has cleaned it.
    const stream = await agent.container.getArchive({ path: "/backups" });
    const names: string[] = [];
    const reader = extract();
    reader.on("entry", (header, entry, next) => {
      names.push(header.name);
      entry.on("end", next).resume();
    });
    await new Promise<void>((resolve) => stream.pipe(reader).on("finish", () => resolve()));
    expect(names.some((name) => /^backups\/\.partial\/.+\.backup$/.test(name))).toBe(true);
    expect(names.filter((name) => name.endsWith("manifest.json"))).toHaveLength(before.length);

    await agent.container.update({ NanoCpus: 2_000_000_000 });
    await agent.container.start();
    await agent.ready(1);
    expect(await agent.list()).toEqual(before);
    expect(await agent.bash("ls -A /backups/.partial")).toBe("");
    expect((await agent.dump()).result).toBe("success");
    expect(await agent.list()).toHaveLength(before.length + 1);
    expect(await agent.log()).not.toContain(lab.password);
    expect(JSON.stringify(await agent.container.inspect())).not.toContain(lab.password);
    expect(await lab.primary.log()).not.toContain(lab.password);
  }, 600_000);

  test("is stopped with the agent ends at once, removes its files, and is recorded", async () => {
    const agent = await (await start(lab.config())).ready(1);
    await agent.container.update({ NanoCpus: 200_000_000 });
    const run = agent.ask("dump").catch(() => undefined);
    await halfway(agent);
    const began = Date.now();
    await agent.container.stop({ t: 30 });
    expect(Date.now() - began).toBeLessThan(10_000);
    expect((await agent.container.inspect()).State.ExitCode).toBe(0);
    await run;
    await agent.container.update({ NanoCpus: 2_000_000_000 });
    await agent.container.start();
    await agent.ready(1);
    expect(await agent.log()).not.toContain("that a crash had left");
    expect(await agent.record()).toMatchObject({
      result: "failed",
      detail: '"app": It was stopped before it was done.',
    });
    expect(await agent.list()).toHaveLength(1);
  }, 600_000);

  test("finds the disk full fails, says so, and keeps the old dumps", async () => {
    const agent = await start(lab.config({ databases: ["postgres", "app"] }), { megabytes: 20 });
    await agent.ready(1);
    const old = await agent.list();
    const record = await agent.dump();
    expect(record.result).toBe("failed");
    expect(record.databases).toMatchObject([
      { database: "postgres", result: "success" },
      {
        database: "app",
        result: "failed",
        detail: expect.stringContaining("No space left on device"),
      },
    ]);
    expect((await agent.list()).filter(({ id }) => old.some((o) => o.id === id))).toEqual(old);
    expect(await agent.bash("ls -A /backups/.partial")).toBe("");
    expect(await agent.healthy()).toBe(true);
  }, 600_000);

  test("the scheduler missed is made by the agent", async () => {
    const agent = await (await start(lab.config({ schedule: hourly }))).ready(1);
    const [made] = await agent.list();
    await agent.bash(
      `sed -i 's/"takenAt": "20../"takenAt": "2020/' '/backups/${made?.id}/manifest.json'; rm /var/lib/laterbase/records/*`,
    );
    await agent.container.restart({ t: 10 });
    await agent.ready(2);
    // The record comes after the dump.
    await agent.bash("until [[ -e /var/lib/laterbase/records/dump.json ]]; do sleep 0.1; done");
    expect(await agent.record()).toMatchObject({ trigger: "catch-up", result: "success" });
  }, 600_000);
});
