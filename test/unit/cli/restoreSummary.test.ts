import type { Restored } from "../../../contract/agentReplies";
import { restoreSummary } from "../../../scripts/cli/commands/restoreSummary";
import type { KnownOutputs } from "../../../scripts/cli/stack/outputs";

const restored: Restored = {
  ...{ dump: "app/20261121T030000Z", source: "app", takenAt: "2026-11-21T03:00:00.000Z" },
  ...{ database: "app", replaced: { kept: "app_before", evicted: 0, seconds: 0.1 } },
  ...{ tables: 1, rows: 1, largeObjects: 0, sequences: 0, differences: [], missing: [] },
  views: { compared: 0, other: [], notCompared: [] },
  ...{ createdRoles: [], leftovers: [], omissions: [], notes: [], seconds: 1 },
  primary: { host: "db", port: 5432 },
  timings: { filling: 0, comparing: 0, analyzing: 0 },
};

const outputs: KnownOutputs = {
  backups: { repositories: [], dumps: { agent: "laterbase-dev-agent" } },
};

/** The last line: the command that deletes the database that is not used any more. */
const last = (more: Partial<Restored>) =>
  restoreSummary({ ...restored, ...more }, { stack: "dev" }, outputs, "postgres")
    .split("\n")
    .at(-1);

it("prints the statements that drop the old database, also where it is a template", () => {
  expect(last({})).toContain(`-d postgres -c 'DROP DATABASE "app_before"'`);
  expect(last({ templates: ["app_before"] })).toContain(
    `-d postgres -c 'ALTER DATABASE "app_before" IS_TEMPLATE false' -c 'DROP DATABASE "app_before"'`,
  );
  expect(last({ templates: ["app"] })).not.toContain("IS_TEMPLATE");
});
