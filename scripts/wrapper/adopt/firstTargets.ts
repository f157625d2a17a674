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
  const engines = steps.filter(({ type }) => type === engineType).map(({ name }) => name);
  const needed = new Set([
    ...engines.flatMap((name) => [`${name}-network`, `${name}-image`]),
    ...(managed ? ofPrimary : []),
  ]);
  return targets(
    steps,
    ({ type, name }) =>
      isSecret({ type }) || kindOf(type) === "volume" || type === engineType || needed.has(name),
  );
}

/**
 * The URNs of the looks. They look before anything is removed. Pulumi makes the providers in every run, so it wants
 * their parents too.
 */
export const lookTargets = (steps: readonly PlannedResource[]): string[] =>
  targets(
    steps,
    ({ name, type }) => type === engineType || (name === "looks" && type.startsWith("command:")),
  );

/** The URNs of every generated secret. Nothing on an engine is made with them. */
export const secretTargets = (steps: readonly PlannedResource[]): string[] =>
  targets(steps, isSecret);

const isSecret = ({ type }: Pick<PlannedResource, "type">) => type.startsWith("random:");

/** The resources that are made, each with its parents. */
function targets(
  steps: readonly PlannedResource[],
  isWanted: (step: PlannedResource) => boolean,
): string[] {
  const planned = new Map(steps.map((step) => [step.urn, step]));
  const all = new Set<string>();
  for (const step of steps.filter((one) => one.op === "create" && isWanted(one))) {
    for (let one: PlannedResource | undefined = step; one && !all.has(one.urn);) {
      all.add(one.urn);
      one = planned.get(one.new?.parent ?? "");
    }
  }
  return [...all];
}
