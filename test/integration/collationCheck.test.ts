import { cases } from "../support/cases";
import { type Box, caughtUp, Lab } from "../support/imageLab";
import { check, codePoint, lookUps, script, step, tables } from "../support/collationLab";

// amcheck checks every text index of a standby, as `up` does after each clone. What it does not
// prove: the same over SSH, which the external primary's own test does.
describe.each(cases([17], [13]))("the text indexes of a standby of PostgreSQL %i", (major) => {
  const lab = new Lab(major);
  const odd = "Odd \"na'me \\é";
  let primary: Box, collation: string;

  const extensions = async () =>
    Promise.all(
      ["app", odd, "postgres"].map((database) =>
        primary.sql("SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'", database),
      ),
    );

  /** A new standby with its own clone. `collation` is what it knows of how the primary sorts. */
  async function cloned(collation: string): Promise<Box> {
    const standby = await lab.standby({ collation });
    await standby.until("running");
    await caughtUp(primary, standby);
    return standby;
  }

  async function cloneAgain(standby: Box): Promise<void> {
    await standby.stop();
    await lab.offline(standby, "rm -rf data");
    await standby.container.start();
    await standby.until("running");
  }

  beforeAll(async () => {
    await lab.open();
    const init = { "01.sql": tables };
    primary = await lab.primary({ databases: ["app", odd], init, env: [codePoint] });
    await primary.until("running");
    await lab.prepare(primary);
    await primary.sql(
      "CREATE SCHEMA s; CREATE EXTENSION amcheck SCHEMA s; CREATE TABLE t (x text PRIMARY KEY); INSERT INTO t VALUES ('b'), ('A')",
      odd,
    );
    await step(lab, primary, "role");
    collation = await step(lab, primary, "collation");
  }, 600_000);
  afterAll(() => lab.dispose(), 600_000);

  it("are found to be right, and amcheck is where it was before", async () => {
    const standby = await cloned(collation);
    expect(await standby.status()).toMatchObject({ sorts: "code-point", order: "unverified" });
    const said = await check(lab, standby);
    expect(said).toMatchObject({ code: 0, stderr: "" });
    expect(said.stdout).toContain('Database "app" has amcheck temporarily.');
    expect(said.stdout).toContain(`Database "${odd}" has amcheck already.`);
    expect(said.stdout).toMatch(
      /^verified: 5 text indexes checked, 1 not btree and unverified \(public."names ""brin""" \(app\)\), \d+ s$/m,
    );
    expect(said.stdout).toContain('Database "app" no longer has amcheck.');
    expect(await extensions()).toEqual(["0", "1", "0"]);
    expect(
      await primary.sql("SELECT shobj_description('laterbase_test'::regrole, 'pg_authid')"),
    ).not.toContain("amcheck");
    expect(await standby.status()).toMatchObject({
      order: "verified",
      checked: expect.any(String),
    });

    // The verdict belongs to the clone: a restart of the server keeps it, and no second check runs.
    await standby.stop();
    await standby.container.start();
    await standby.until("running");
    expect(await standby.status()).toMatchObject({ order: "verified" });
    const again = await check(lab, standby);
    expect(again.stdout).toMatch(/^checked \S+: verified: 5 text indexes checked, .*\n$/);

    await cloneAgain(standby);
    const status = await standby.status();
    expect(status).toMatchObject({ order: "unverified" });
    expect(status).not.toHaveProperty("checked");
    expect((await check(lab, standby)).stdout).toMatch(/^verified: 5 text/m);
    await lab.remove(standby);
  }, 600_000);

  it("are found wrong when the standby sorts as Debian does, and replication goes on", async () => {
    const standby = await cloned('{"words":[],"orders":[]}');
    await cloneAgain(standby);
    expect(Number(await standby.sql(lookUps, "app"))).toBeLessThan(100);
    const said = await check(lab, standby);
    expect(said).toMatchObject({ code: 0 });
    expect(said.stdout).toMatch(
      /^differs: 5 text indexes checked, .*; not in this server's order: .*public\.names_name/m,
    );
    expect(said.stdout).toContain("public.names_doc (app)");
    expect(said.stdout).not.toContain("names_note");
    const status = await standby.until(({ detail }) => detail.includes("dumps only"));
    expect(status).toMatchObject({ state: "running", order: "differs", healthy: true });
    expect(status.detail).toMatch(
      /^streaming from .*; a source of dumps only: .*public\.names_name/,
    );
    expect(await extensions()).toEqual(["0", "1", "0"]);
    await primary.sql("INSERT INTO names VALUES ('later', 'l', 'n', 0)", "app");
    await caughtUp(primary, standby);
    expect(await standby.sql("SELECT count(*) FROM names", "app")).toBe("20001");

    // A promoted standby would accept duplicates in unique indexes, so it accepts no write before the reindex.
    expect((await standby.exec("laterbase-collation", "reindex")).stderr).toContain(
      "once it is promoted",
    );
    expect(await standby.sql("SELECT pg_promote()")).toBe("t");
    const promoted = await standby.until(({ detail }) => detail.startsWith("promoted"));
    expect(promoted.detail).toMatch(/; a source of dumps only: .*public\.names_name \(app\)/);
    const insert = "INSERT INTO names VALUES ('promoted', 'p', 'p', 0)";
    await expect(standby.sql(insert, "app")).rejects.toThrow("read-only transaction");
    expect(await standby.exec("laterbase-collation", "reindex")).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^verified: 5 text/m),
    });
    await standby.sql(insert, "app");
    expect(await standby.sql(lookUps, "app")).toBe("200");
    await standby.until(({ detail }) => detail === "promoted: this server follows no primary");
    await lab.remove(standby);
  }, 600_000);

  it("are checked for each standby by itself, and destroy drops what was left behind", async () => {
    await step(lab, primary, "amcheck", "apply", { standby: "one" });
    await step(lab, primary, "amcheck", "apply", { standby: "two" });
    await step(lab, primary, "amcheck", "apply", { standby: "two" });
    const removed = await step(lab, primary, "amcheck", "remove", { standby: "two" });
    expect(JSON.parse(removed)).toEqual({
      databases: [{ oid: expect.any(Number), said: "", why: null }],
    });
    expect(await extensions()).toEqual(["1", "1", "0"]);
    expect(script(lab, "role")).toContain("DROP EXTENSION IF EXISTS amcheck");
    await step(lab, primary, "role", "remove");
    expect(await extensions()).toEqual(["0", "1", "0"]);
  }, 600_000);

  /** A standby that takes no data of the one before it. */
  async function afresh(collation: string): Promise<Box> {
    const standby = await cloned(collation);
    await cloneAgain(standby);
    await caughtUp(primary, standby);
    return standby;
  }

  const look = async (standby: Box) =>
    JSON.parse((await standby.exec("laterbase-collation", "look")).stdout) as object;

  it("have a verdict that follows what is added and dropped, and only new ones are checked", async () => {
    await step(lab, primary, "role");
    const standby = await afresh(collation);
    expect((await check(lab, standby)).stdout).toMatch(/^verified: 5 text/m);
    await primary.sql("CREATE INDEX names_upper ON names (upper(name))", "app");
    await primary.sql("CREATE DATABASE later");
    await primary.sql("CREATE TABLE t (x text PRIMARY KEY)", "later");
    await caughtUp(primary, standby);
    expect(await look(standby)).toEqual({ due: "unchecked", unchecked: 2, open: 0 });
    // The supervisor does this each hour.
    await standby.exec("laterbase-collation", "refresh");
    const added = await standby.until(({ detail }) => detail.includes("not checked yet"));
    expect(added).toMatchObject({ state: "running", order: "unverified" });
    expect(added.detail).toContain(
      "not checked yet: public.names_upper (app), public.t_pkey (later)",
    );
    const said = (await check(lab, standby)).stdout;
    expect(said).toContain("app: 1 text indexes\n");
    expect(said).toContain("later: 1 text indexes\n");
    expect(said).toMatch(/^verified: 7 text indexes checked/m);
    expect(await look(standby)).toEqual({ due: "", unchecked: 0, open: 0 });

    await primary.sql("DROP INDEX names_upper", "app");
    await primary.sql("DROP DATABASE later");
    await caughtUp(primary, standby);
    expect((await check(lab, standby)).stdout).toMatch(/^checked \S+: verified: 5 text .*\n$/);
    await lab.remove(standby);
  }, 600_000);

  it("are no longer wrong when the wrong one is dropped", async () => {
    await primary.sql("CREATE DATABASE sorted TEMPLATE app");
    const standby = await afresh('{"words":[],"orders":[]}');
    expect((await check(lab, standby)).stdout).toMatch(/^differs: 9 text/m);
    await primary.sql("DROP DATABASE sorted");
    await primary.sql("CREATE TABLE kept AS SELECT * FROM names; DROP TABLE names", "app");
    await caughtUp(primary, standby);
    expect(await look(standby)).toEqual({ due: "changed", unchecked: 0, open: 0 });
    expect((await check(lab, standby)).stdout).toMatch(/^checked \S+: verified: 1 text/);
    expect(await standby.status()).toMatchObject({ order: "verified" });
    await lab.remove(standby);
  }, 600_000);

  it("that cannot be checked are unverified, and all others are checked", async () => {
    const inRecovery = (name: string, statement: string) =>
      `CREATE FUNCTION ${name}(t text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
         'BEGIN IF pg_catalog.pg_is_in_recovery() THEN ${statement}; END IF; RETURN t; END';
       CREATE INDEX kept_${name} ON kept (${name}(name))`;
    await primary.sql(inRecovery("fails", "RAISE EXCEPTION ''not here''"), "app");
    const ends = "PERFORM pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid())";
    await primary.sql(inRecovery("ends", ends), "app");
    await primary.sql("CREATE INDEX kept_name ON kept (name)", "app");
    for (const name of ["forbidden", "shut"]) {
      await primary.sql(`CREATE DATABASE ${name}`);
      await primary.sql("CREATE TABLE t (x text PRIMARY KEY)", name);
    }
    await primary.sql(
      `CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS
         'BEGIN RAISE EXCEPTION ''no DDL here''; END';
       CREATE EVENT TRIGGER forbid ON ddl_command_start EXECUTE FUNCTION forbid()`,
      "forbidden",
    );
    await primary.sql("ALTER DATABASE shut ALLOW_CONNECTIONS false");
    const standby = await afresh(collation);
    const said = await check(lab, standby);
    expect(said).toMatchObject({ code: 0, stderr: "" });
    // From PostgreSQL 17 on, our sessions fire no event trigger.
    const forbidden =
      ", database forbidden: the primary did not create the extension amcheck: no DDL here";
    const [checked, more] = major < 17 ? [2, forbidden] : [3, ""];
    expect(said.stdout).toMatch(
      new RegExp(
        `^unverified: ${checked} text indexes checked, .* s; could not be checked: ` +
          String.raw`public.kept_fails \(app\): not here, public.kept_ends \(app\): no answer` +
          `${more}, database shut: it admits no connections$`,
        "m",
      ),
    );
    expect(await standby.status()).toMatchObject({ state: "running", order: "unverified" });
    // Nothing is due before a day has passed.
    expect(await look(standby)).toMatchObject({ due: "", unchecked: 0 });
    expect(
      await primary.sql("SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'", "app"),
    ).toBe("0");
    await lab.remove(standby);
  }, 600_000);
});
