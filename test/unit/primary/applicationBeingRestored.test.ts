import { readFileSync } from "node:fs";
import { unfinishedRestoreComment } from "../../../contract/unfinishedRestore";
import { applicationRefusals } from "../../../scripts/primary/applicationRefusals";

it("a database that a restore still fills gets no owner that could let clients in", () => {
  const sql = readFileSync("scripts/primary/sql/application_apply.sql", "utf8");
  const [, mark = "", refusal = ""] =
    /r\.rolsuper\n.*'pg_database'\) ~ '(.*)'\) THEN\n.*'refusals'->>'(\w+)'/.exec(sql) ?? [];
  expect(`${unfinishedRestoreComment("dev")} app/20260101T000000Z`).toMatch(new RegExp(mark));
  expect("the books of laterbase").not.toMatch(new RegExp(mark));
  // Before anything is made.
  expect(sql.indexOf(refusal)).toBeLessThan(sql.indexOf("CREATE ROLE"));
  const application = { role: "app", database: "100%", key: "laterbase:applications.app" };
  expect(applicationRefusals(application)[refusal]).toMatch(
    /^Database "100%" is being restored, .*: nothing was changed\. Run 'up' again/,
  );
});
