import type { RestorePlan, RestorePlanReply } from "../../../contract/restorePlan";
import type { KnownOutputs } from "../../../scripts/cli/stack/outputs";
import { operatorRun } from "../../support/unit/operatorRun";

const outputs = {
  primary: {
    ...{ host: "h", port: 5432, version: 17, databases: "*" as const },
    container: "laterbase-x-primary",
  },
  standbys: { standby: { host: "h", port: 5433, slot: "laterbase_standby_slot" } },
  pooler: {} as never,
  backups: {
    stanza: "main",
    repositories: [
      { number: 1, type: "posix" as const, location: "volume repositories", encrypted: true },
    ],
    agent: { container: "laterbase-x-agent" },
  },
} satisfies KnownOutputs;

const plan: RestorePlan = {
  target: {
    ...{ kind: "time", value: "2026-11-29T12:15:00Z" },
    words: "2026-11-29 13:15:00+01:00 (2026-11-29 12:15:00 UTC)",
  },
  repository: { number: 1, location: "volume repositories" },
  set: {
    ...{ label: "20261129-120000F_20261129-121000I", type: "incr" },
    endedAt: "2026-11-29T12:10:00.000Z",
    ended: "2026-11-29 13:10:00+01:00 (2026-11-29 12:10:00 UTC)",
    ...{ bytes: 1_300_000_000, standsOn: ["20261129-120000F"] },
  },
  timeline: 2,
  through: [1, 2],
  wal: {
    ...{ from: "00000001000000000000000A", to: "00000002000000000000000F" },
    ...{ segments: 6, bytes: 12_345_678 },
  },
  estimate: { seconds: 34, by: "restores" },
  arguments: ["restore", "--repo=1"],
  notes: ["The primary is on timeline 3, and this goes along timeline 2."],
};

async function run(words: string[], answer: RestorePlanReply = { plan }) {
  const asked: unknown[] = [];
  const ran = await operatorRun(words, {
    stack: outputs,
    askAgent: (_agent, command, args) => {
      asked.push([command, args]);
      return Promise.resolve(answer);
    },
    servers: { isThere: () => Promise.resolve(true) },
  });
  return { asked, ...ran };
}

describe("restore --dry-run", () => {
  it("shows the plan, and that nothing stops for a server beside the primary", async () => {
    const time = "2026-11-29 13:15";
    const { code, asked, printed } = await run(["restore", "--dry-run", "--to-time", time]);
    expect([code, asked]).toEqual([0, [["restore-plan", { toTime: time }]]]);
    expect(printed.split("\n")).toEqual([
      "Target      2026-11-29 13:15:00+01:00 (2026-11-29 12:15:00 UTC)",
      "Repository  1 (volume repositories)",
      "Backup      20261129-120000F_20261129-121000I: incr, ended at 2026-11-29 13:10:00+01:00 (2026-11-29 12:10:00 UTC); it stands on 20261129-120000F",
      "WAL         00000001000000000000000A to 00000002000000000000000F, 6 segments",
      "Timeline    1, then 2",
      "Reads       1.3 GB of data and 12 MB of stored WAL",
      "Takes       about 34.0 s, by past restores",
      "Stops       nothing",
      "The primary is on timeline 3, and this goes along timeline 2.",
      "This is the plan. Nothing was changed.",
    ]);
  });

  it("sends every option, and says what stops in place", async () => {
    const words = [
      "--to-xid",
      "742",
      "--set",
      "20261129-120000F",
      "--timeline",
      "2",
      "--repo",
      "1",
    ];
    const { code, asked, printed } = await run(["restore", "--dry-run", "--in-place", ...words]);
    const request = {
      toXid: "742",
      set: "20261129-120000F",
      timeline: "2",
      inPlace: true,
      repo: 1,
    };
    expect([code, asked]).toEqual([0, [["restore-plan", request]]]);
    expect(printed).toContain(
      "\nStops       the primary, with every connection to it; the pooler's clients, which wait; " +
        "the standby standby, which follows again afterwards\n",
    );
  });

  it.each<[RestorePlan["target"], RestorePlan["reaches"], string]>([
    [{ kind: "latest" }, undefined, "everything that is archived"],
    [
      { kind: "latest" },
      { lsn: "0/5000098", at: "", words: "2026-11-29 12:15:00 UTC" },
      "everything that is archived: the last transaction is at 0/5000098, of 2026-11-29 12:15:00 UTC",
    ],
    [{ kind: "immediate" }, undefined, "the end of the backup"],
    [
      { kind: "xid", value: "742" },
      { lsn: "0/5", words: "noon" },
      "after transaction 742, of noon",
    ],
    [
      { kind: "xid", value: "742", words: "4294968038 (742 in the WAL)" },
      { lsn: "0/5" },
      "after transaction 4294968038 (742 in the WAL)",
    ],
    [{ kind: "lsn", value: "0/5000098" }, { lsn: "0/5000098" }, "the LSN 0/5000098"],
    [{ kind: "name", value: "x\u001b[2J" }, undefined, 'the restore point "x\\x1b[2J"'],
  ])("names the target %j", async (target, reaches, words) => {
    const one: RestorePlan = { ...plan, target, ...(reaches ? { reaches } : {}) };
    delete one.estimate;
    const { printed } = await run(["restore", "--dry-run"], { plan: one });
    expect(printed).toContain(`Target      ${words}\n`);
    expect(printed).toContain("\nTakes       not known yet: no run shows it\n");
  });

  it("prints the plan as JSON", async () => {
    const { code, printed } = await run(["--json", "restore", "--dry-run"]);
    expect([code, JSON.parse(printed)]).toEqual([0, { ...plan, stops: [] }]);
  });

  it("ends with 4 where the target cannot be reached", async () => {
    const sentence = "Transaction 742 is not in the WAL of timeline 1 in repository 1.";
    const refused = { refused: { code: "never-was" as const, sentence, repository: 1 } };
    const { code, printed, said } = await run(["restore", "--dry-run", "--to-xid", "742"], refused);
    expect([code, printed, said]).toEqual([4, "", `laterbase: ${sentence}`]);
    const json = await run(["--json", "restore", "--dry-run"], refused);
    expect([json.code, JSON.parse(json.printed)]).toEqual([4, { error: sentence, exitCode: 4 }]);
  });

  it.each([
    [["--to-time", "noon"], "--to-time takes a date and a time, such as --to-time "],
    [["--to-name", "x", "--to-lsn", "0/1"], "--to-lsn and --to-name do not go together"],
    [["--set", "newest"], "--set takes the label of a backup"],
    [["--repo", "0"], "It must be the number of a repository, such as 1."],
  ])("%j is a wrong command line, and asks nobody", async (words, sentence) => {
    const { code, asked, said } = await run(["restore", "--dry-run", ...words]);
    expect([code, asked]).toEqual([2, []]);
    expect(said).toContain(sentence);
  });
});
