import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectionUris } from "../../contract/stackOutputs";
import { ok, run } from "../support/process";
import { sql, Stack } from "../support/stack";

jest.setTimeout(600_000);

// A managed primary whose init scripts made objects as the superuser, with two applications and a database without one.
// What this does not prove: dumps and restores of such databases (wholeStack and roundTrip do), an older stack
// (upgrade does).
const stack = new Stack("t-apps");
const scripts = mkdtempSync(join(tmpdir(), "lbt-apps-"));
type Connections = Record<string, ConnectionUris>;
let connections: Connections;
let superuser: (database: string) => string;

/** What the superuser makes before there is any application, in the first database. */
const made = `
create role reader login password 'of the reader';
create schema "Old data";
create type "Old data".mood as enum ('good', 'bad');
create domain positive as int check (value > 0);
create table "Old data".orders (id bigint generated always as identity primary key, paid positive, feeling "Old data".mood);
insert into "Old data".orders (paid, feeling) select g, 'good' from generate_series(1, 1000) g;
create table parts (day date not null, n serial) partition by range (day);
create table parts_1 partition of parts for values from ('2026-01-01') to ('2027-01-01');
create view totals as select sum(paid) from "Old data".orders;
create materialized view sums as select sum(paid) from "Old data".orders;
create sequence "a ""b"".c" start 5;
create statistics odd on id, paid from "Old data".orders;
create function half(n int) returns int language sql as 'select n / 2';
create procedure nothing(inout n int) language sql as 'select n';
create aggregate add_up(int) (sfunc = int4pl, stype = int, initcond = '0');
create operator !!! (rightarg = int, procedure = half);
create collation "C" from "C";
create text search configuration plain (copy = simple);
select lo_from_bytea(4711, 'large');
create extension citext;
create function stop() returns event_trigger language plpgsql as $$begin end$$;
create event trigger watch on ddl_command_end execute function stop();
create function as_text(point) returns text language sql as 'select ''x''';
create cast (point as text) with function as_text(point);
create role stranger;
create table of_stranger (n int);
alter table of_stranger owner to stranger;
`;

/** Every object with an owner, in a database: how many each owner has, by kind. */
const owned = `select pg_get_userbyid(owner) as owner, kind, string_agg(name, ', ' order by name) as names from (
  select relowner as owner, 'relation' as kind, relname::text as name from pg_class
   where oid >= 16384 and relkind in ('r', 'p', 'v', 'm', 'S', 'f') and relnamespace not in (select oid from pg_namespace where nspname ~ '^pg_')
  union all select typowner, 'type', typname from pg_type where oid >= 16384 and typtype in ('e', 'd', 'b') and typelem = 0
  union all select proowner, 'function', proname from pg_proc where oid >= 16384
  union all select nspowner, 'schema', nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
  union all select oprowner, 'operator', oprname from pg_operator where oid >= 16384
  union all select collowner, 'collation', collname from pg_collation where oid >= 16384
  union all select cfgowner, 'configuration', cfgname from pg_ts_config where oid >= 16384
  union all select stxowner, 'statistics', stxname from pg_statistic_ext
  union all select lomowner, 'large object', oid::text from pg_largeobject_metadata
  union all select datdba, 'database', datname from pg_database where datname = current_database()
) o where not exists (select from pg_depend d join pg_extension e on d.refobjid = e.oid and d.deptype = 'e'
    where (d.classid, d.objid) in (select 'pg_proc'::regclass::oid, p.oid from pg_proc p where p.proname = o.name and o.kind = 'function'
      union all select 'pg_type'::regclass, t.oid from pg_type t where t.typname = o.name and o.kind = 'type'
      union all select 'pg_operator'::regclass, r.oid from pg_operator r where r.oprname = o.name and o.kind = 'operator'))
  group by 1, 2 order by 1, 2`;

const who =
  "select current_user as who, current_database() as where, rolsuper as super from pg_roles where rolname = current_user";
const elsewhere = (uri: string, database: string) =>
  uri.replace(/[^/]*$/, encodeURIComponent(database));
/** The SQLSTATE with which a connection or a statement is refused. */
const refusal = (uri: string, text = "select 1") =>
  sql(uri, text).then(
    () => "works",
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );
const containers = () =>
  ok("docker", [
    ...["ps", "--no-trunc", "--filter", `label=laterbase.stack=${stack.name}`],
    ...["--format", "{{.Names}} {{.ID}}"],
  ]);

async function configure(
  applications: Record<string, object>,
  secrets: Record<string, string> = {},
): Promise<void> {
  await stack.configure(
    {
      primary: {
        kind: "managed",
        version: 17,
        port: 18500,
        databases: ["homelab", "Shop 1", "postgres"],
        initScripts: scripts,
      },
      pooler: { port: 18501 },
      applications,
    },
    secrets,
  );
}

const jarvis = { database: "homelab" };
const ticketbot = { database: "homelab_tickets" };

async function apply(): Promise<void> {
  await stack.up();
  ({ connections } = await stack.outputs<{ connections: Connections }>());
}

beforeAll(async () => {
  writeFileSync(join(scripts, "10-made.sql"), made);
  await configure({ jarvis, ticketbot });
  await apply();
  const { name, password } = await stack.superuser();
  superuser = (database) =>
    `postgresql://${name}:${password}@127.0.0.1:18500/${encodeURIComponent(database)}`;
});

afterAll(async () => {
  await stack.remove();
  rmSync(scripts, { recursive: true });
});

it("gives each database a role of its own, which logs in directly, pooled and inside the network", async () => {
  const owners = { homelab: "jarvis", homelab_tickets: "ticketbot", "Shop 1": "Shop 1" };
  expect(Object.keys(connections).sort()).toEqual(Object.keys(owners).sort());
  for (const [database, role] of Object.entries(owners)) {
    const { direct, pooled, internal } = connections[database]!;
    const self = [{ who: role, where: database, super: false }];
    expect([await sql(direct, who), await sql(pooled!, who)]).toEqual([self, self]);
    for (const uri of [internal.direct, internal.pooled!]) {
      const psql = ["exec", stack.container("primary"), "psql", "-XAtc", "select current_user"];
      expect(await ok("docker", [...psql, uri])).toBe(`${role}\n`);
    }
  }
});

it("lets no owner into another database, directly or pooled", async () => {
  const names = Object.keys(connections);
  for (const from of names) {
    for (const to of names.filter((one) => one !== from)) {
      const { direct, pooled } = connections[from]!;
      expect(await refusal(elsewhere(direct, to))).toBe("42501");
      const entry = new URL(connections[to]!.pooled!).pathname.slice(1);
      expect(await refusal(elsewhere(pooled!, entry))).toMatch(/^(08P01|42501|28P01)$/);
    }
  }
});

it("gives it what the superuser had made, but no member of an extension, and nothing that would run as one", async () => {
  const rows = await sql(superuser("homelab"), owned);
  expect(
    Object.fromEntries(rows.map(({ owner, kind, names }) => [`${owner}: ${kind}`, names])),
  ).toEqual({
    "jarvis: collation": "C",
    "jarvis: configuration": "plain",
    "jarvis: database": "homelab",
    "jarvis: function": "add_up, half, nothing",
    "jarvis: large object": "4711",
    "jarvis: operator": "!!!",
    "jarvis: relation": 'a "b".c, orders, orders_id_seq, parts, parts_1, parts_n_seq, sums, totals',
    "jarvis: schema": "Old data",
    "jarvis: statistics": "odd",
    "jarvis: type": "mood, positive",
    "pg_database_owner: schema": "public",
    // A superuser's session would run them.
    "postgres: function": "as_text, stop",
    "stranger: relation": "of_stranger",
  });
  const members = await sql(
    superuser("homelab"),
    "select distinct pg_get_userbyid(proowner) as owner from pg_proc p join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'",
  );
  expect(members).toEqual([{ owner: "postgres" }]);
  const { direct } = connections["homelab"]!;
  const found =
    "select count(*)::int as n, (select convert_from(lo_get(4711), 'UTF8')) as large from \"Old data\".orders";
  expect(await sql(direct, found)).toEqual([{ n: 1000, large: "large" }]);
  await sql(direct, 'alter table "Old data".orders add column more text; create table new (n int)');
});

it("keeps the login of a role that was there before, and lets it into nothing new", async () => {
  const reader = (database: string) =>
    `postgresql://reader:of%20the%20reader@127.0.0.1:18500/${encodeURIComponent(database)}`;
  expect(await refusal(reader("homelab"))).toBe("works");
  expect(await refusal(reader("Shop 1"))).toBe("works");
  expect(await refusal(reader("homelab_tickets"))).toBe("42501");
});

it("changes nothing in a second up", async () => {
  await stack.preview("--expect-no-changes");
});

it("adds an application, takes one away and sets a configured password, and restarts nothing", async () => {
  const before = await containers();
  await sql(connections["homelab_tickets"]!.direct, "create table kept as select 1 as n");
  const old = connections;
  const password = "of jarvis: /@%ü";
  await configure(
    { jarvis, streambot: { database: "streams" } },
    { "applications.jarvis.password": password },
  );
  await apply();
  expect(await containers()).toBe(before);
  expect(Object.keys(connections).sort()).toEqual(["Shop 1", "homelab", "streams"]);
  expect(decodeURIComponent(new URL(connections["homelab"]!.direct).password)).toBe(password);
  for (const uri of [connections["homelab"]!.direct, connections["homelab"]!.pooled!]) {
    expect(await sql(uri, "select current_user as who")).toEqual([{ who: "jarvis" }]);
  }
  expect(await refusal(old["homelab"]!.direct)).toBe("28P01");
  expect(await sql(connections["streams"]!.pooled!, who)).toEqual([
    { who: "streambot", where: "streams", super: false },
  ]);

  expect(await refusal(old["homelab_tickets"]!.direct)).toBe("28000");
  const left = await sql(
    superuser("homelab_tickets"),
    "select n, tableowner from kept, pg_tables where tablename = 'kept'",
  );
  expect(left).toEqual([{ n: 1, tableowner: "ticketbot" }]);
});

it("sees what was changed by hand, and sets it again", async () => {
  await sql(
    superuser("postgres"),
    "alter role streambot password 'another'; grant connect on database streams to public",
  );
  const { stdout } = await stack.wrapped("preview");
  expect(stdout).toContain("role streambot has another password");
  await apply();
  const { direct } = connections["streams"]!;
  expect(await refusal(direct)).toBe("works");
  expect(await refusal(elsewhere(connections["homelab"]!.direct, "streams"))).toBe("42501");
});

it("refuses a role and a database of others in one sentence, and touches neither", async () => {
  await sql(superuser("postgres"), "create database theirs owner reader");
  const facts = () =>
    sql(
      superuser("postgres"),
      `select (select json_agg(a order by rolname) from pg_authid a)::text as roles,
         (select json_agg(json_build_array(datname, datdba, datacl) order by datname) from pg_database)::text as databases`,
    );
  const before = [await facts(), await containers()];
  await configure(
    {
      jarvis,
      streambot: { database: "streams" },
      reader: { database: "more" },
      bot: { database: "theirs" },
    },
    { "applications.jarvis.password": "of jarvis: /@%ü" },
  );
  const { code, stdout, stderr } = await stack.pulumi(["up", "--yes", "--skip-preview"]);
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain(
    'Role "reader" (laterbase:applications.reader) is on the primary already and was not made by Laterbase: ' +
      "drop or rename it, or give the application another name (set in ",
  );
  expect(stdout + stderr).toContain(
    'Database "theirs" (laterbase:applications.bot) belongs to role "reader", which Laterbase did not make: nothing was changed.',
  );
  expect([await facts(), await containers()]).toEqual(before);
  expect(await refusal(connections["homelab"]!.direct)).toBe("works");
});

it("shows every login, the superuser's too, and no output has that one", async () => {
  const { password } = await stack.superuser();
  const { stdout } = await stack.laterbase("--json", "credentials");
  expect(JSON.parse(stdout).superuser).toEqual({ name: "postgres", password });
  expect(JSON.stringify(await stack.outputs())).not.toContain(password);
  expect((await run("docker", ["inspect", stack.container("primary")])).stdout).not.toContain(
    new URL(connections["streams"]!.direct).password,
  );
});
