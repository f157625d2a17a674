import type { ExportedState } from "../cli/stack/exportedState";
import { keptOf, partsOf } from "../cli/stack/parts";

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
  const flag = stack === "dev" ? "" : ` --stack ${stack}`;
  return partsOf({}, state)
    .filter((part) => keptOf(part, state, {}).some(({ urn }) => said.includes(urn)))
    .map(
      ({ name, kind }) =>
        `The stack file has no ${kind === "standby" ? `standby "${name}"` : name} any more, and its data are protected. ` +
        `'npm run laterbase -- forget ${name}${flag}' takes it out and keeps its data. ` +
        (kind === "standby"
          ? "A standby with another name is another standby, with a clone of its own."
          : "Otherwise put it back into the file."),
    );
}
