import type { StepEvent } from "../../../../scripts/wrapper/events";
import { readDrillPauses, readJobs, readStandby } from "../../../../scripts/cli/parts/look";
import { stackOf } from "../../../../scripts/wrapper/parts/lookAtParts";
import { partsOf } from "../../../../scripts/wrapper/parts/part";
import type { Verdict } from "../../../../scripts/cli/parts/judgement";
import { brokenParts, reportParts } from "../../../../scripts/wrapper/parts/report";

it("reads what a standby's server says, and nothing else", () => {
  const nothing = { answers: false, inRecovery: false, paused: false, streaming: false };
  expect(readStandby("1|0|1\n")).toEqual({
    ...nothing,
    answers: true,
    inRecovery: true,
    streaming: true,
  });
  const alive = { ...nothing, answers: true, inRecovery: true };
  expect(readStandby("1|0|1\n0\n")).toEqual({ ...alive, streaming: true, primary: "accepts" });
  expect(readStandby("1|0|1\n2\n")).toEqual({ ...alive, primary: "silent" });
  expect(readStandby("1|1|0\n0\n")).toEqual({
    ...{ answers: true, inRecovery: true, paused: true, streaming: false },
    primary: "accepts",
  });
  expect(readStandby("0|0|0\n1\n")).toMatchObject({ inRecovery: false, primary: "rejects" });
  expect(readStandby("\n2\n")).toEqual({ ...nothing, primary: "silent" });
  expect(readStandby("")).toEqual(nothing);
  expect(readStandby("1|0|1; rm -rf /\n")).toEqual(nothing);
});

it("reads the agent's records", () => {
  const dump = {
    job: "dump",
    result: "failed",
    detail: "No room.",
    endedAt: "2026-11-29T03:00:00Z",
  };
  const known = { result: "failed", detail: "No room.", at: dump.endedAt };
  expect(readJobs(`${JSON.stringify(dump)}\n\n`)).toEqual({ dump: known });
  expect(readJobs(`\n${JSON.stringify(dump)}\n`)).toEqual({ upload: known });
  expect(readJobs(`\n\n\n\n\n${JSON.stringify(dump)}\n\n`)).toEqual({ "check-backups": known });
  expect(readJobs('{"result": "fai\n\n')).toEqual({});
  expect(readJobs("")).toEqual({});
  const empty = "\n".repeat(7);
  expect([`${empty}drill-paused\n`, empty, ""].map(readDrillPauses)).toEqual([true, false, false]);
});

const state = (inputs: Record<string, unknown>, provider = "") => ({
  ...{ id: "", parent: "", custom: true, protect: false, retainOnDelete: false, outputs: {} },
  inputs,
  provider,
});
const step = (type: string, urn: string, now: ReturnType<typeof state>): StepEvent => ({
  ...{ op: "same", urn, type, name: urn, keys: [], diffs: [], detailedDiff: {}, new: now },
});

it("finds the containers of a stack, with their engines", () => {
  const container = (role: string, more: Record<string, unknown> = {}) =>
    step(
      "docker:index/container:Container",
      `urn::${role}`,
      state(
        {
          name: `laterbase-dev-${role}`,
          labels: [
            { label: "laterbase.role", value: role },
            { label: "laterbase.stack", value: "dev" },
          ],
          ...more,
        },
        "urn::far::0f3a",
      ),
    );
  const parts = partsOf([
    step("pulumi:providers:docker", "urn::far", state({ host: "ssh://nas" })),
    container("scheduler"),
    container("second", {
      envs: ["STANDBY_NAME=second", "SUPERUSER=admin"],
      ports: [{ internal: 5432, external: 5433, ip: "127.0.0.1" }],
    }),
    step("docker:index/container:Container", "urn::other", state({ name: "not-ours" })),
    step("docker:index/volume:Volume", "urn::data", state({ name: "data" })),
  ]);
  expect(parts).toEqual([
    {
      ...{ kind: "standby", name: "second", container: "laterbase-dev-second" },
      ...{ host: "ssh://nas", superuser: "admin", published: { host: "127.0.0.1", port: 5433 } },
    },
    {
      ...{ kind: "scheduler", name: "scheduler", container: "laterbase-dev-scheduler" },
      ...{ host: "ssh://nas", superuser: "postgres" },
    },
  ]);
});

it("knows by the outputs whether the primary is external", () => {
  const primary = { host: "192.168.1.20", port: 5432, version: 13 };
  expect(stackOf("editor", { primary, backups: { dumps: { source: "primary" } } })).toEqual({
    ...{ name: "editor", dumpsFrom: "primary" },
    external: { host: "192.168.1.20", port: 5432 },
  });
  const managed = { primary: { ...primary, container: "laterbase-dev-primary" } };
  expect(stackOf("dev", managed)).toEqual({ name: "dev" });
  const dumps = { source: "standby" };
  expect(stackOf("dev", { ...managed, backups: { dumps, repositories: [] } })).toEqual({
    name: "dev",
    dumpsFrom: "standby",
  });
  expect(stackOf("dev", { ...managed, backups: { repositories: [{}] } })).toEqual({
    name: "dev",
    backsUp: true,
  });
});

describe("the report", () => {
  const verdicts = (...judgements: Verdict["judgement"][]): Verdict[] =>
    judgements.map((judgement, index) => ({
      ...{ name: `part ${index}`, judgement, sentence: "so it is.", next: "do" },
    }));
  const report = (...judgements: Verdict["judgement"][]) => {
    const lines: string[] = [];
    reportParts({ line: (text) => lines.push(text) }, verdicts(...judgements));
    return lines;
  };

  it("says nothing of what works", () => expect(report("good")).toEqual([]));

  it("names what does not, the worst first, with the next command", () =>
    expect(report("degraded", "good", "failed")).toEqual([
      "\nNot everything works:",
      "  part 2: so it is.",
      "      next: do",
      "\nDEGRADED:",
      "  part 0: so it is.",
      "      next: do",
    ]));

  it("calls a stack up whose primary sleeps, or whose first dump has not ended", () =>
    expect(brokenParts(verdicts("good", "degraded", "pending"))).toEqual([]));

  it("calls no stack up with a part that has failed, or is still being made", () =>
    expect(brokenParts(verdicts("waiting", "good", "failed"))).toEqual(["part 0", "part 2"]));
});
