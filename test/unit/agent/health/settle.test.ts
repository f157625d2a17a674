import type { Check, CheckStatus } from "../../../../contract/health/check";
import { Settled, type Sight } from "../../../../scripts/agent/health/settle";

const check = (name: string, status: CheckStatus, more: Partial<Check> = {}): Check => ({
  ...{ name, status, sentence: `${name} is ${status}.` },
  ...more,
});
const sight = (unseen: Sight["unseen"]): Sight => ({ unseen, early: () => false });
const shown = (checks: readonly Check[]) =>
  checks.map(({ name, status, since }) => `${name} ${status} ${since}`);

it("counts what gets worse at once, and what gets better after two looks", () => {
  const settled = new Settled(() => undefined);
  const look = (at: string, ...checks: Check[]) => shown(settled.settle(checks, at));
  expect(look("10:00", check("a", "good"))).toEqual(["a good 10:00"]);
  expect(look("10:01", check("a", "failed"))).toEqual(["a failed 10:01"]);
  expect(look("10:02", check("a", "good"))).toEqual(["a failed 10:01"]);
  expect(look("10:03", check("a", "failed"))).toEqual(["a failed 10:01"]);
  expect(look("10:04", check("a", "degraded"))).toEqual(["a failed 10:01"]);
  expect(look("10:05", check("a", "good"))).toEqual(["a good 10:05"]);
});

it("keeps a fault that is not seen any more for one look", () => {
  const settled = new Settled(() => undefined);
  const look = (at: string, ...checks: Check[]) => shown(settled.settle(checks, at));
  look("10:00", check("a", "good"), check("connections", "degraded"));
  expect(look("10:01", check("a", "good"))).toEqual(["a good 10:00", "connections degraded 10:00"]);
  expect(look("10:02", check("a", "good"))).toEqual(["a good 10:00"]);
});

it("takes a first result at once", () => {
  const settled = new Settled(() => undefined);
  settled.settle([check("dump", "pending")], "10:00");
  expect(shown(settled.settle([check("dump", "good")], "10:01"))).toEqual(["dump good 10:01"]);
});

it("begins with what the last run knew, and asks it only then", () => {
  const asked: string[] = [];
  const settled = new Settled((name, status) => {
    asked.push(`${name} ${status}`);
    return status === "failed" ? "2026-11-01T00:00:00Z" : undefined;
  });
  const now = "2026-11-29T00:00:00Z";
  expect(shown(settled.settle([check("a", "failed"), check("b", "good")], now))).toEqual([
    "a failed 2026-11-01T00:00:00Z",
    `b good ${now}`,
  ]);
  settled.settle([check("a", "failed"), check("b", "good")], "2026-11-29T00:00:10Z");
  expect(asked).toEqual(["a failed", "b good"]);
});

it("is so since the first look after a clock that was ahead", () => {
  const settled = new Settled(() => undefined);
  const look = (at: string) =>
    settled.settle(
      [check("a", "failed"), check("b", "failed", { since: "2027-01-01T09:00:00Z" })],
      at,
    );
  look("2027-01-01T10:00:00Z");
  const now = "2026-01-01T10:00:00Z";
  for (const at of [now, "2026-01-01T10:00:10Z"])
    expect(look(at).map(({ since }) => since)).toEqual([now, now]);
});

it("names the first failure, though the check knows only the last one", () => {
  const settled = new Settled(() => undefined);
  const look = (since: string) =>
    shown(settled.settle([check("archiving", "failed", { since })], "2026-11-29T12:00:00Z"));
  expect(look("2026-11-29T11:59:00Z")).toEqual(["archiving failed 2026-11-29T11:59:00Z"]);
  expect(look("2026-11-29T12:10:00Z")).toEqual(["archiving failed 2026-11-29T11:59:00Z"]);
});

it("calls a fault unknown while nobody can see it, and gives it back its since", () => {
  const settled = new Settled(() => undefined);
  let why: string | undefined;
  const look = (at: string, ...checks: Check[]) =>
    settled
      .settle(
        checks,
        at,
        sight((name) => (name === "agent" ? undefined : why)),
      )
      .map(({ name, status, since, sentence }) => `${name} ${status} ${since} ${sentence}`);
  const dump = check("dump", "failed", { value: 1, command: "laterbase dump" });
  look("10:00", check("agent", "good"), dump, check("drill", "good"), check("disk", "pending"));
  why = "the agent gives no answer";
  const dead = [
    "agent failed 10:01 agent is failed.",
    "dump unknown 10:01 It could not be looked at: the agent gives no answer. Before, it was failed: dump is failed.",
  ];
  // What was good is only missing.
  expect(look("10:01", check("agent", "failed"))).toEqual(dead);
  expect(look("10:02", check("agent", "failed"))).toEqual(dead);
  expect(
    settled.settle(
      [check("agent", "failed")],
      "10:03",
      sight(() => why),
    )[1],
  ).toEqual({
    ...{ name: "dump", status: "unknown", since: "10:01" },
    sentence: expect.any(String),
  });
  why = undefined;
  expect(look("10:04", check("agent", "failed"), dump)).toEqual([
    "agent failed 10:01 agent is failed.",
    "dump failed 10:00 dump is failed.",
  ]);
  // A part that the stack has no more takes its checks along.
  why = "the agent gives no answer";
  expect(look("10:05", check("agent", "failed"))).toEqual(
    dead.map((one) => one.replace("dump unknown 10:01", "dump unknown 10:05")),
  );
  why = undefined;
  look("10:06");
  expect(look("10:07")).toEqual([]);
});

it("begins with the faults of the last run, and keeps those that it cannot judge yet for a minute", () => {
  let now = 5000;
  const left = (name: string, status: CheckStatus) => check(name, status, { since: "09:00" });
  const settled = new Settled(
    () => undefined,
    [
      ...[left("text order", "degraded"), left("messages", "degraded"), left("slot", "failed")],
      ...[left("stalled", "failed"), left("removed", "failed")],
    ],
    () => now,
  );
  const unseen = (name: string) => (name === "text order" ? "no report" : undefined);
  const early = (name: string) => name === "messages" || name === "stalled";
  const look = (at: string, ...checks: Check[]) =>
    shown(settled.settle(checks, at, { unseen, early }));
  const kept = ["text order degraded 09:00", "messages degraded 09:00"];
  const seen = [check("slot", "failed"), check("stalled", "good")];
  const first = ["slot failed 09:00", "stalled failed 09:00"];
  expect(look("10:00", ...seen)).toEqual([...first, ...kept, "removed failed 09:00"]);
  now += 59_999;
  expect(look("10:01", ...seen)).toEqual([...first, ...kept]);
  now += 1;
  expect(look("10:02", ...seen)).toEqual([
    ...[...first, "text order unknown 10:02", "messages degraded 09:00"],
  ]);
  expect(look("10:03", check("stalled", "good"))).toEqual([
    ...["stalled good 10:03", "slot failed 09:00", "text order unknown 10:02"],
  ]);
  expect(look("10:04")).toEqual(["text order unknown 10:02"]);
});

it("keeps a fault of the last run no longer than another one, once a look has shown it", () => {
  const settled = new Settled(() => undefined, [check("slot", "failed", { since: "09:00" })]);
  const look = (at: string, ...checks: Check[]) => shown(settled.settle(checks, at));
  expect(look("10:00", check("slot", "good"))).toEqual(["slot failed 09:00"]);
  expect(look("10:01", check("slot", "good"))).toEqual(["slot good 10:01"]);
});

it("makes one check of two with one name: the worse", () => {
  const settled = new Settled(() => undefined);
  const both = [check("a", "degraded"), check("a", "failed"), check("a", "good")];
  expect(shown(settled.settle(both, "10:00"))).toEqual(["a failed 10:00"]);
});
