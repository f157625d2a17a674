import { refusals } from "../../../scripts/steps/look/extensions";
import { readingScript, reasonIn } from "../../../scripts/primary/readSettings";

it.each([
  [
    `2026-11-29 20:00:00 GMT LOG:  unrecognized configuration parameter "foo" in file "/tmp/look/0.conf" line 1
2026-11-29 20:00:00 GMT FATAL:  configuration file "/tmp/look/0.conf" contains errors`,
    'unrecognized configuration parameter "foo"',
  ],
  [
    'x LOG:  invalid value for parameter "work_mem": "abc"\nx FATAL:  configuration file "y" contains errors',
    'invalid value for parameter "work_mem": "abc"',
  ],
  ["", "it gives no reason"],
])("shows PostgreSQL's own reason", (said, reason) => {
  expect(reasonIn(said)).toBe(reason);
});

it("hands PostgreSQL each setting alone, as bytes that no shell reads", () => {
  const script = readingScript({
    work_mem: "$(touch /tmp/x)'; rm",
    shared_preload_libraries: `pg_stat_statements, "$libdir/auto_explain", /opt/x`,
    Local_preload_libraries: "one, $libdir/plugins/two",
  });
  const lines = script.split("\n");
  const bytes = (text: string) => Buffer.from(text).toString("base64");
  expect(lines).toContain(`try 0 ${bytes("work_mem = '$(touch /tmp/x)''; rm'\n")}`);
  expect(lines.filter((line) => line.startsWith("library "))).toEqual([
    `library 1 ${bytes("pg_stat_statements")}`,
    `library 1 ${bytes("auto_explain")}`,
    `library 2 ${bytes("plugins/one")}`,
    `library 2 ${bytes("plugins/two")}`,
  ]);
  expect(script).not.toContain("touch");
});

it("says which packages the suite lacks", () => {
  const said = "suite trixie\nmissing vector pgvector \nmissing plpgsql_x \ncontained hstore\n";
  expect(refusals(said, 17)).toEqual([
    "laterbase:primary.extensions must name packages that Debian trixie has for PostgreSQL 17, such as pgvector; there is no postgresql-17-vector",
    "laterbase:primary.extensions must name packages that Debian trixie has for PostgreSQL 17; there is no postgresql-17-plpgsql-x",
    'laterbase:primary.extensions must not name "hstore", which comes with PostgreSQL: leave it out, and CREATE EXTENSION makes it',
  ]);
  expect(refusals("suite trixie\n", 17)).toEqual([]);
});
