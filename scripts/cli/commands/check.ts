import type { RepositoriesRequest } from "../../../contract/agentRequests";
import type { JobRecord } from "../../../contract/jobRecord";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { failUnlessGood } from "../terminal/partly";
import { repositoryOption } from "../terminal/repositoryOption";

export const check: OperatorCommand = {
  name: "check",
  description: "look whether the newest WAL arrives in each repository, and whether any is missing",
  example: "check",
  documented: "docs/backups.md#check-and-verify",
  options: [repositoryOption()],
  exits: { 1: "no repository is good", 3: "some repositories are good, and others are not" },
  run: (session: Session, options: { repo?: number }) =>
    askRepositories(session, "check-backups", options),
};

/** Asks for a job that looks at repositories, and prints what it says of each. */
export async function askRepositories(
  session: Session,
  command: "check-backups" | "verify-backups",
  { repo }: { repo?: number },
): Promise<void> {
  const request: RepositoriesRequest = { trigger: "operator", record: true };
  const record = await session.askBackups<JobRecord>(command, { ...request, repo });
  const results = record.repositories ?? [];
  if (results.length > 0) {
    session.show(record, () =>
      results
        .map(({ repository, result, detail }) =>
          result === "success"
            ? `Repository ${repository} is good: ${detail}`
            : `Repository ${repository} is not good: ${detail}`,
        )
        .join("\n"),
    );
  }
  failUnlessGood(record, results);
}
