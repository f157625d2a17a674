import { readReport } from "../../../scripts/primary";
import { imageExtensions } from "../../../scripts/primary/imageFacts";

const fields = (...texts: string[]) => texts.join("\x1f");

it("reads what the preflight's script prints", () => {
  const text = [
    fields("server", "13.16", "PostgreSQL 13.16 on x86_64", "3", "1"),
    fields("block", "version", "Another major.", "", ""),
    fields("warn", "windows", "It is Windows", "No shell", "Put these:\x1ea\x1eb"),
    "",
  ].join("\n");
  expect(readReport(text)).toEqual({
    server: { version: "13.16", build: "PostgreSQL 13.16 on x86_64", databases: 3 },
    findings: [
      { level: "block", id: "version", finding: "Another major.", means: "", todo: "" },
      {
        ...{ level: "warn", id: "windows", finding: "It is Windows", means: "No shell" },
        todo: "Put these:\na\nb",
      },
    ],
  });
});

it("knows no server where whoever asks is no superuser", () => {
  expect(readReport(`${fields("block", "superuser", "x is not a superuser.", "", "")}\n`)).toEqual({
    findings: [
      { level: "block", id: "superuser", finding: "x is not a superuser.", means: "", todo: "" },
    ],
  });
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
