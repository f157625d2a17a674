import type { JobOverview } from "../../../contract/agentOverview";
import { main } from "../../../scripts/cli/main";
import type { Connections } from "../../../scripts/cli/session";
import { assess, merged } from "../../../scripts/cli/status/judge";
import { collectSettled } from "../../../scripts/cli/status/settled";
import type { Collected } from "../../../scripts/cli/status/collect";
import { primaryFacts } from "../../../scripts/cli/status/external";
import {
  primaryScript,
  readDisk,
  readPrinted,
  standbyScript,
} from "../../../scripts/cli/status/scripts";
import type { Check } from "../../../contract/health/check";
import type { Part } from "../../../scripts/cli/parts/part";
import type { ContainerLook } from "../../../scripts/cli/parts/containerLook";

const part = (name: string, kind: Part["kind"]): Part => ({
  ...{ name, kind, container: `laterbase-dev-${name}`, host: "", superuser: "postgres" },
});
const runs = (name: string, kind: Part["kind"]): ContainerLook => ({
  ...{ part: part(name, kind), env: {}, found: { kind: "running" } },
  health: { healthy: true },
});
const collected: Collected = {
  looks: [runs("primary", "primary"), runs("standby", "standby"), runs("scheduler", "scheduler")],
  facts: {
    at: "2026-11-29T12:30:00.000Z",
    primary: {
      ...{ version: "17.5", startedAt: "2026-11-29T00:00:00Z", inRecovery: false },
      connections: { used: 1, most: 100 },
      databases: [{ name: "ev\x1bil", bytes: 7_900_000, clients: 2 }],
      slots: [
        {
          name: "laterbase_standby_slot",
          active: true,
          status: "reserved",
          bytes: 0,
          limit: 10 * 1024 ** 3,
        },
      ],
      replicas: [{ slot: "laterbase_standby_slot", state: "streaming", bytes: 1200, seconds: 0.4 }],
      archiver: null,
      running: [{ what: "vacuum", database: "app", since: "2026-11-29T12:20:00Z", percent: 40 }],
    },
    standbys: { standby: { inRecovery: true, paused: false, streaming: true, replayAge: 1 } },
    slots: { standby: "laterbase_standby_slot" },
  },
};
const outputs = {
  primary: {
    host: "h",
    port: 1,
    version: 17,
    databases: ["app"],
    container: "laterbase-dev-primary",
  },
};

/** Runs `status` on what was collected. */
async function run(words: string[], seen: () => Collected = () => collected) {
  const printed: string[] = [];
  const said: string[] = [];
  const connections: Connections = {
    readOutputs: () => Promise.reject(new Error("no secret is needed")),
    readStack: () =>
      Promise.resolve({
        ...{ state: { deployment: {} }, plain: outputs },
        outputs: () => Promise.reject(new Error("no secret is needed")),
        open: () => Promise.reject(new Error("no secret is needed")),
      }),
    askAgent: () => Promise.reject(new Error("not asked")),
    servers: {} as never,
    looks: { collect: () => Promise.resolve(seen()), assess } as never,
    terminal: { print: (text) => printed.push(text), progress: (line) => said.push(line) },
  };
  const code = await main(["status", "--stack", "dev", ...words], connections);
  return { code, printed: printed.join("\n"), said };
}

it("says the verdict first, and shows everything that is known", async () => {
  const { code, printed, said } = await run([]);
  expect([code, said]).toEqual([0, []]);
  expect(printed).toBe(
    [
      "HEALTHY: Everything works.",
      "",
      "Stack dev, 2026-11-29 12:30:00 UTC",
      "",
      "WHAT                         STATUS",
      "primary                      good    It answers; 1 of 100 connections are used.",
      "standby                      good    It streams; 1.2 kB and 0.4 s behind.",
      "scheduler                    good    It runs.",
      `slot laterbase_standby_slot  good    ${"It keeps 0 B of WAL, of 10 GB (0 %)."}`,
      "",
      "DATABASE  SIZE    CLIENTS",
      "ev\\x1bil  7.9 MB  2",
      "",
      "STANDBY  STATE      BEHIND",
      "standby  streaming  1.2 kB  0.4 s",
      "",
      "SLOT                    USED  WAL       KEEPS  LIMIT",
      "laterbase_standby_slot  yes   reserved  0 B    10 GB  0 %",
      "",
      "RUNS NOW       WHERE  FOR",
      "vacuum (40 %)  app    10 min",
    ].join("\n"),
  );
});

it("counts what the agent made by the agent's clock, and gives what lies in the future no age", async () => {
  const job: JobOverview = {
    ...{ name: "dump", job: "dump", schedule: "@hourly", every: 3600 },
    ...{ due: "2026-11-29T14:00:00Z", next: "2026-11-29T15:00:00Z" },
    last: {
      ...{ trigger: "schedule", result: "success", detail: "Done." },
      ...{ startedAt: "2026-11-29T14:00:00Z", endedAt: "2026-11-29T14:01:00Z" },
    },
  };
  const lastBackup = { label: "20270101-020000F", type: "full", at: "2027-01-01T02:00:00Z" };
  const agent = {
    // Its machine's clock is two hours ahead of this one.
    ...{ at: "2026-11-29T14:30:00Z", timeZone: "Etc/UTC", jobs: [job], running: [], disks: [] },
    repositories: [{ repository: 1, lastBackup }],
  };
  const { printed } = await run([], () => ({
    ...collected,
    facts: { ...collected.facts, agent },
  }));
  expect(printed).toMatch(/^dump +29 min ago +good/m);
  expect(printed).toContain("20270101-020000F (in the future)");
});

it("prints the same as JSON", async () => {
  const { code, printed } = await run(["--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(printed)).toMatchObject({
    ...{
      stack: "dev",
      at: "2026-11-29T12:30:00.000Z",
      verdict: "healthy",
      sentence: "Everything works.",
    },
    facts: JSON.parse(JSON.stringify(collected.facts)),
  });
});

it("keeps the whole table when parts are dead, and exits with 1", async () => {
  const dead: Collected = {
    looks: [
      {
        ...runs("primary", "primary"),
        found: { kind: "ended", exitCode: 137, restarting: false, outOfMemory: true, why: "" },
      },
      runs("standby", "standby"),
      { ...runs("scheduler", "scheduler"), found: { kind: "missing" } },
    ],
    facts: { ...collected.facts, primary: { unknown: "laterbase-dev-primary is not running." } },
  };
  const { code, printed } = await run([], () => dead);
  expect(code).toBe(1);
  expect(printed).toContain("UNHEALTHY: Not everything works: primary and scheduler.");
  expect(printed).toContain(
    "FAILED    primary: It is stopped: it had too little memory.\n          next: npm start",
  );
  expect(printed).toContain("standby  streaming  unknown: laterbase-dev-primary is not running.");
  expect(printed).toContain("DATABASE\nunknown: laterbase-dev-primary is not running.");
  expect(printed).toContain("What runs now is unknown of the primary.");
  expect(printed).not.toContain("Nothing runs now.");
});

it("is degraded by what is not known alone", async () => {
  const silent: Collected = {
    ...collected,
    facts: {
      ...collected.facts,
      standbys: { standby: { unknown: "It did not answer: no answer within 6 s." } },
    },
  };
  const { code, printed } = await run([], () => silent);
  expect(code).toBe(3);
  expect(printed).toContain(
    "UNKNOWN   standby: It did not answer: no answer within 6 s.\n          next: npm run laterbase -- logs standby",
  );
  expect(printed).toContain("standby  unknown: It did not answer: no answer within 6 s.  1.2 kB");
});

it("takes the worse of two checks of one name, and of equals the one that measured", () => {
  const check = (status: Check["status"], sentence: string): Check => ({
    name: "standby",
    status,
    sentence,
  });
  const one = (a: Check, b: Check) => merged([a], [b]).map(({ sentence }) => sentence);
  expect(one(check("good", "container"), check("good", "facts"))).toEqual(["facts"]);
  expect(one(check("failed", "container"), check("unknown", "facts"))).toEqual(["container"]);
  expect(one(check("degraded", "container"), check("unknown", "facts"))).toEqual(["container"]);
  expect(one(check("good", "container"), check("unknown", "facts"))).toEqual(["facts"]);
});

describe("what the containers print", () => {
  it("is read line by line, and what is cut off hides nothing else", () => {
    expect(
      readPrinted(
        '{"server":{"a":1}}\n{"slots":[]}\n{"databa\n#disk fs 1000 5 900 1% /x\n#primary 0\n',
      ),
    ).toEqual({
      json: { server: { a: 1 }, slots: [] },
      lines: { disk: "fs 1000 5 900 1% /x", primary: "0" },
    });
    expect(readDisk("fs 1000 5 900 1% /x", "primary")).toEqual({
      holds: "primary",
      bytes: 1000,
      free: 900,
    });
    expect(readDisk("", "primary")).toBeUndefined();
  });

  it("is no primary without its server's answer", () => {
    expect(primaryFacts({ slots: [] })).toEqual({ unknown: "Its server gives no answer." });
    expect(primaryFacts({ server: { version: "17" } })).toEqual({
      ...{ version: "17", slots: [], replicas: [], running: [], archiver: null, databases: null },
    });
  });

  it("comes from sessions that state their settings", () => {
    for (const script of [primaryScript(17, "post'gres"), standbyScript(13, "post'gres")]) {
      expect(script).toMatch(/PGOPTIONS='[^\n]*-c search_path=pg_catalog,pg_temp/);
      expect(script).toContain(String.raw`-U 'post'\''gres'`);
    }
    expect(primaryScript(17, "p")).toContain("event_triggers=off");
    expect(standbyScript(13, "p")).not.toContain("event_triggers");
  });
});

const withoutStream: Collected["facts"] = {
  ...collected.facts,
  standbys: { standby: { inRecovery: true, paused: false, streaming: false, replayAge: 1 } },
};
const monitored = (
  status: Check["status"],
  name = "standby",
  more: Partial<Check> = {},
): Collected => ({
  ...collected,
  monitor: {
    ...{ status: "unhealthy", timestamp: "2026-11-29T12:29:55Z", last_backup_age_hours: "1" },
    ...{ messages: [], sentence: "Not everything works." },
    checks: [{ name, status, sentence: "It does not stream.", ...more }],
  },
});

it("waits until the monitor has seen too that a fault is over", async () => {
  const seen = [monitored("failed"), monitored("good")];
  const { code, printed, said } = await run([], () => seen.shift()!);
  expect([code, seen]).toEqual([0, []]);
  expect(said).toEqual(["Everything is good; waiting until the monitor has seen it."]);
  expect(printed).toContain("HEALTHY: Everything works.");
});

it("waits for the first look of a monitor that has just started", async () => {
  const first = monitored("good");
  const none = { ...first, monitor: { ...first.monitor, checks: [] } } as Collected;
  const seen = [none, first];
  expect([(await run([], () => seen.shift()!)).code, seen]).toEqual([0, []]);
});

it("waits for a part that has just started, too", async () => {
  const starting = (one: Collected): Collected => ({
    ...one,
    looks: [
      ...one.looks.slice(0, 2),
      { ...runs("scheduler", "scheduler"), young: true, health: { healthy: false } },
    ],
  });
  const seen = [monitored("unknown", "scheduler"), monitored("good")].map(starting);
  expect([(await run([], () => seen.shift()!)).code, seen]).toEqual([0, []]);
});

it.each([
  ["of what only the monitor sees", monitored("failed", "drift")],
  [
    "of a disk whose growth only the monitor knows",
    monitored("failed", "standby", { unit: "days" }),
  ],
  ["of what this look sees too", { ...monitored("failed"), looks: [] as ContainerLook[] }],
])("does not wait for the end of a fault %s", async (_, found) => {
  const bad = found.looks.length > 0 ? found : { ...found, facts: withoutStream };
  const { code, said } = await run([], () => bad);
  expect([code, said]).toEqual([1, []]);
});

it("waits no longer than it is told, and then says what the monitor says", async () => {
  const known = { plain: outputs } as never;
  const session = {
    ...{ stack: "dev", looks: { collect: () => Promise.resolve(monitored("failed")) } },
    terminal: { progress: () => undefined },
  } as never;
  const found = await collectSettled(session, known, { everyMs: 5, mostMs: 20 });
  expect(assess("dev", outputs as never, found).verdict).toBe("unhealthy");
});
