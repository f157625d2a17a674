import { Argument } from "commander";
import type { BackupRequest } from "../../../contract/agentRequests";
import type { BackupResult } from "../../../contract/backupRecord";
import type { JobRecord } from "../../../contract/jobRecord";
import { type BackupType, backupTypes } from "../../../contract/pgBackRest";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { seconds, size } from "../terminal/format";
import { failUnlessGood } from "../terminal/partly";
import { repositoryOption } from "../terminal/repositoryOption";
import { table } from "../terminal/table";

export const backup: OperatorCommand = {
  name: "backup",
  description: "back up the whole server now, into each repository",
  example: "backup full --repo 1",
  documented: "docs/backups.md#by-hand",
  arguments: [
    new Argument("[type]", "what it stands on: nothing, the last full, or the last backup")
      .choices(backupTypes)
      .default("incr"),
  ],
  options: [repositoryOption()],
  exits: {
    1: "no repository has a new backup, or backups are gone from each: the sentence on standard error says why",
    3: "some repositories have a new backup and all older ones, and others do not",
  },
  run: backUp,
};

/** A backup under way comes first. An interruption does not end the backup. */
async function backUp(
  session: Session,
  type: BackupType,
  { repo }: { repo?: number },
): Promise<void> {
  const request: BackupRequest = { type, trigger: "operator", record: true };
  const record = await session.askBackups<JobRecord>("backup", { ...request, repo });
  const results = record.backups ?? [];
  if (results.length > 0) session.show(record, () => summary(session, results));
  failUnlessGood(record, results);
}

function summary(session: Session, results: readonly BackupResult[]): string {
  const rows = results.map(({ repository, backup: made, seconds: taken }) => [
    ...[String(repository), made?.label ?? "FAILED", made?.type ?? "", made?.source ?? ""],
    ...[made ? size(made.bytes) : "", made ? size(made.repositoryBytes) : "", seconds(taken)],
  ]);
  const head = ["REPOSITORY", "LABEL", "TYPE", "SOURCE", "DATABASE", "ADDED", "TIME"];
  return [
    table([head, ...rows]),
    ...results.map(({ repository, detail }) => `Repository ${repository}: ${detail}`),
    `All of them: ${session.command("list-backups")}`,
  ].join("\n");
}
