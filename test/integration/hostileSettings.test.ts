import { randomBytes } from "node:crypto";
import { dumpRoleSettings, sessionOptions } from "../../contract/sessionSettings";
import { connect } from "../../scripts/engine/connect";
import { LocalPrimary } from "../../scripts/primary/localPrimary";
import { scramVerifier } from "../../scripts/primary";
import { type Agent, AgentLab } from "../support/agentLab";
import { cases } from "../support/cases";
import { check, step } from "../support/collationLab";
import {
  dataQuery,
  dataSql,
  hostileForReader,
  hostileSql,
  onlyOnPrimary,
} from "../support/hostileSettings";
import { type Box, caughtUp } from "../support/imageLab";
import { ok } from "../support/process";

// Every setting of the server, of the database, of the roles and of the roles in it is legal and hostile.
// Laterbase does everything all the same, and every row comes back equal.
describe.each(cases([17], [13, 15]))("under hostile settings of PostgreSQL %i", (major) => {
  const lab = new AgentLab(major);
  let primary: Box, standby: Box, agent: Agent;
  let data: string;
  const local = () => new LocalPrimary(connect(), primary.name);

  beforeAll(async () => {
    await lab.lab.open();
    primary = lab.primary = await lab.lab.primary({ databases: ["app"] });
    await primary.until("running");
    await lab.lab.prepare(primary);
    await primary.sql(dataSql, "app");
    data = await primary.sql(dataQuery, "app");
    const stepOf = (name: Parameters<typeof step>[2], values = {}) =>
      step(lab.lab, primary, name, "apply", values);
    await stepOf("role");
    const verifier = scramVerifier(lab.password, randomBytes(16));
    if (major >= 14) await stepOf("dumps", { verifier, dumps: true });
    else await local().setVerifier(verifier);
    await stepOf("hba", { allowFrom: ["samenet"], dumps: major >= 14 });
    const collation = await stepOf("collation");
    standby = lab.standby = await lab.lab.standby({ collation });
    await standby.until("running");
    await spoil();
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  /** Sets everything. From here on the test's own sessions state theirs. */
  async function spoil(): Promise<void> {
    const { session, local: plugin } = onlyOnPrimary;
    const library = `/usr/lib/postgresql/${major}/lib/euc2004_sjis2004.so`;
    const copy = ["cp", library, `/usr/lib/postgresql/${major}/lib/${session}.so`];
    await ok("docker", ["exec", "-u", "0", primary.name, ...copy]);
    await primary.bash(
      `mkdir -p /run/laterbase/plugins && cp ${library} /run/laterbase/plugins/${plugin}.so`,
    );
    await primary.sql("CREATE ROLE weak");
    await primary.sql(
      `CREATE SCHEMA evil; CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;
       CREATE FUNCTION evil.count() RETURNS bigint LANGUAGE sql AS 'SELECT -1::bigint';`,
      "app",
    );
    if (major >= 17) {
      await primary.sql(
        `CREATE FUNCTION evil.refuse() RETURNS event_trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'nobody gets in'; END $$;
         CREATE EVENT TRIGGER refuse ON login EXECUTE FUNCTION evil.refuse();
         ALTER EVENT TRIGGER refuse ENABLE ALWAYS;`,
        "app",
      );
    }
    const options = sessionOptions({
      ...{ major, superuser: true },
      with: { search_path: "public", restrict_nonsystem_relation_kind: undefined },
    });
    primary.sessionOptions = standby.sessionOptions = options;
    const reader = lab.role.superuser ? [] : hostileForReader(major, "app", lab.role.name);
    const all = [...hostileSql(major, "app", "postgres"), ...reader];
    for (const sql of all) await primary.sql(sql);
    await primary.sql("ALTER SYSTEM SET synchronous_standby_names TO 'gone'");
    await primary.sql("SELECT pg_reload_conf()");
  }

  /** Dumps the database and returns the manifest. */
  async function dumped() {
    const record = await agent.dump();
    expect(record).toMatchObject({ result: "success" });
    const id = record.databases?.[0]?.folder ?? "";
    return { id, manifest: await agent.manifest(id) };
  }

  async function restored(...words: string[]) {
    const superuser = { name: "postgres", password: superuserPassword() };
    const input = Buffer.from(JSON.stringify({ superuser })).toString("base64");
    const dump = (await agent.list())[0]!.id;
    const { stdout, stderr, code } = await agent.exec(
      ...["bash", "-c", 'base64 -d <<<"$0" | laterbase-agent restore-dump "$@"', input],
      ...["--dump", dump, ...words],
    );
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    return JSON.parse(stdout) as { database: string; differences: string[]; rows: number };
  }
  // The test knows the password of the role that dumps, which is the superuser's before 14.
  const superuserPassword = () => (lab.role.superuser ? lab.password : lab.lab.secrets.superuser);

  it("the sessions of others are spoilt: the settings are in force", async () => {
    const plain = sessionOptions({ major, superuser: true, with: { array_nulls: undefined } });
    const said = await ok("docker", [
      ...["exec", "-e", `PGOPTIONS=${plain}`, primary.name],
      ...["psql", "-XAtqh", "/run/pg/primary", "-U", "postgres", "app", "-c", "SHOW array_nulls"],
    ]);
    expect(said.trim()).toBe("off");
    const { code } = await primary.exec(
      ...["psql", "-XAtqh", "/run/pg/primary", "-U", "postgres", "app", "-c"],
      "SELECT pg_sleep(0.1)",
    );
    expect(code).not.toBe(0);
  });

  it("the standby serves, starts again, and says which libraries it does not load", async () => {
    await caughtUp(primary, standby);
    await standby.container.restart();
    const { detail } = await standby.until(({ detail: said }) => said.includes("do not load"));
    expect(detail).toContain(
      `; logins here do not load ${onlyOnPrimary.local}, ${onlyOnPrimary.session}, which this image does not have`,
    );
    // A client states no libraries. What would end its session at once is not what this is about.
    const options = ["search_path=public", "statement_timeout=0", "lock_timeout=0", "role=none"];
    // PostgreSQL itself refuses a serializable session on a standby.
    options.push("default_transaction_isolation=repeatable\\ read");
    if (major >= 14) options.push("idle_session_timeout=0");
    if (major >= 17) options.push("transaction_timeout=0", "event_triggers=off");
    const said = await ok("docker", [
      ...["exec", "-e", `PGOPTIONS=${options.map((one) => `-c ${one}`).join(" ")}`, standby.name],
      ...["psql", "-XAtqh", "/run/pg/standby", "-U", "postgres", "app", "-c"],
      "SELECT count(*), current_setting('session_preload_libraries') FROM things",
    ]);
    expect(said).toContain(`500|${onlyOnPrimary.session}`);
  }, 600_000);

  it("the steps of an up do what they do", async () => {
    const stepOf = (name: Parameters<typeof step>[2], values = {}) =>
      step(lab.lab, primary, name, "apply", values);
    await stepOf("preflight", { report: true });
    await stepOf("role");
    await stepOf("slotWalLimit", { size: "1GB" });
    const verifier = scramVerifier(lab.password, randomBytes(16));
    if (major >= 14) {
      expect(await stepOf("dumps", { verifier, dumps: true })).toContain(
        'It has no settings of its own in "app" any more.',
      );
      const own = await primary.sql(
        `SELECT array_to_string(setconfig, E'\n') FROM pg_db_role_setting
          WHERE setrole = '${lab.role.name}'::regrole AND setdatabase = 0`,
      );
      for (const [name, value] of Object.entries(dumpRoleSettings(major))) {
        expect(own.split("\n")).toContain(`${name}=${value}`);
      }
    }
    await stepOf("hba", { allowFrom: ["samenet"], dumps: major >= 14 });
    await stepOf("collation");
    await stepOf("observe", { dumps: major >= 14 });
    await local().replayed();
    expect(await local().clients()).toBeGreaterThanOrEqual(0);
  }, 600_000);

  it("the standby's text indexes are checked", async () => {
    const said = await check(lab.lab, standby, superuserPassword());
    expect(said).toMatchObject({ code: 0, stderr: "" });
    expect(said.stdout).toMatch(/^verified: \d+ text indexes checked/m);
  }, 600_000);

  it("a dump from the standby holds every row", async () => {
    await caughtUp(primary, standby);
    agent = await (await lab.agent(lab.config())).ready();
    const { manifest } = await dumped();
    expect(manifest.source.server).toBe("standby");
    expect(manifest.tables.map(({ name, rows }) => [name, rows])).toEqual([
      ["moods", 1],
      ["things", 500],
    ]);
  }, 600_000);

  it("a restore beside and in place brings every row back", async () => {
    const beside = await restored("--as", "back");
    expect(beside).toMatchObject({ database: "back", differences: [], rows: 501 });
    expect(await primary.sql(dataQuery, "back")).toBe(data);
    const inPlace = await restored("--in-place");
    expect(inPlace).toMatchObject({ database: "app", differences: [], rows: 501 });
    expect(await primary.sql(dataQuery, "app")).toBe(data);
  }, 600_000);

  it("so does a dump from the primary", async () => {
    await standby.container.stop();
    const { manifest } = await dumped();
    expect(manifest.source.server).toBe("primary");
    expect(await restored("--as", "from_primary")).toMatchObject({ differences: [], rows: 501 });
    expect(await primary.sql(dataQuery, "from_primary")).toBe(data);
  }, 600_000);

  it("a dump is made on the day the primary is dead", async () => {
    await standby.container.start();
    await standby.until("running");
    await caughtUp(primary, standby);
    await primary.container.kill();
    await standby.until("degraded");
    const { manifest } = await dumped();
    expect(manifest.source.server).toBe("standby");
    expect(manifest.tables.map(({ rows }) => rows)).toEqual([1, 500]);
  }, 600_000);
});
