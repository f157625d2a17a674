import { randomBytes } from "node:crypto";
import { connect } from "../../scripts/engine/connect";
import { LocalPrimary } from "../../scripts/primary/localPrimary";
import { scramVerifier } from "../../scripts/primary";
import { type Agent, AgentLab, buildAgent } from "../support/agentLab";
import { cases } from "../support/cases";
import { check, step } from "../support/collationLab";
import {
  databasesSql,
  enticements,
  hindrances,
  hostileName,
  owner,
  settingsSql,
  sprung,
  type Sprung,
  trapsSql,
} from "../support/hostileOwner";
import { type Box, caughtUp, sleep } from "../support/imageLab";
import { ok } from "../support/process";

/* eslint-disable no-control-regex -- they are what this is about */
/** What a terminal does not show as it is. */
const hidden = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/;
/** What the engine writes before each part of a log. */
const frames = /[\x01\x02]\x00{3}[^]{4}/g;
/* eslint-enable no-control-regex */

// The owner of a database, who is no superuser, sets a trap in everything that can run code. Then
// Laterbase does all that it does with that database but restore it, which has a test of its own. What
// this does not prove: the same over SSH.
describe.each(cases([17], [13, 15]))("the owner of a database of PostgreSQL %i", (major) => {
  const lab = new AgentLab(major);
  let primary: Box, standby: Box, agent: Agent;
  /** The last line of each server's log that was read: what went before is not ours. */
  const read = new Map<Box, string>();

  /** What a server has logged since the last call. Its log may come a moment later than its answers. */
  const logged = async (server: Box): Promise<string> => {
    const mark = `READ ${randomBytes(8).toString("hex")}`;
    await server.sql(`DO $$ BEGIN RAISE LOG '${mark}'; END $$`);
    for (;;) {
      const log = await server.log();
      const before = read.get(server);
      if (!log.includes(`${mark}\n`)) {
        await sleep(100);
        continue;
      }
      read.set(server, mark);
      return before ? log.slice(log.indexOf(`${before}\n`)) : log;
    }
  };
  /** The traps that were sprung since the last call. */
  const traps = async (): Promise<Sprung[]> => {
    const servers = [primary, ...((standby as Box | undefined) ? [standby] : [])];
    return sprung((await Promise.all(servers.map(logged))).join(""));
  };
  /** SQL in the database, without a trap at login for the superuser that this test is. */
  const asOwner = async (sql: string) => {
    const said = await primary.exec(
      ...["env", `PGOPTIONS=${major >= 17 ? "-c event_triggers=off" : ""}`],
      ...["psql", "-XAtqv", "ON_ERROR_STOP=1", "-h", "/run/pg/primary", "-U", "postgres"],
      ...["-d", "app", "-c", `SET SESSION AUTHORIZATION ${owner}`, "-c", sql],
    );
    if (said.code !== 0) throw new Error(said.stderr);
  };
  /** On older servers a superuser's event trigger runs whatever function it has: docs/security.md lists it. */
  const listed = ({ trap }: Sprung) => major < 17 && trap === "event trigger";
  /** Those that ran with other rights than the owner's. */
  const others = async () => {
    const found = await traps();
    const bad = found.filter((one) => one.superuser || one.user !== owner);
    return { found: found.map(({ trap }) => trap), bad: bad.filter((one) => !listed(one)) };
  };
  const nowhere = async (box: Pick<Box, "bash">) =>
    expect(await box.bash("ls /tmp/p 2>/dev/null || echo none")).toBe("none");

  // Before 14 the superuser dumps.
  const dumpPassword = major >= 14 ? lab.password : lab.lab.secrets.superuser;
  const setSuperuserPassword = (password: string) =>
    new LocalPrimary(connect(), primary.name).setVerifier(scramVerifier(password, randomBytes(16)));
  const stepOf = (name: Parameters<typeof step>[2], values: Parameters<typeof step>[4] = {}) =>
    step(lab.lab, primary, name, "apply", values);

  beforeAll(async () => {
    await lab.lab.open();
    await buildAgent(major);
    primary = lab.primary = await lab.lab.primary({ databases: ["quiet"] });
    await primary.until("running");
    await lab.lab.prepare(primary);
    for (const sql of databasesSql(["app", hostileName])) await primary.sql(sql);
    const input = trapsSql(major);
    for (const database of ["app", hostileName]) {
      const words = ["psql", "-Xqv", "ON_ERROR_STOP=1", "-h", "/run/pg/primary", "-U", "postgres"];
      const conninfo = `dbname='${database.replace(/[\\']/g, "\\$&")}'`;
      await ok("docker", ["exec", "-i", primary.name, ...words, "-d", conninfo], { input });
    }
    for (const sql of [
      ...settingsSql("app", enticements),
      ...settingsSql(hostileName, [...enticements, ...hindrances]),
    ]) {
      await primary.sql(sql);
    }
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  it("springs every trap on a superuser who does not state the settings of the session", async () => {
    await traps();
    await primary.sql(
      `SELECT set_config('a.b', '1', false), starts_with('a', 'a'), format('%s%s', 'a'::name, 'b'::name);
       SELECT mood::text, pair::text, to_jsonb(mood), json_build_object('a', mood),
              nspname = nspname, sum(1::numeric) OVER (), pg_relation_size('things'::regclass::oid)
         FROM things, pg_catalog.pg_namespace;
       SELECT * FROM looks; INSERT INTO things DEFAULT VALUES`,
      "app",
    );
    const found = await traps();
    expect(new Set(found.filter((one) => one.superuser).map(({ trap }) => trap))).toEqual(
      new Set([
        ...["set_config", "starts_with", "format", "to_jsonb", "pg_relation_size", "operator ="],
        ...["aggregate sum", "cast to text", "cast to json", "view"],
        ...["default", "trigger", "generated column", "policy", "domain check"],
        ...["index expression", "folded"],
        ...(major >= 17 ? ["event trigger"] : []),
      ]),
    );
  });

  it("springs none on the steps of an up", async () => {
    const report = JSON.parse(await stepOf("preflight", { report: true })) as {
      findings: { id: string }[];
    };
    expect(report.findings.map(({ id }) => id)).not.toContain("unseen");
    await stepOf("role");
    await stepOf("slotWalLimit", { size: "1GB" });
    await stepOf("slot", { slot: lab.lab.slot, slots: [lab.lab.slot] });
    if (major >= 14) {
      const verifier = scramVerifier(lab.password, randomBytes(16));
      await stepOf("dumps", { verifier, dumps: true });
    } else await setSuperuserPassword(lab.lab.secrets.superuser);
    await stepOf("hba", { allowFrom: ["samenet"], dumps: major >= 14 });
    const collation = await stepOf("collation");
    await stepOf("observe", { dumps: major >= 14 });
    standby = lab.standby = await lab.lab.standby({ collation });
    await standby.until("running");
    expect((await others()).bad).toEqual([]);
    await nowhere(primary);
  }, 600_000);

  it("springs none on the check of the standby's text indexes, but those in the owner's own name", async () => {
    const said = await check(lab.lab, standby);
    expect(said).toMatchObject({ code: 0, stderr: "" });
    expect(said.stdout).toMatch(/^verified: \d+ text indexes checked/m);
    expect(said.stdout).not.toMatch(hidden);
    const { found, bad } = await others();
    expect(bad).toEqual([]);
    // amcheck computes the key of an index, with the rights of the table's owner.
    expect(found).toContain("index expression");
    await nowhere(standby);
  }, 600_000);

  it("cannot pass the error of a function in an index for a result, nor end the check with it", async () => {
    await asOwner(`CREATE FUNCTION evil.lies(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
        IF pg_catalog.pg_is_in_recovery() THEN
          RAISE EXCEPTION E'lies\\n1 00000\\n@ 1 00000\\x1b[31m' USING ERRCODE = 'undefined_function';
        END IF; RETURN $1; END $$`);
    await asOwner("CREATE INDEX lies ON evil.things (evil.lies(made))");
    await stepOf("amcheck", { standby: "standby" });
    await caughtUp(primary, standby);
    const { code, stdout } = await standby.exec("laterbase-collation", "check");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^unverified: [1-9]\d* text indexes checked.*could not be checked: evil.lies \(app\): lies/m,
    );
    expect(stdout).not.toMatch(hidden);
    await asOwner("DROP INDEX evil.lies");
    await step(lab.lab, primary, "amcheck", "remove", { standby: "standby" });
    expect((await others()).bad).toEqual([]);
  }, 600_000);

  it("springs none on dumps of every database, and on their comparison", async () => {
    await caughtUp(primary, standby);
    agent = await lab.agent(lab.config({ databases: "*" }), { password: dumpPassword });
    await agent.ready(3);
    const record = await agent.dump();
    expect(record).toMatchObject({ result: "success" });
    expect(record.databases?.map(({ database }) => database).sort()).toEqual(
      ["app", hostileName, "postgres", "quiet"].sort(),
    );
    const [first] = (await agent.list()).filter(({ database }) => database === "app");
    expect(await agent.ask("verify-dump", "--dump", first!.id)).toMatchObject({ code: 0 });
    expect((await others()).bad).toEqual([]);
    expect((await agent.log()).replace(frames, "")).not.toMatch(hidden);
    await nowhere(agent);
  }, 600_000);

  it("springs none when the superuser's password changes, and on what the image asks by itself", async () => {
    const local = new LocalPrimary(connect(), primary.name);
    await setSuperuserPassword("another one");
    await setSuperuserPassword(lab.lab.secrets.superuser);
    await local.replayed();
    await local.clients();
    await standby.sql("SELECT pg_catalog.pg_promote()");
    await standby.until(({ detail }) => detail.startsWith("promoted"));
    const rebuilt = await standby.exec("laterbase-collation", "reindex");
    expect(rebuilt).toMatchObject({ code: 0 });
    expect((await others()).bad).toEqual([]);
  }, 600_000);

  it("does not keep the other databases from being dumped", async () => {
    const config = lab.config({
      databases: ["app", "quiet"],
      source: "primary",
      databaseTimeoutSeconds: 5,
    });
    delete config.standby;
    const held = asOwner(
      "BEGIN; LOCK TABLE evil.things IN ACCESS EXCLUSIVE MODE; SELECT pg_catalog.pg_sleep(60)",
    ).catch(() => undefined);
    try {
      const slow = await lab.agent(config, { password: dumpPassword });
      await slow.ready(1);
      const record = await slow.record();
      expect(record.databases).toEqual([
        expect.objectContaining({
          database: "app",
          result: "failed",
          detail: "It was ended after 5 s, the limit that laterbase:dumps.databaseTimeout sets.",
        }),
        expect.objectContaining({ database: "quiet", result: "success" }),
      ]);
    } finally {
      await primary.sql(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()`,
      );
      await held;
    }
  }, 600_000);
});
