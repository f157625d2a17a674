import { readFileSync } from "node:fs";
import { join } from "node:path";
import { boundOf, documentedFault, documentedFaults } from "../../support/documentedFaults";

const trials = ["repairs", "agentRepairs"].map((name) =>
  readFileSync(join(__dirname, `../../trials/health/${name}.test.ts`), "utf8"),
);
const tried = trials.flatMap((text) =>
  [...text.matchAll(/\bfault: "([^"]+)"/g)].map(([, fault]) => fault!),
);

it("the page of checks states a bound for each fault that a trial makes, and no other", () => {
  const documented = documentedFaults().map(({ fault }) => fault);
  expect(documented).toHaveLength(24);
  expect([...new Set(tried)].sort()).toEqual([...documented].sort());
});

it("bounds are seconds, with thresholds of the stack added to them", () => {
  expect(boundOf(documentedFault("a standby is killed"))).toBe(30);
  const stale = documentedFault("a dump is stale");
  expect(boundOf(stale, { interval: 60, jobGrace: 60 })).toBe(135);
  expect(boundOf(stale, { interval: 3600 })).toBe(7215);
  expect(() => boundOf(stale)).toThrow('docs/health-checks.md: what is "`interval`"?');
  expect(documentedFault("a slot is dropped").check.test("slot laterbase_standby_slot")).toBe(true);
  expect(documentedFault("the primary is down").check.test("primary")).toBe(true);
  expect(() => documentedFault("a comet")).toThrow("has no row for this fault: a comet");
});
