import type { ArchiveSettings } from "../../contract/pgBackRestStep";
import { seconds } from "../schema/primitives";
import type { Repository } from "./repositories";
import type { BackupsConfig } from "./schema";

/**
 * PostgreSQL's archive settings. Without a repository PostgreSQL takes every segment for archived at once, so that
 * it keeps none.
 */
export function archiveSettings(
  backups: BackupsConfig | undefined,
  repositories: readonly Repository[],
): ArchiveSettings {
  if (!backups || repositories.length === 0) {
    return { archive_command: "/bin/true", archive_timeout: "0" };
  }
  return {
    archive_command: `pgbackrest --stanza=${backups.stanza} archive-push %p`,
    archive_timeout: String(seconds(backups.archiveTimeout)),
  };
}
