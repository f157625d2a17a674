import { readReport } from "../../../scripts/primary";
import { imageExtensions } from "../../../scripts/primary/imageFacts";

it("reads what the preflight's script prints", () => {
  const report = {
    server: { version: "13.16", build: "PostgreSQL 13.16 on x86_64", databases: 3 },
    findings: [
      { level: "block", id: "version", finding: "Another major.", means: "", todo: "" },
      {
        ...{ level: "warn", id: "windows", finding: "It is Windows", means: "No shell" },
        todo: "Put these:\na\nb",
      },
    ],
  };
  expect(readReport(`${JSON.stringify(report)}\n`)).toEqual(report);
});

it("finds the report amid what a login shell prints, and says when there is none", () => {
  const report = { findings: [] };
  const said = `Welcome to Studio Mac\n{"motd": true}\n{not JSON\n${JSON.stringify(report)}\nlogout\n`;
  expect(readReport(said)).toEqual(report);
  expect(() => readReport("Welcome\n")).toThrow("the check of the primary printed no report");
});

it.each([
  [13, ["adminpack"], ["pg_surgery", "old_snapshot"]],
  [16, ["adminpack", "old_snapshot", "pg_surgery", "pg_walinspect"], ["pg_logicalinspect"]],
  [17, ["pg_walinspect"], ["adminpack", "old_snapshot"]],
  [18, ["pg_logicalinspect"], ["adminpack"]],
])("knows the extensions of PostgreSQL %i", (major, with_, without) => {
  const known = imageExtensions(major);
  expect(known).toEqual(expect.arrayContaining(["plpgsql", "amcheck", ...with_]));
  expect(known.filter((name) => without.includes(name))).toEqual([]);
});
