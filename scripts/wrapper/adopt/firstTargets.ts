import { engineType, kindOf } from "../engines/recorded";

/** What this reads of a step of a preview. */
export interface PlannedResource {
  op: string;
  type: string;
  urn: string;
  name: string;
  /** `parent` is a URN, empty for the stack itself. */
  new?: { parent: string };
}

/** A managed primary, with what it waits for. */
const ofPrimary = [
  ...["pgbackrest-before-primary", "primary-settings-check"],
  ...["primary-container", "primary-ready"],
];

/**
 * The URNs of what the first part of an adoption makes: every generated secret, the volumes, and a managed
 * primary that answers. Pulumi wants each of them with all that it depends on, and its parents.
 */
export function firstTargets(steps: readonly PlannedResource[], managed: boolean): string[] {
  const planned = new Map(steps.map((step) => [step.urn, step]));
  const engines = steps.filter(({ type }) => type === engineType).map(({ name }) => name);
  const needed = new Set([
    ...engines.flatMap((name) => [`${name}-network`, `${name}-image`]),
    ...(managed ? ofPrimary : []),
  ]);
  const isFirst = ({ type, name }: PlannedResource) =>
    type.startsWith("random:") ||
    kindOf(type) === "volume" ||
    type === engineType ||
    needed.has(name);
  const first = steps.filter((step) => step.op === "create" && isFirst(step));
  const all = new Set<string>();
  for (const step of first) {
    for (let one: PlannedResource | undefined = step; one && !all.has(one.urn);) {
      all.add(one.urn);
      one = planned.get(one.new?.parent ?? "");
    }
  }
  return [...all];
}
