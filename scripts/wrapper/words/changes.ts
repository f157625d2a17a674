import type { Operation, ResourceState, StepEvent } from "../events";

/** What happens to a resource, all of its steps together. */
export type Fate = "made" | "changed" | "remade" | "removed" | "kept";

/** One resource with what happens to it. */
export interface Change {
  fate: Fate;
  urn: string;
  /** The type's last word, such as `Container` or `Standby`. */
  kind: string;
  type: string;
  name: string;
  /** The parent's name, and the last word of its type. Empty for the stack itself. */
  parent: { name: string; kind: string };
  /** The inputs that differ, without what follows from others: a value that only `up` will know. */
  differing: string[];
  old?: ResourceState;
  new?: ResourceState;
}

const fates: Partial<Record<Operation, Fate>> = {
  create: "made",
  import: "made",
  update: "changed",
  replace: "remade",
  "create-replacement": "remade",
  "delete-replaced": "remade",
  "import-replacement": "remade",
  "read-replacement": "remade",
  delete: "removed",
  discard: "removed",
  "discard-replaced": "removed",
  same: "kept",
};

/** The steps of a replacement are three events: together they are one change. */
export function changesOf(steps: readonly StepEvent[]): Change[] {
  const changes = new Map<string, Change>();
  for (const step of steps) {
    const fate = fates[step.op];
    if (!fate) continue;
    const before = changes.get(step.urn);
    const old = step.old ?? before?.old;
    const next = step.new ?? before?.new;
    changes.set(step.urn, {
      fate: before && before.fate !== "kept" && before.fate !== fate ? "remade" : fate,
      urn: step.urn,
      type: step.type,
      kind: lastWord(step.type),
      name: step.name,
      parent: parentOf((step.new ?? step.old)?.parent ?? ""),
      differing: [...new Set([...(before?.differing ?? []), ...differing(step)])],
      ...(old ? { old } : {}),
      ...(next ? { new: next } : {}),
    });
  }
  return [...changes.values()];
}

/** `docker:index/container:Container` is a `Container`. */
function lastWord(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

function parentOf(urn: string): Change["parent"] {
  const [, , types = "", ...name] = urn.split("::");
  return { name: name.join("::"), kind: lastWord(types.slice(types.lastIndexOf("$") + 1)) };
}

/** A path such as `ports[0].external` counts as its first word. */
function differing({ diffs, keys, detailedDiff }: StepEvent): string[] {
  const paths = [...diffs, ...keys, ...Object.keys(detailedDiff)];
  return paths.map((path) => path.split(/[.[]/)[0] ?? path);
}
