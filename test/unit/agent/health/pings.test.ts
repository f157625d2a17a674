import type { AgentOverview, LastRun } from "../../../../contract/agentOverview";
import { bound, pingRequest } from "../../../../scripts/agent/health/pings/pinger";
import { type Ping, type Pinged, pingsOf } from "../../../../scripts/agent/health/pings/runs";
import { at, later } from "../../../support/healthSnapshot";

const run = (endedAt: string, parts: Partial<LastRun> = {}): LastRun => ({
  ...{ trigger: "schedule", startedAt: later(-100), endedAt, result: "success", detail: "Good." },
  ...parts,
});

function overviewOf(
  running: Record<string, string>,
  last: Record<string, LastRun>,
  when = at,
): AgentOverview {
  return {
    ...{ at: when, timeZone: "Etc/UTC", disks: [] },
    running: Object.entries(running).map(([name, since]) => ({ name, since })),
    jobs: Object.entries(last).map(([name, one]) => ({
      ...{ name, job: "dump", schedule: "@hourly", due: at, every: 3600, last: one },
    })),
  };
}

/** What is pinged at each of these looks. */
function pinged(...looks: AgentOverview[]): Ping[][] {
  let known: Pinged = {};
  return looks.map((look) => {
    const found = pingsOf(known, look, ["dump", "full"], later(0));
    known = JSON.parse(JSON.stringify(found.pinged)) as Pinged;
    return found.pings;
  });
}

it("each run is pinged once when it begins and once when it ended", () => {
  const old = { dump: run(later(-50)) };
  const running = { dump: later(5), drill: later(5) };
  const failed = run(later(60), { result: "failed", detail: "No\nroom." });
  expect(
    pinged(
      // It ended before the monitor began, and nothing is known of it.
      overviewOf({}, old),
      overviewOf(running, old),
      overviewOf(running, old),
      overviewOf({}, { dump: run(later(20)) }),
      overviewOf({}, { dump: run(later(20)) }),
      // Between two looks one ended and the next one began.
      overviewOf({ "backup full": later(50), dump: later(65) }, { dump: failed }),
      overviewOf({}, { dump: failed, "backup full": run(later(70)) }),
    ),
  ).toEqual([
    [],
    [{ job: "dump", what: "start" }],
    [],
    [{ job: "dump", what: "success" }],
    [],
    [
      { job: "dump", what: "fail", sentence: "The job dump failed: No\\nroom." },
      { job: "dump", what: "start" },
      { job: "full", what: "start" },
    ],
    [{ job: "full", what: "success" }],
  ]);
});

it("the first run of a job is pinged, also where the agent's clock is behind", () => {
  expect(pinged(overviewOf({}, {}), overviewOf({}, { dump: run(later(-3600)) }))).toEqual([
    [],
    [{ job: "dump", what: "success" }],
  ]);
});

it("of two runs at a time each is pinged, and the first one not again when the second ended", () => {
  const one = { name: "dump", since: later(1) };
  const two = { name: "dump", since: later(2) };
  const both = { ...overviewOf({}, {}), running: [one, two] };
  expect(
    pinged({ ...both, running: [one] }, both, { ...both, running: [one] }).map(
      ({ length }) => length,
    ),
  ).toEqual([1, 1, 0]);
});

it("a clock that was set back hides no run", () => {
  const day = 86_400;
  expect(
    pinged(
      overviewOf({ dump: later(day) }, {}, later(day)),
      overviewOf({ dump: later(10) }, { dump: run(later(9)) }, later(10)),
    ),
  ).toEqual([
    [{ job: "dump", what: "start" }],
    [
      { job: "dump", what: "success" },
      { job: "dump", what: "start" },
    ],
  ]);
});

it("a start that came too late is left out, and five at most wait", () => {
  const start: Ping = { job: "dump", what: "start" };
  const end: Ping = { job: "dump", what: "success" };
  const other: Ping = { job: "full", what: "start" };
  expect(bound([start, other, end])).toEqual([other, end]);
  expect(bound([end, start])).toEqual([end, start]);
  expect(bound([other, end, end, end, end, end])).toEqual([end, end, end, end, end]);
});

it.each([
  ["https://hc.example/ping/u", "start", "https://hc.example/ping/u/start"],
  ["https://hc.example/ping/u/", "fail", "https://hc.example/ping/u/fail"],
  [
    "https://hc.example/k/slug?create=1&a=b",
    "start",
    "https://hc.example/k/slug/start?create=1&a=b",
  ],
  ["https://hc.example/k/slug?create=1", "success", "https://hc.example/k/slug?create=1"],
] as const)("of %s the address of %s is %s", (url, what, address) => {
  expect(pingRequest(url, { job: "dump", what })).toEqual({
    ...{ url: address, method: "GET", headers: {} },
  });
});

it("a failure carries its sentence", () => {
  const ping: Ping = { job: "dump", what: "fail", sentence: "The job dump failed: No room." };
  expect(pingRequest("https://hc.example/u", ping)).toEqual({
    ...{ url: "https://hc.example/u/fail", method: "POST", body: ping.sentence },
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
});
