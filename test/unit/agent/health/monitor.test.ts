import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adviceOf } from "../../../../contract/health/advice";
import { defaultThresholds } from "../../../../contract/health/check";
import type { StackFacts } from "../../../../contract/health/facts";
import type { Listener } from "../../../../scripts/agent/health/kit/snapshot";
import { Monitor } from "../../../../scripts/agent/health/monitor";
import { Settled } from "../../../../scripts/agent/health/settle";
import { Sign } from "../../../../scripts/agent/health/sign";

const facts = (second: number): StackFacts => ({
  at: `2026-11-29T12:00:0${second}.000Z`,
  ...{ primary: { unknown: "It is away." }, standbys: {}, slots: {} },
});
let logged: string[] = [];
let now = 0;
const monitorOf = (listeners: Listener[], collect: () => Promise<StackFacts>) =>
  new Monitor({
    ...{ collect, listeners, thresholds: defaultThresholds },
    advice: adviceOf({ stack: "dev", prefix: "p", near: [] }),
    settled: new Settled(() => undefined),
    log: (sentence) => logged.push(sentence),
    clock: () => now,
  });
const counting = () => {
  let look = 0;
  return () => Promise.resolve(facts(++look));
};
const turns = () => new Promise((resolve) => setImmediate(resolve));
beforeEach(() => {
  logged = [];
  now = 0;
});

it("has nothing to say before the first look, and then what was seen", async () => {
  const monitor = monitorOf([], counting());
  expect(monitor.now).toBeUndefined();
  const seen = await monitor.look();
  expect(monitor.now).toBe(seen);
  expect(seen).toMatchObject({
    at: "2026-11-29T12:00:01.000Z",
    judged: { verdict: "degraded" },
    checks: [
      {
        ...{ name: "primary", status: "unknown", sentence: "It is away." },
        ...{ since: "2026-11-29T12:00:01.000Z", command: "npm run laterbase -- logs primary" },
      },
    ],
  });
});

it("never calls a fault good that it cannot see: the primary is down and its archiving failed", async () => {
  const { checks } = await new Monitor({
    ...{ collect: counting(), listeners: [], thresholds: defaultThresholds },
    advice: adviceOf({ stack: "dev", prefix: "p", near: [] }),
    settled: new Settled(
      () => undefined,
      [{ name: "archiving", status: "failed", sentence: "It failed." }],
      // A minute at each question.
      (() => {
        let minute = 0;
        return () => 60_000 * minute++;
      })(),
    ),
    log: () => undefined,
  }).look();
  expect(checks.map(({ name, status, sentence }) => [name, status, sentence])).toEqual([
    ["primary", "unknown", "It is away."],
    [
      ...["archiving", "unknown"],
      "It could not be looked at: the primary gives no answer. Before, it was failed: It failed.",
    ],
  ]);
});

it("tells each listener by itself: one that throws or hangs harms no other, and misses no change", async () => {
  const told: string[] = [];
  let go: () => void = () => undefined;
  const slow: Listener = (now, before) => {
    told.push(`slow ${before?.at.slice(18, 19) ?? "-"} ${now.at.slice(18, 19)}`);
    return new Promise<void>((resolve) => (go = resolve));
  };
  const broken: Listener = () => {
    throw new Error("it broke");
  };
  const late: Listener = () => Promise.reject(new Error("it broke later"));
  const quick: Listener = (now, before) =>
    void told.push(`quick ${before?.at.slice(18, 19) ?? "-"} ${now.at.slice(18, 19)}`);
  const monitor = monitorOf([slow, broken, late, quick], counting());
  for (let look = 0; look < 3; look++) {
    await monitor.look();
    await turns();
  }
  go();
  await turns();
  expect(told).toEqual(["slow - 1", "quick - 1", "quick 1 2", "quick 2 3", "slow 1 3"]);
  expect(logged).toHaveLength(6);
  expect(new Set(logged)).toEqual(
    new Set(["a listener failed: it broke", "a listener failed: it broke later"]),
  );
  go();
});

it("goes on after a look that failed, and ends at once when it is told to", async () => {
  jest.useFakeTimers();
  try {
    const ended = new AbortController();
    let looks = 0;
    const monitor = monitorOf([], () => {
      looks++;
      return looks === 1 ? Promise.reject(new Error("a bug")) : Promise.resolve(facts(1));
    });
    const running = monitor.run(ended.signal);
    await jest.advanceTimersByTimeAsync(9000);
    expect([looks, logged[0]?.split("\n")[0]]).toEqual([1, "Error: a bug"]);
    await jest.advanceTimersByTimeAsync(1000);
    expect(looks).toBe(2);
    ended.abort();
    await running;
    expect(monitor.now?.at).toBe("2026-11-29T12:00:01.000Z");
  } finally {
    jest.useRealTimers();
  }
});

it("lives as long as it looks", async () => {
  const monitor = monitorOf([], counting());
  await monitor.look();
  now = 59_000;
  expect([monitor.lives, monitor.lookedAgo]).toEqual([true, 59]);
  now = 61_000;
  expect(monitor.lives).toBe(false);
});

it("gives the image's health check a sign that people can read", () => {
  const run = join(mkdtempSync(join(tmpdir(), "sign-")), "run");
  const sign = new Sign(run);
  const status = () =>
    JSON.parse(readFileSync(join(run, "status"), "utf8")) as { state: string; since: string };
  sign.set("starting", "");
  expect(readFileSync(join(run, "status"), "utf8")).toMatch(/^\{"state":"starting","detail":""/);
  sign.set("running", "ev\x1bil");
  const { since } = status();
  sign.set("running", "more");
  expect(status()).toEqual({ state: "running", detail: "more", since });
  expect(readFileSync(join(run, "alive"), "utf8")).toBe("");
});
