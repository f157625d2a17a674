import { main } from "../../../scripts/cli/main";
import { assess } from "../../../scripts/cli/status/judge";
import type { Connections } from "../../../scripts/cli/session";
import type { Collected } from "../../../scripts/cli/status/collect";
import type { Check } from "../../../contract/health/check";
import { defaultThresholds } from "../../../contract/health/check";
import type { HealthReport } from "../../../contract/health/report";
import { reportOf } from "../../../contract/health/reportOf";
import { CliError } from "../../../scripts/cli/terminal/cliError";

const lag: Check = {
  ...{ name: "standby", status: "degraded", since: "2026-11-29T12:00:00.000Z" },
  sentence: "It is 2 min behind.",
  command: "npm run laterbase -- logs standby",
};
const report: HealthReport = {
  ...{ status: "degraded", timestamp: "2026-11-29T12:30:00Z", last_backup_age_hours: "6" },
  messages: ["standby: It is 2 min behind."],
  sentence: "Everything that could be looked at works, but not as it should: standby.",
  checks: [{ name: "primary", status: "good", sentence: "It answers\x1b." }, lag],
};
const health = {
  ...{ url: "http://127.0.0.1:8080", container: "laterbase-dev-health", dockerHost: null },
  thresholds: defaultThresholds,
};
const slot = { name: "s", active: true, status: "reserved", bytes: 0, limit: 10 * 1024 ** 3 };
const primary = { host: "h", port: 1, version: 17, databases: ["app"], container: "p" };

const runs = (kind: "primary" | "standby" | "health") => ({
  part: { ...{ kind, name: kind, container: kind, host: "" }, superuser: "postgres" },
  ...{ env: {}, found: { kind: "running" as const }, health: { healthy: true } },
});
const collected: Collected = {
  looks: [runs("primary"), runs("standby")],
  facts: {
    at: "2026-11-29T12:30:00.000Z",
    primary: {
      ...{ version: "17.5", startedAt: "2026-11-29T00:00:00Z", inRecovery: false },
      ...{ connections: { used: 1, most: 100 }, databases: [], slots: [slot], archiver: null },
      ...{ replicas: [{ slot: "s", state: "streaming", bytes: 0, seconds: 90 }], running: [] },
    },
    standbys: { standby: { inRecovery: true, paused: false, streaming: true, replayAge: 1 } },
    slots: { standby: "s" },
  },
};

async function run(
  words: string[],
  {
    plain = { primary, health },
    asked = () => Promise.resolve(report),
  }: {
    plain?: object;
    asked?: () => Promise<HealthReport>;
  } = {},
) {
  const printed: string[] = [];
  const names: unknown[] = [];
  const connections: Connections = {
    readOutputs: () => Promise.reject(new Error("no secret is needed")),
    readStack: () =>
      Promise.resolve({
        ...{ state: { deployment: {} }, plain },
        outputs: () => Promise.reject(new Error("no secret is needed")),
        open: () => Promise.reject(new Error("no secret is needed")),
      }),
    askAgent: () => Promise.reject(new Error("not asked")),
    servers: { health: (one: unknown) => (names.push(one), asked()) } as never,
    looks: { collect: () => Promise.resolve(collected), assess } as never,
    terminal: { print: (text) => printed.push(text), progress: (line) => printed.push(line) },
  };
  const code = await main(["health", "--stack", "dev", ...words], connections);
  return { code, printed: printed.join("\n"), names };
}

describe("laterbase health", () => {
  it("prints what the monitor says, the verdict first, and ends by it", async () => {
    const { code, printed, names } = await run([]);
    expect([code, names]).toEqual([3, [{ name: "laterbase-dev-health" }]]);
    expect(printed).toBe(
      [
        "DEGRADED: Everything that could be looked at works, but not as it should: standby.",
        "",
        "Stack dev, 2026-11-29 12:30:00 UTC. The newest backup or dump is 6 h old.",
        "",
        "DEGRADED  standby: It is 2 min behind.",
        "          next: npm run laterbase -- logs standby",
        "",
        "WHAT     STATUS    SINCE",
        "primary  good                               It answers\\x1b.",
        "standby  degraded  2026-11-29 12:00:00 UTC  It is 2 min behind.",
      ].join("\n"),
    );
  });

  it("prints the monitor's own JSON", async () => {
    const { code, printed } = await run(["--json"]);
    expect(code).toBe(3);
    expect(JSON.parse(printed)).toEqual(report);
  });

  it.each([
    ["healthy", 0],
    ["degraded", 3],
    ["unhealthy", 1],
  ] as const)("ends by the verdict %s with %i", async (status, expected) => {
    const { code } = await run([], { asked: () => Promise.resolve({ ...report, status }) });
    expect(code).toBe(expected);
  });

  it("says why the monitor does not answer, and ends with 1", async () => {
    const asked = () => Promise.reject(new CliError("The monitor x is not running."));
    const { code, printed } = await run([], { asked });
    expect([code, printed]).toEqual([1, expect.stringContaining("The monitor x is not running.")]);
  });

  it("without a monitor makes the look of status itself", async () => {
    const { code, printed, names } = await run(["--json"], { plain: { primary } });
    expect([code, names]).toEqual([3, []]);
    const { status, timestamp, last_backup_age_hours, messages } = JSON.parse(
      printed,
    ) as HealthReport;
    expect({ status, timestamp, last_backup_age_hours, messages }).toEqual({
      ...{
        status: "degraded",
        timestamp: "2026-11-29T12:30:00Z",
        last_backup_age_hours: "unknown",
      },
      messages: [expect.stringMatching(/^standby: /)],
    });
  });
});

describe("status beside a monitor", () => {
  const checked = (more: Partial<Collected>, plain: object = { primary, health }) =>
    assess("dev", plain, { ...collected, ...more });
  const standby = (more: Partial<Collected>, plain?: object) =>
    checked(more, plain).checks.find(({ name }) => name === "standby");

  it("says what the monitor says, and not what another look would", () => {
    const good: Check = { name: "standby", status: "good", sentence: "It streams." };
    expect(standby({ monitor: { ...report, checks: [good] } })).toEqual(good);
    expect(standby({ monitor: { ...report, checks: [lag] } })).toEqual(lag);
  });

  it("says what is wrong with a container at once", () => {
    const dead = { ...runs("standby"), found: { kind: "missing" as const } };
    const good: Check = { name: "standby", status: "good", sentence: "It streams." };
    const looks = [runs("primary"), dead];
    expect(standby({ looks, monitor: { ...report, checks: [good] } })?.status).toBe("failed");
  });

  it("looks itself where the monitor does not answer, by the stack's own thresholds, and says so", () => {
    const unknown = { unknown: "The monitor does not answer." };
    expect(standby({ monitor: unknown })?.status).toBe("degraded");
    const patient = {
      primary,
      health: { ...health, thresholds: { ...defaultThresholds, lagSeconds: 600 } },
    };
    expect(standby({ monitor: unknown }, patient)?.status).toBe("good");
    const looks = [runs("primary"), runs("standby"), runs("health")];
    expect(
      checked({ looks, monitor: unknown }).checks.find(({ name }) => name === "health"),
    ).toEqual({
      ...{ name: "health", status: "unknown", sentence: "The monitor does not answer." },
      command: "npm run laterbase -- logs health",
    });
  });

  it("looks itself where the monitor has not looked: its report without checks is no answer", () => {
    const sentence = "The monitor has not looked since 2026-11-29T12:00:00Z.";
    const found = checked({ monitor: { ...report, status: "unhealthy", sentence, checks: [] } });
    expect(found.checks.map(({ name, status }) => [name, status])).toEqual(
      expect.arrayContaining([
        ["standby", "degraded"],
        ["health", "unknown"],
      ]),
    );
    expect(found.verdict).toBe("degraded");
  });
});

it("the age is that of the newest backup or dump, in whole hours", () => {
  const agent = {
    ...{ at: "2026-11-29T12:30:00Z", timeZone: "Etc/UTC", jobs: [], running: [], disks: [] },
    repositories: [
      { repository: 1, lastBackup: { label: "f", type: "full", at: "2026-11-29T02:10:00Z" } },
    ],
    dumps: { count: 1, newest: [{ takenAt: "2026-11-29T06:00:00Z" }] },
  };
  const at = "2026-11-29T12:30:00.123Z";
  const judged = { verdict: "healthy" as const, sentence: "Everything works." };
  const age = (facts: object) => reportOf({ at, facts, checks: [], judged }).last_backup_age_hours;
  expect(age({ agent })).toBe("6");
  expect(age({ agent: { ...agent, dumps: undefined } })).toBe("10");
  expect(age({ agent: { ...agent, dumps: undefined, repositories: [] } })).toBe("unknown");
  const ahead = { label: "f", type: "full", at: "2026-11-30T02:10:00Z" };
  const repositories = [{ repository: 1, lastBackup: ahead }];
  expect(age({ agent: { ...agent, repositories } })).toBe("6");
  expect(age({ agent: { unknown: "It is silent." } })).toBe("unknown");
  expect(age({})).toBe("unknown");
});
