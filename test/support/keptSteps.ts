import type { ResourceState, StepEvent } from "../../scripts/wrapper/events";

/** The inputs that the words may read of any resource. */
const always = ["name", "ports", "config", "environment"];

/** The steps that change something, and the stack's own, without what the words do not read. */
export function keptSteps(steps: readonly StepEvent[]): StepEvent[] {
  return steps
    .filter(({ op, type }) => op !== "same" || type === "laterbase:index:Laterbase")
    .map((step) => {
      const { old, new: now, ...rest } = step;
      const keep = (state: ResourceState | undefined) => state && stateOf(state, step);
      return { ...rest, ...(old ? { old: keep(old)! } : {}), ...(now ? { new: keep(now)! } : {}) };
    });
}

function stateOf(state: ResourceState, { diffs, keys }: StepEvent): ResourceState {
  const read = new Set([...always, ...diffs, ...keys]);
  const inputs = Object.entries(state.inputs).filter(([key]) => read.has(key));
  return { ...state, inputs: Object.fromEntries(inputs), outputs: {} };
}
