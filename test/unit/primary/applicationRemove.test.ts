import { readFileSync } from "node:fs";

it("the sentence on a role that is taken away gives what it owns to no superuser", () => {
  const sql = readFileSync("scripts/primary/sql/application_remove.sql", "utf8");
  expect(sql.match(/REASSIGN OWNED BY %I TO \S+/g)).toEqual(["REASSIGN OWNED BY %I TO <role>;"]);
  // As many values as places.
  const [, text = "", values = ""] =
    /said := format\(((?:\s*'(?:[^']|'')*')+), (wanted,[^;]*)\);\n {2}END IF/.exec(sql) ?? [];
  expect(text.match(/%[sI]/g)).toHaveLength(5);
  expect(values.match(/\bwanted\b/g)).toHaveLength(4);
});
