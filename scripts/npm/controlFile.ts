import { controlled } from "../../contract/pgControl";

/** images/postgres/lib/control.sh: which settings a standby takes from its primary. */
export function controlFile(): string {
  const least = controlled("least");
  const names = (values: readonly (string | undefined)[]) => values.join("\n  ");
  return `# shellcheck shell=bash disable=SC2034 # upstream.sh and follow.sh use it
# \`npm run schema\` writes this file from contract/pgControl.ts: the settings that must not be lower on a
# standby than on its primary, and the line of each in pg_controldata.
MINIMUM_SETTINGS=(
  ${names(least.map(({ name }) => name))}
)
CONTROL_LINES=(
  ${names(least.map(({ line }) => `'${line}'`))}
)
`;
}
