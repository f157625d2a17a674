import { RestoreLab } from "../support/agentRestoreLab";
import { cases } from "../support/cases";
import { hostileObjects, trapsIn } from "../support/hostileObjects";
import { checksum } from "../support/imageLab";
import { catalogState, databaseOwners, severalOwners } from "../support/severalOwners";

const restoreRole = "laterbase_lab_restore";

describe.each(cases([17], [13, 15]))("a restore on PostgreSQL %s", (major) => {
  const lab = new RestoreLab(major);
  const sql = (query: string, database?: string) => lab.primary.sql(query, database);
  const state = (database: string) => sql(catalogState, database);
  beforeAll(() => lab.open(), 600_000);
  afterAll(() => lab.close(), 600_000);

  /** Code that finds its functions only under its owner's search_path, so that it runs a second time. */
  const secondTry = `
    SET SESSION AUTHORIZATION mallory; SET search_path TO evil;
    CREATE FUNCTION evil.again(int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN escape('second try') = 1; END $$;
    CREATE TABLE evil.second (n int CHECK (evil.again(n))); CREATE INDEX second_i ON evil.second ((evil.again(n)::int));
    INSERT INTO evil.second VALUES (1);`;
  const tables = ["second", "checks", "parted", "listed", "painted", "names", "late"];
  const rows = (database: string) =>
    Promise.all(tables.map((table) => sql(checksum(`evil.${table}`), database)));
  const roles = () => sql(`SELECT count(*) FROM pg_roles WHERE rolname = '${restoreRole}'`);

  /** Restores, and returns the traps that ran meanwhile. */
  async function traps(...words: string[]) {
    // On 13 a superuser dumps, and its session runs some of the traps. This test is about restores.
    await sql("ALTER ROLE mallory NOSUPERUSER");
    const before = (await lab.primary.log()).length;
    const { result, error } = await lab.laterbase("restore-dump", ...words);
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ differences: [] });
    // At once: the queries below are a superuser's, and run traps as well.
    expect(await sql("SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'")).toBe("f");
    return trapsIn((await lab.primary.log()).slice(before));
  }

  it("runs an owner's code as that owner, beside and in place, and never as a superuser", async () => {
    await sql("CREATE ROLE mallory LOGIN");
    await sql("CREATE DATABASE hostile OWNER mallory");
    await sql(hostileObjects, "hostile");
    await sql("ALTER ROLE mallory IN DATABASE hostile SET search_path TO evil, public");
    await sql(secondTry, "hostile");
    const { id } = await lab.dump("hostile");
    const [there, held] = [await state("hostile"), await rows("hostile")];

    for (const words of [
      ["--as", "beside"],
      ["--in-place", "--yes"],
    ]) {
      const ran = await traps(id, ...words);
      const owner = { session: restoreRole, user: "mallory", superuser: false };
      expect(ran.filter((trap) => trap.superuser || trap.user !== owner.user)).toEqual([]);
      expect(ran.filter((trap) => trap.session !== restoreRole)).toEqual([]);
      for (const kind of [
        ...["check", "domain", "generated", "partition key", "index", "predicate", "cast"],
        ...["late check", "materialized view", "index of materialized view", "second try"],
      ]) {
        expect(ran).toContainEqual(expect.objectContaining({ kind, ...owner }));
      }
      const database = words[1] === "beside" ? "beside" : "hostile";
      expect(await state(database)).toBe(there);
      expect(await rows(database)).toEqual(held);
      expect(await roles()).toBe("0");
    }
  }, 600_000);

  it("gives several owners what was theirs, and leaves no trace of what it lent them", async () => {
    for (const role of ["alice", "bob", "carol"]) await sql(`CREATE ROLE ${role}`);
    await lab.primary.bash("mkdir -p /var/lib/postgresql/primary/fast");
    await sql("CREATE TABLESPACE fast LOCATION '/var/lib/postgresql/primary/fast'");
    await sql("CREATE DATABASE several OWNER carol");
    await sql(severalOwners, "several");
    if (major >= 14) await sql(databaseOwners, "several");
    const there = await state("several");
    await lab.dump("several");
    const { result, error } = await lab.laterbase("restore-dump", "several", "--as", "again");
    expect(error).toBeUndefined();
    expect(result).toMatchObject({ differences: [], largeObjects: 1 });
    expect(await state("again")).toBe(there);
    expect(await roles()).toBe("0");
  }, 600_000);

  it("lets nobody in until it is done, and removes what a killed restore left", async () => {
    await sql(`CREATE ROLE ${restoreRole}`);
    const foreign = await lab.laterbase("restore-dump", "several", "--as", "third");
    expect(foreign.error).toMatch(
      `The primary has a role "${restoreRole}", which a restore of this stack did not make: rename it, because a restore needs that name; nothing was made.`,
    );
    await sql(`COMMENT ON ROLE ${restoreRole} IS 'laterbase lab: of a restore'`);
    await sql(`CREATE TABLE left_over (); ALTER TABLE left_over OWNER TO ${restoreRole}`, "again");
    await sql(`GRANT bob TO ${restoreRole}; GRANT CONNECT ON DATABASE again TO ${restoreRole}`);
    // An owner that lets others in while its own check runs.
    await sql("CREATE ROLE stranger");
    await sql("CREATE DATABASE open OWNER carol");
    await sql(
      `SET SESSION AUTHORIZATION carol; CREATE SCHEMA mine;
       CREATE FUNCTION mine.lets_in() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
         EXECUTE format('GRANT CONNECT ON DATABASE %I TO PUBLIC', current_database());
         RETURN has_database_privilege('stranger', current_database(), 'CONNECT');
       EXCEPTION WHEN OTHERS THEN RETURN false; END $$;
       CREATE TABLE mine.t (n int, let_in bool); INSERT INTO mine.t VALUES (1, true);
       CREATE FUNCTION mine.says() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
         RAISE LOG 'LET IN %', mine.lets_in(); RETURN true; END $$;
       ALTER TABLE mine.t ADD CHECK (mine.says());`,
      "open",
    );
    await lab.dump("open");
    const before = (await lab.primary.log()).length;
    const { error } = await lab.laterbase("restore-dump", "open", "--as", "opened");
    expect(error).toBeUndefined();
    const said = (await lab.primary.log()).slice(before);
    expect(said).toContain("LET IN f");
    expect(said).not.toContain("LET IN t");
    const access = (database: string) =>
      sql(`SELECT datacl, datdba::regrole FROM pg_database WHERE datname = '${database}'`);
    expect(await access("opened")).toBe(await access("open"));
    expect(await roles()).toBe("0");
    expect(await sql("SELECT count(*) FROM pg_class WHERE relname = 'left_over'", "again")).toBe(
      "0",
    );
  }, 600_000);

  it("gives the next owner the role as it was made, whatever the last one did to it", async () => {
    await sql("CREATE DATABASE steals OWNER carol");
    await sql(
      `CREATE SCHEMA mine AUTHORIZATION alice; CREATE SCHEMA other AUTHORIZATION bob;
       SET SESSION AUTHORIZATION alice;
       CREATE FUNCTION mine.tries(what text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
         RESET ROLE; EXECUTE what; RETURN 'did';
       EXCEPTION WHEN OTHERS THEN RETURN 'not'; END $$;
       CREATE FUNCTION mine.steals() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
         RAISE LOG 'STOLE % %',
           mine.tries($x$ALTER ROLE ${restoreRole} SET work_mem = '77MB'$x$),
           mine.tries($x$GRANT ${restoreRole} TO mallory$x$); RETURN true; END $$;
       CREATE TABLE mine.t (n int CHECK (mine.steals()));
       RESET SESSION AUTHORIZATION; INSERT INTO mine.t VALUES (1);
       SET SESSION AUTHORIZATION bob;
       CREATE FUNCTION other.looks() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
         RAISE LOG 'FOUND % members, work_mem %, rights of alice %',
           (SELECT count(*) FROM pg_auth_members WHERE roleid::regrole::text = '${restoreRole}'),
           current_setting('work_mem'), pg_has_role(session_user, 'alice', 'MEMBER');
         RETURN true; END $$;
       CREATE TABLE other.t (n int CHECK (other.looks()));
       RESET SESSION AUTHORIZATION; INSERT INTO other.t VALUES (1);`,
      "steals",
    );
    await lab.dump("steals");
    const before = (await lab.primary.log()).length;
    const { error } = await lab.laterbase("restore-dump", "steals", "--as", "stolen");
    expect(error).toBeUndefined();
    const said = (await lab.primary.log()).slice(before);
    // Before 15 a role could make others its members. A changed password only stops the restore.
    expect(said).toContain(major < 15 ? "STOLE did did" : "STOLE did not");
    const found = said.match(/FOUND .*/g);
    expect(found).toEqual(["FOUND 0 members, work_mem 4MB, rights of alice f"]);
    expect(await roles()).toBe("0");
  }, 600_000);

  it("leaves neither its role nor a database when an owner's code stops it", async () => {
    const before = await lab.databases();
    await sql("CREATE DATABASE stops OWNER carol");
    await sql(
      `SET SESSION AUTHORIZATION carol; CREATE SCHEMA mine;
       CREATE TABLE mine.t (n int); INSERT INTO mine.t VALUES (1);
       CREATE FUNCTION mine.stops() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
         IF current_database() <> 'stops' THEN RAISE EXCEPTION 'not here'; END IF; RETURN true; END $$;
       ALTER TABLE mine.t ADD CHECK (mine.stops());`,
      "stops",
    );
    await lab.dump("stops");
    const { error } = await lab.laterbase("restore-dump", "stops", "--as", "stopped", "--strict");
    expect(error).toMatch(
      /not here.*; the half-made database "stopped" was dropped, everything else is as it was\.$/,
    );
    expect(await lab.databases()).toEqual([...before, "stops"].sort());
    expect(await roles()).toBe("0");
  }, 600_000);

  it("finds a function that an owner makes in a schema of another one meanwhile", async () => {
    await sql("CREATE DATABASE plants OWNER carol");
    await sql(
      `CREATE SCHEMA target AUTHORIZATION bob; CREATE SCHEMA mine AUTHORIZATION alice;
       SET SESSION AUTHORIZATION alice;
       CREATE FUNCTION mine.plants(int) RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN
         EXECUTE 'CREATE FUNCTION target.lower(text) RETURNS text LANGUAGE sql AS $x$SELECT $1$x$';
         RETURN $1; EXCEPTION WHEN OTHERS THEN RETURN $1; END $$;
       CREATE FUNCTION mine.calls(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
         RETURN mine.plants($1); END $$;
       RESET SESSION AUTHORIZATION;
       CREATE TABLE target.t (n int); INSERT INTO target.t VALUES (1);
       CREATE INDEX ON target.t (mine.calls(n)); ALTER TABLE target.t OWNER TO alice;
       DROP FUNCTION target.lower(text);`,
      "plants",
    );
    await lab.dump("plants");
    const { error } = await lab.laterbase("restore-dump", "plants", "--as", "planted");
    expect(error).toBe(
      'Code of "alice" in the dump made a function or an operator in the schema "target", in which it may create nothing; the half-made database "planted" was dropped, everything else is as it was.',
    );
    expect(await roles()).toBe("0");
  }, 600_000);

  it("finds what an owner changes in a table of another one that it inherits from", async () => {
    await sql("CREATE DATABASE inherits OWNER carol");
    await sql(
      `CREATE SCHEMA target AUTHORIZATION bob; CREATE SCHEMA mine AUTHORIZATION alice;
       CREATE TABLE target.parent (n int); ALTER TABLE target.parent OWNER TO bob;
       GRANT USAGE ON SCHEMA target TO alice;
       SET SESSION AUTHORIZATION alice;
       CREATE FUNCTION mine.changes(int) RETURNS int LANGUAGE plpgsql VOLATILE AS $$ BEGIN
         EXECUTE 'ALTER TABLE target.parent ADD CHECK (true)';
         RETURN $1; EXCEPTION WHEN OTHERS THEN RETURN $1; END $$;
       CREATE FUNCTION mine.calls(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
         RETURN mine.changes($1); END $$;
       RESET SESSION AUTHORIZATION;
       CREATE TABLE mine.child (g int GENERATED ALWAYS AS (mine.calls(1)) STORED)
         INHERITS (target.parent);
       ALTER TABLE mine.child OWNER TO alice;`,
      "inherits",
    );
    await lab.dump("inherits");
    const { error } = await lab.laterbase("restore-dump", "inherits", "--as", "inherited");
    expect(error).toBe(
      'Code of "alice" in the dump changed the table target.parent, from which a table of it inherits; the half-made database "inherited" was dropped, everything else is as it was.',
    );
    expect(await roles()).toBe("0");
  }, 600_000);

  it("says whom pg_hba.conf does not let in, before a database is made", async () => {
    const file = "/var/lib/postgresql/primary/data/pg_hba.conf";
    await lab.primary.bash(`sed -i '1i host all ${restoreRole} all reject' ${file}`);
    await sql("SELECT pg_reload_conf()");
    const before = await lab.databases();
    const { error } = await lab.laterbase("restore-dump", "stops", "--as", "shut");
    await lab.primary.bash(`sed -i 1d ${file}`);
    await sql("SELECT pg_reload_conf()");
    expect(error).toMatch(
      new RegExp(
        `^The primary's pg_hba.conf does not let "${restoreRole}" in from [0-9.]+: laterbase:primary.allowFrom must hold that address, and up writes the line; restore again after it; nothing was made.$`,
      ),
    );
    expect(await lab.databases()).toEqual(before);
    expect(await roles()).toBe("0");
  }, 600_000);
});
