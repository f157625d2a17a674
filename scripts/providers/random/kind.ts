import { changedKeys, decide } from "../protocol/compare";
import type { Failure, Props, ResourceKind } from "../protocol/provider";
import { formFailures, type Form } from "../protocol/forms";
import { UNKNOWN } from "../protocol/values";
import { keepersReplace, plainKeepers } from "./keepers";

interface Parts {
  forms: Record<string, Form>;
  required: string;
  /** The inputs with their defaults, as the state will hold them. */
  plan(inputs: Props): Props;
  failures(inputs: Props): Failure[];
  /** Draws the value of the resource. */
  draw(planned: Props): { id: string } & Props;
  drawn: readonly string[];
  secretOutputs?: readonly string[];
  /** Inputs whose change keeps the value. Any other change draws a new one. */
  keeps?(key: string, old: unknown, now: unknown): boolean;
}

/** The lifecycle of a random value: drawn once, kept in state, drawn again when an input changes. */
export function randomKind(parts: Parts): ResourceKind {
  const { forms, required, drawn, secretOutputs } = parts;
  const names = Object.keys(forms);
  const plan = (inputs: Props) => {
    const keepers = plainKeepers(inputs.keepers);
    return parts.plan({ ...inputs, ...(keepers !== undefined && { keepers }) });
  };
  return {
    inputs: names,
    secretOutputs,

    check(news) {
      const failures = formFailures(news, forms);
      if (news[required] === undefined) {
        failures.push({ property: required, reason: "is required" });
      }
      return {
        inputs: news,
        failures: failures.length > 0 ? failures : parts.failures(plan(news)),
      };
    },

    // Compared with the state, not with the old inputs: an explicit default is not a change.
    diff(olds, news) {
      const planned = plan(news);
      const keeps = (key: string) =>
        key === "keepers"
          ? !keepersReplace(olds.state[key], planned[key])
          : parts.keeps?.(key, olds.state[key], planned[key]);
      return decide(changedKeys(olds.state, planned, names), (key) => !keeps(key));
    },

    preview(news, olds) {
      const values = Object.fromEntries(drawn.map((key) => [key, olds?.state[key] ?? UNKNOWN]));
      return { ...values, ...plan(news) };
    },

    create(_ctx, inputs) {
      const planned = plan(inputs);
      const { id, ...values } = parts.draw(planned);
      return Promise.resolve({ id, outputs: { ...planned, ...values, id } });
    },

    update(_ctx, _id, olds, news) {
      const kept = Object.entries(olds.state).filter(([key]) => !names.includes(key));
      return Promise.resolve({ ...Object.fromEntries(kept), ...plan(news) });
    },

    read(_ctx, id, state, inputs) {
      if (Object.keys(state).length > 0) return Promise.resolve({ id, inputs, outputs: state });
      return Promise.reject(
        new Error("Laterbase's embedded random provider does not implement import"),
      );
    },

    // It exists only in the state.
    delete: () => Promise.resolve(),
  };
}
