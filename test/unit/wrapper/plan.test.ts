import type { EngineEvent, Operation, StepEvent } from "../../../scripts/wrapper/events";
import { Plan } from "../../../scripts/wrapper/plan";

const state = (outputs: Record<string, unknown> = {}) => ({
  ...{ id: "", parent: "", custom: true, provider: "", protect: false, retainOnDelete: false },
  inputs: {},
  outputs,
});
const step = (op: Operation, name: string, more: Partial<StepEvent> = {}): StepEvent => ({
  ...{ op, urn: `urn::${name}`, type: "t", name, keys: [], diffs: [], detailedDiff: {} },
  new: state(),
  ...more,
});
const both = (one: StepEvent): EngineEvent[] => [
  { kind: "step", phase: "begin", step: one },
  { kind: "step", phase: "end", step: one },
];
const stackStep = (before: Record<string, unknown>, after: Record<string, unknown>) =>
  step("same", "laterbase-dev", {
    type: "pulumi:pulumi:Stack",
    old: state(before),
    new: state(after),
  });
const plan = (...steps: StepEvent[]) => {
  const made = new Plan();
  for (const event of steps.flatMap(both)) made.take(event);
  return made;
};

it("is empty when neither a resource nor an output changes", () => {
  const same = plan(step("same", "a"), step("refresh", "a"), stackStep({ x: 1 }, { x: 1 }));
  expect([same.isEmpty, same.changes]).toEqual([true, []]);
  expect(plan(step("same", "a"), stackStep({ x: 1 }, { x: 2 })).isEmpty).toBe(false);
  expect(plan(step("update", "a"), stackStep({}, {})).isEmpty).toBe(false);
});

it("knows what is there afterwards", () => {
  const after = plan(
    step("same", "kept"),
    step("delete-replaced", "moved"),
    step("replace", "moved"),
    step("create-replacement", "moved"),
    step("create", "fresh"),
    step("same", "gone"),
    step("delete", "gone"),
    step("create-replacement", "twice"),
    step("delete-replaced", "twice"),
  );
  expect(after.resources.map(({ op, name }) => `${op} ${name}`)).toEqual([
    "same kept",
    "create-replacement moved",
    "create fresh",
    "create-replacement twice",
  ]);
});

it("knows what of it is there before", () => {
  const made = plan(step("same", "kept"), step("create", "fresh"), step("update", "changed"));
  expect(made.before.resources.map(({ name }) => name)).toEqual(["kept", "changed"]);
});

it("takes what came of a step", () => {
  const made = new Plan();
  made.take({ kind: "step", phase: "begin", step: step("create", "a") });
  const done = step("create", "a", { new: state({ id: "c0ffee" }) });
  made.take({ kind: "step", phase: "end", step: done });
  expect(made.steps).toEqual([done]);
});

it("begins encryption with the first repository that is encrypted", () => {
  const backups = (...encrypted: boolean[]) => ({
    backups: { repositories: encrypted.map((one) => ({ encrypted: one })) },
  });
  const begins = (before: object, after: object) =>
    plan(stackStep(before as never, after as never)).beginsEncryption;
  expect(begins({}, backups(false, true))).toBe(true);
  expect(begins(backups(false), backups(true))).toBe(true);
  expect(begins({}, backups(false))).toBe(false);
  expect(begins(backups(true), backups(true))).toBe(false);
  expect(begins({}, { backups: {} })).toBe(false);
});
