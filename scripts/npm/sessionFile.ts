import { sessionShell } from "../../contract/sessionSettings";

/** images/postgres/lib/session.sh: what the image's own sessions state in their start packet. */
export function sessionFile(): string {
  const purpose = {
    superuser: true,
    // To rebuild an index may mean to read a view.
    with: { restrict_nonsystem_relation_kind: undefined },
  };
  return `# shellcheck shell=bash disable=SC2034 # common.sh and others use it
# \`npm run schema\` writes this file from contract/sessionSettings.ts. PGOPTIONS=$SESSION stands before every
# psql of the image, and is never exported: the server and the owner's scripts must not get it.
${sessionShell("SESSION", purpose)}`;
}
