import { and } from "./containers";
import type { Located } from "./located";

/**
 * What happens to the roles that own databases.
 *
 * @param follows whether the steps run for another reason, which the words say: each role is only looked at again
 */
export function applicationEffects(changes: readonly Located[], follows: boolean): string[] {
  const steps = changes.filter(
    ({ kind, place }) => kind === "Command" && place.part === "applications",
  );
  const roles = (...fates: Located["fate"][]) =>
    steps.filter(({ fate }) => fates.includes(fate)).map(({ place }) => place.step ?? "");
  const made = roles("made");
  const again = follows ? [] : roles("changed", "remade");
  const gone = roles("removed");
  const each = ({ length }: string[], one: string, more: string) => (length === 1 ? one : more);
  return [
    ...(made.length > 0
      ? [
          `${each(made, "role", "roles")} ${and(made)} made, which ${each(made, "owns a database", "own a database each")}`,
          "not everybody may connect there any more, roles of others that can connect now still may",
        ]
      : []),
    ...(again.length > 0
      ? [`${each(again, "role", "roles")} ${and(again)} set again, nothing restarts`]
      : []),
    ...(gone.length > 0
      ? [
          `${each(gone, "role", "roles")} ${and(gone)} may not log in any more, nothing of ${each(gone, "it", "them")} is dropped`,
        ]
      : []),
  ];
}
