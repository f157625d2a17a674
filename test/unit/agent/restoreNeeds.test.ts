import type { Entry } from "../../../scripts/agent/dump/toc";
import { needsOf } from "../../../scripts/agent/restore/needs";

const entry = (kind: string, definition: string, more: Partial<Entry> = {}): Entry => ({
  ...{ id: 1, kind, section: "none", schema: "s", name: "n", owner: "", tablespace: "" },
  ...{ accessMethod: "", copy: "" },
  ...{ definition, needs: [], ...more },
});
const roles = (kind: string, definition: string) => [...needsOf([entry(kind, definition)]).roles];

it("finds owners and tablespaces, whatever they are called", () => {
  const table = entry("TABLE", "CREATE TABLE t (n int);", {
    owner: "pöst\ngres",
    tablespace: "fast disk",
  });
  const needs = needsOf([table, entry("COMMENT", "COMMENT ON TABLE t IS 'x';")]);
  expect([...needs.roles]).toEqual(["pöst\ngres"]);
  expect([...needs.tablespaces]).toEqual(["fast disk"]);
});

it("finds no role in the text of a function, a comment or a view", () => {
  const text = "GRANT SELECT ON TABLE films TO nobody_at_all;\n";
  expect(roles("FUNCTION", `CREATE FUNCTION f() AS $$\n${text}$$;`)).toEqual([]);
  expect(roles("COMMENT", `COMMENT ON TABLE t IS '\n${text}';`)).toEqual([]);
});

describe("the roles of an ACL", () => {
  it.each([
    ['GRANT SELECT("a"),UPDATE("a") ON TABLE "t" TO "Bob ""B""" WITH GRANT OPTION;', ['Bob "B"']],
    ['REVOKE ALL ON TABLE "t" FROM PUBLIC;\nGRANT ALL ON TABLE "t" TO PUBLIC;\n', []],
    [
      'SET SESSION AUTHORIZATION "b";\nGRANT ALL ON SCHEMA "s" TO "c";\nRESET SESSION AUTHORIZATION;',
      ["b", "c"],
    ],
    ['GRANT ALL ON TABLE " TO x" TO "a TO b";', ["a TO b"]],
    ['GRANT ALL ON TABLE "t" TO "new\nline";', ["new\nline"]],
    ['GRANT ALL ON TABLE "a;b" TO "c;d";', ["c;d"]],
    ["GRANT ALL ON LARGE OBJECT 4711 TO alice;", ["alice"]],
    ['GRANT ALL ON FUNCTION "f"("a" double precision) TO "e" GRANTED BY "g";', ["e"]],
    ['REVOKE USAGE ON LANGUAGE "plpgsql" FROM "f";', ["f"]],
  ])("in %s", (definition, expected) => {
    expect(roles("ACL", definition)).toEqual(expected);
  });

  it("include a role that is named PUBLIC, which is not everybody", () => {
    expect(roles("ACL", 'GRANT ALL ON TABLE "t" TO "PUBLIC";')).toEqual(["PUBLIC"]);
  });
});

it.each([
  [
    'ALTER DEFAULT PRIVILEGES FOR ROLE "d" IN SCHEMA "s" GRANT SELECT ON TABLES TO "e";',
    ["d", "e"],
  ],
  ['ALTER DEFAULT PRIVILEGES FOR ROLE "d" REVOKE ALL ON FUNCTIONS  FROM PUBLIC;', ["d"]],
])("finds those of default privileges: %s", (definition, expected) => {
  expect(roles("DEFAULT ACL", definition)).toEqual(expected);
});

it.each([
  [
    `CREATE POLICY "p TO x" ON "t" FOR SELECT TO "frank", "Gr ace", PUBLIC USING (true);`,
    ["frank", "Gr ace"],
  ],
  [`CREATE POLICY p ON t AS RESTRICTIVE FOR INSERT TO a WITH CHECK ((b = ' TO x'::text));`, ["a"]],
  [`CREATE POLICY p ON t USING ((b = 'x TO y') AND ("TO" IS NULL));`, []],
  [`CREATE POLICY p ON t FOR SELECT TO "USING";`, ["USING"]],
])("finds those of a policy: %s", (definition, expected) => {
  expect(roles("POLICY", definition)).toEqual(expected);
});

it("knows that a mapping of public is everybody's: pg_dump quotes it like a role", () => {
  expect(roles("USER MAPPING", 'CREATE USER MAPPING FOR "public" SERVER "s";')).toEqual([]);
  expect(
    roles(
      "USER MAPPING",
      `CREATE USER MAPPING FOR "heidi" SERVER "s" OPTIONS (\n "user" ' FOR x'\n);`,
    ),
  ).toEqual(["heidi"]);
});
