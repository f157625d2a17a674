import { rotationTargets, type Rotations } from "../../contract/rotations";
import { type OwnersConfig, ownersOf } from "../primary/owners";

/** The keys that say which secrets there are. */
interface RotatedConfig extends OwnersConfig {
  /** `laterbase:rotations`. Default: nothing was replaced. */
  rotations?: Rotations | undefined;
}

/** The rules of rotations: one sentence for each that is broken, without its full stop. */
export function rotationsRules({ rotations = {}, ...config }: RotatedConfig): string[] {
  const targets: readonly string[] = rotationTargets;
  const names = [...new Set([...ownersOf(config).map(({ role }) => role), ...targets])];
  return [
    ...Object.keys(rotations)
      .filter((name) => !names.includes(name))
      .map(
        (name) =>
          `laterbase:rotations.${name} is for no application of the stack and for no other secret: take it out, or ` +
          `name one of ${names.join(", ")}`,
      ),
    ...Object.keys(config.applications ?? {})
      .filter((name) => targets.includes(name))
      .map(
        (name) =>
          `laterbase:applications.${name} has the name of another secret, which \`npm run laterbase -- rotate ${name}\` ` +
          "replaces: give the application another name",
      ),
  ];
}
