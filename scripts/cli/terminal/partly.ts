import type { RepositoryResult } from "../../../contract/backupRecord";
import type { JobRecord } from "../../../contract/jobRecord";
import { CliError } from "./cliError";

/**
 * Ends a command whose job failed: with 1 when it failed everywhere, with 3 when some repositories are good. The
 * results are printed already.
 */
export function failUnlessGood(record: JobRecord, results: readonly RepositoryResult[]): void {
  if (record.result === "success") return;
  const good = results.filter(({ result }) => result === "success");
  throw new CliError(record.detail, good.length > 0 ? 3 : 1);
}
