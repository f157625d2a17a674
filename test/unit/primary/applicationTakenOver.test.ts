import { readFileSync } from "node:fs";
import { stepWarning } from "../../../contract/stepWarning";

it("a role of an application that lost its record is not taken over in silence", () => {
  const sql = readFileSync("scripts/primary/sql/application_apply.sql", "utf8");
  const [, branch = ""] =
    /\n {2}ELSE\n {4}IF note IS NULL THEN\n([^]*?)\n {4}END IF;/.exec(sql) ?? [];
  // The line that begins so is shown by `up`, and names the rights that stay.
  expect(branch).toContain(`format('${stepWarning}Role "%s" had no record of Laterbase any more`);
  expect(branch).toContain(
    "pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = have.oid",
  );
  expect(branch).toContain("translate(g.rolname, E'\\n\\r', '  ')");
});
