import { type ExportedState, resourcesOf } from "../cli/stack/exportedState";
import { keptOf, partsOf } from "../cli/stack/parts";
import { generationsNamed, isNamed } from "../cli/stack/rotations";

/**
 * A sentence for each part that the stack file no longer has, and whose data the state protects. Pulumi ends with an
 * error then, which names the resource. Empty where the errors name none.
 */
export function protectedParts(
  errors: readonly string[],
  state: ExportedState,
  stack: string,
): string[] {
  const said = errors.join("\n");
  const generations = generationsNamed(said, state);
  const isGeneration = (urn: string) => generations.some((one) => one.urn === urn);
  const flag = stack === "dev" ? "" : ` --stack ${stack}`;
  const named = partsOf({}, state).filter((part) =>
    keptOf(part, state, {}).some(({ urn }) => isNamed(said, urn) && !isGeneration(urn)),
  );
  if (named.length === 0) {
    return generations.map(
      ({ target, rotation }) =>
        `The state has the ${target} secret number ${rotation}, which laterbase:rotations.${target} no longer asks for. ` +
        `An older secret would become valid again: set it to ${rotation} or ${rotation + 1}.`,
    );
  }
  return named.map(
    ({ name, kind }) =>
      `The stack file has no ${kind === "standby" ? `standby "${name}"` : name} any more, and its data are protected. ` +
      `'npm run laterbase -- forget ${name}${flag}' takes it out and keeps its data. ` +
      (kind === "standby"
        ? "A standby with another name is another standby, with a clone of its own."
        : "Otherwise put it back into the file."),
  );
}

/**
 * What a destroy says that would delete what the state protects. Pulumi names a resource then, and how to take its
 * protection away. Empty where the errors name none.
 */
export function protectedFromDestroy(
  errors: readonly string[],
  state: ExportedState,
  stack: string,
): string[] {
  const said = errors.join("\n");
  if (!resourcesOf(state).some(({ urn, protect }) => protect && isNamed(said, urn))) return [];
  const own = stack === "dev" ? "" : ` --stack ${stack}`;
  return [
    `The data of stack ${stack} and their secrets are protected, so Pulumi does not delete them. ` +
      `'npm run destroy${own && ` --${own}`}' takes the stack down and keeps them; ` +
      `'npm run destroy -- --data${own}' deletes them too, after asking.`,
  ];
}
