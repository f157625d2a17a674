import {
  applyProperties,
  applySettings,
  createDatabase,
  labelStatement,
  lastSettings,
  publicSchemaStatements,
} from "../../../scripts/agent/restore/databaseSql";
import { settingValue } from "../../../scripts/agent/kit/settingValue";
import type { DatabaseProperties, Privilege } from "../../../contract/manifest";

const plain: DatabaseProperties = {
  name: "app",
  owner: "postgres",
  encoding: "UTF8",
  collate: "en_US.UTF-8",
  ctype: "C",
  localeProvider: "c",
  locale: null,
  comment: null,
  connectionLimit: -1,
  privileges: null,
  settings: [],
};
const grant = (
  grantee: string,
  grantor: string,
  privilege: Privilege["privilege"],
  grantable = false,
) => ({
  ...{ grantee, grantor, privilege, grantable },
});

describe("CREATE DATABASE", () => {
  it("knows no provider before 15", () => {
    expect(createDatabase('My "L" é', plain, 13)).toBe(
      `CREATE DATABASE "My ""L"" é" TEMPLATE template0 ALLOW_CONNECTIONS false ENCODING 'UTF8' ` +
        `LC_COLLATE 'en_US.UTF-8' LC_CTYPE 'C'`,
    );
  });

  it.each([
    ["c" as const, null, "LOCALE_PROVIDER libc"],
    ["i" as const, "de-AT", "LOCALE_PROVIDER icu ICU_LOCALE 'de-AT'"],
    ["b" as const, "C.UTF-8", "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"],
  ])("takes over the provider %s", (localeProvider, locale, expected) => {
    expect(createDatabase("x", { ...plain, localeProvider, locale }, 17)).toMatch(
      new RegExp(`LC_CTYPE 'C' ${expected.replace(".", "\\.")}$`),
    );
  });
});

it("creates a database with ICU's rules, in its tablespace", () => {
  const like = { ...plain, localeProvider: "i" as const, locale: "und", icuRules: "& a < 'g'" };
  expect(createDatabase("x", like, 17, "fast disk")).toMatch(
    / LOCALE_PROVIDER icu ICU_LOCALE 'und' ICU_RULES '& a < ''g''' TABLESPACE "fast disk"$/,
  );
});

describe("the schema public", () => {
  const owned = { ...plain, publicSchema: { owner: 'a"b', comment: "it's" } };

  it("gets its owner and comment where pg_dump leaves them out", () => {
    expect(publicSchemaStatements(owned, 14)).toEqual([
      `ALTER SCHEMA public OWNER TO "a""b"`,
      `COMMENT ON SCHEMA public IS 'it''s'`,
    ]);
    expect(publicSchemaStatements(owned, 15)).toEqual([]);
  });

  it("goes away where the dumped database had none, and stays when an older manifest does not say", () => {
    const dropped = ["DROP SCHEMA IF EXISTS public"];
    expect(publicSchemaStatements({ ...plain, publicSchema: null }, 17)).toEqual(dropped);
    expect(publicSchemaStatements(plain, 13)).toEqual([]);
  });
});

describe("a database's properties", () => {
  it("leave PostgreSQL's own privileges alone", () => {
    expect(applyProperties("it's", { ...plain, owner: "O'Neil" }).slice(0, 2)).toEqual([
      `ALTER DATABASE "it's" OWNER TO "O'Neil"`,
      `UPDATE pg_catalog.pg_database SET datacl = NULL WHERE datname = 'it''s'`,
    ]);
    expect(applyProperties("x", plain).slice(2)).toEqual([
      `COMMENT ON DATABASE "x" IS NULL`,
      `ALTER DATABASE "x" CONNECTION LIMIT -1`,
    ]);
  });

  it("grant a privilege before its holder grants it to others, each as the original grantor", () => {
    const privileges = [
      grant("carol", "bob", "CONNECT"),
      grant("bob", "postgres", "CONNECT", true),
      grant("public", "postgres", "TEMPORARY"),
    ];
    expect(applyProperties("x", { ...plain, privileges }).slice(1, -2)).toEqual([
      `REVOKE ALL ON DATABASE "x" FROM PUBLIC`,
      `REVOKE ALL ON DATABASE "x" FROM "postgres"`,
      `GRANT CONNECT ON DATABASE "x" TO "bob" WITH GRANT OPTION`,
      `GRANT TEMPORARY ON DATABASE "x" TO PUBLIC`,
      `SET SESSION AUTHORIZATION "bob"`,
      `GRANT CONNECT ON DATABASE "x" TO "carol"`,
      `RESET SESSION AUTHORIZATION`,
    ]);
  });

  it("tell a role with the name PUBLIC from everybody", () => {
    const privileges = [
      grant("PUBLIC", "postgres", "CONNECT"),
      grant("public", "PUBLIC", "CREATE"),
    ];
    const statements = applyProperties("x", { ...plain, privileges });
    expect(statements).toContain(`GRANT CONNECT ON DATABASE "x" TO "PUBLIC"`);
    expect(statements).toContain(`GRANT CREATE ON DATABASE "x" TO PUBLIC`);
    expect(statements).toContain(`SET SESSION AUTHORIZATION "PUBLIC"`);
  });

  it("set before the rows what was set, for all and for a role", () => {
    const settings = [
      { role: null, name: "search_path", value: '"$user", "My Schema", public' },
      { role: "O'N", name: "work_mem", value: "64MB" },
      { role: null, name: "app.tenant", value: "it's" },
      { role: null, name: "TimeZone", value: "Europe/Berlin" },
    ];
    const like = { ...plain, comment: "a \\ 'b'", settings };
    expect(applySettings("x", like, false)).toEqual([
      `ALTER DATABASE "x" SET "search_path" TO '$user', 'My Schema', 'public'`,
      `ALTER ROLE "O'N" IN DATABASE "x" SET "work_mem" TO '64MB'`,
      `ALTER DATABASE "x" SET "app.tenant" TO 'it''s'`,
      `ALTER DATABASE "x" SET "TimeZone" TO 'Europe/Berlin'`,
    ]);
    expect(applyProperties("x", like).slice(2)).toEqual([
      `COMMENT ON DATABASE "x" IS  E'a \\\\ ''b'''`,
      `ALTER DATABASE "x" CONNECTION LIMIT -1`,
    ]);
  });

  it("store an empty list as empty: a library without a name would let nobody log in", () => {
    const settings = [
      { role: "a", name: "session_preload_libraries", value: "" },
      { role: null, name: "search_path", value: '""' },
      { role: null, name: "app.empty", value: "" },
    ];
    expect(applySettings("x", { ...plain, settings }, true)).toEqual([
      "SELECT pg_catalog.set_config('session_preload_libraries', '', false)",
      `ALTER ROLE "a" IN DATABASE "x" SET "session_preload_libraries" FROM CURRENT`,
      `RESET "session_preload_libraries"`,
      `ALTER DATABASE "x" SET "search_path" TO ''`,
      `ALTER DATABASE "x" SET "app.empty" TO ''`,
    ]);
  });

  it("set last what loads code or decides whose rights a session has", () => {
    const of = (setting: string) => ({ role: null, name: setting, value: "x" });
    const names = ["Local_Preload_Libraries", "session_preload_libraries", "role", "work_mem"];
    const like = { ...plain, settings: names.map(of) };
    const set = (setting: string) => `ALTER DATABASE "x" SET "${setting}" TO 'x'`;
    // Everything is set again in its order, because the catalog keeps the order.
    const again = [`ALTER DATABASE "x" RESET ALL`, ...names.map(set)];
    expect(applySettings("x", like, false)).toEqual([set("work_mem")]);
    expect(lastSettings("x", like, false)).toEqual(again);
    // A security label needs the library of its provider.
    expect(applySettings("x", like, true)).toEqual([
      set("session_preload_libraries"),
      set("work_mem"),
    ]);
    const labelled = { ...plain, settings: [of("session_preload_libraries")] };
    expect(lastSettings("x", labelled, true)).toEqual([]);
  });

  it("make a template of a template, after everything else", () => {
    const like = { ...plain, isTemplate: true, connectionLimit: 0 };
    expect(applyProperties("x", like).slice(-2)).toEqual([
      `ALTER DATABASE "x" CONNECTION LIMIT 0`,
      `ALTER DATABASE "x" IS_TEMPLATE true`,
    ]);
  });

  it("have labels", () => {
    expect(labelStatement("x", { provider: 'a"b', label: "it's" })).toBe(
      `SECURITY LABEL FOR "a""b" ON DATABASE "x" IS 'it''s'`,
    );
  });

  it.each([
    ["search_path", "", "''"],
    ["search_path", '""', "''"],
    ["search_path", '"a ""b"", c", d', `'a "b", c', 'd'`],
    ["DateStyle", "iso, dmy", "'iso, dmy'"],
  ])("read %s = %s", (setting, value, expected) => {
    expect(settingValue(setting, value)).toBe(expected);
  });
});
