import { pgBackRestPaths } from "../../../contract/pgBackRest";
import type { Observation, OwnerRecord } from "./observation";

/**
 * How pgBackRest's configuration and PostgreSQL's archive settings differ from what was written. Without a
 * record of that the step has not run yet, unless the stack has a role that backs up.
 */
export function configurationDrift(
  { configuration, archive }: Observation,
  record: OwnerRecord | undefined,
): string | undefined {
  if (!configuration) return undefined;
  const { written, now } = configuration;
  if (!written) return record?.backups ? "the configuration of pgBackRest is gone" : undefined;
  for (const [name, digest] of Object.entries(written)) {
    if (now[name] === undefined) return `${name} of pgBackRest is gone, or cannot be read`;
    if (now[name] !== digest) return `${name} of pgBackRest was edited`;
  }
  const added = Object.keys(now).find((name) => name.endsWith(".conf") && !(name in written));
  if (added) return `${added} was added to the configuration of pgBackRest`;
  return settingDrift(archive);
}

/** Another file, or the command line, may overrule what the primary includes. */
function settingDrift(archive: Observation["archive"]): string | undefined {
  for (const name of ["archive_command", "archive_timeout"]) {
    const file = archive[name]?.file;
    if (file === pgBackRestPaths.archiveConf) continue;
    return `${name} comes from ${file ?? "elsewhere"}, not from the configuration`;
  }
  const library = archive["archive_library"];
  return library?.value || library?.file ? "archive_library overrules archive_command" : undefined;
}
