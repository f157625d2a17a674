import type { Check, CheckStatus } from "../../../../contract/health/check";
import { Settled } from "../../../../scripts/agent/health/settle";

const check = (name: string, status: CheckStatus, more: Partial<Check> = {}): Check => ({
  ...{ name, status, sentence: `${name} is ${status}.` },
  ...more,
});
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

it("names the first failure, though the check knows only the last one", () => {
  const settled = new Settled(() => undefined);
  const look = (since: string) =>
    shown(settled.settle([check("archiving", "failed", { since })], "2026-11-29T12:00:00Z"));
  expect(look("2026-11-29T11:59:00Z")).toEqual(["archiving failed 2026-11-29T11:59:00Z"]);
  expect(look("2026-11-29T12:10:00Z")).toEqual(["archiving failed 2026-11-29T11:59:00Z"]);
});

it("makes one check of two with one name: the worse", () => {
  const settled = new Settled(() => undefined);
  const both = [check("a", "degraded"), check("a", "failed"), check("a", "good")];
  expect(shown(settled.settle(both, "10:00"))).toEqual(["a failed 10:00"]);
});
