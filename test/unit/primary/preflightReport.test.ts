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
