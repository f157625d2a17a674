import type { RepositoriesRequest } from "../../../contract/agentRequests";
import { type DrillProof, type DrillResult, drillProofs } from "../../../contract/drillRecord";
import type { JobRecord } from "../../../contract/jobRecord";
import type { OperatorCommand } from "../operatorCommand";
import type { Session } from "../session";
import { seconds } from "../terminal/format";
import { failUnlessGood } from "../terminal/partly";
import { repositoryOption } from "../terminal/repositoryOption";
import { table } from "../terminal/table";

export const drill: OperatorCommand = {
  name: "drill",
  description: "prove that each repository restores, on a server that is thrown away afterwards",
  example: "drill --repo 1",
  documented: "docs/backups.md#what-a-drill-proves",
  options: [repositoryOption()],
  exits: {
    1: "no repository passed: the sentence on standard error says why",
    3: "some repositories passed, and others did not",
  },
  run: runDrill,
};

/** An interruption ends the drill, and nothing of it is left. */
async function runDrill(session: Session, { repo }: { repo?: number }): Promise<void> {
  const request: RepositoriesRequest = { trigger: "operator", record: true };
  const record = await session.askBackups<JobRecord>("drill", { ...request, repo });
  const results = record.drills ?? [];
  if (results.length > 0) session.show(record, () => results.map(described).join("\n\n"));
  failUnlessGood(record, results);
}

/** What a proof shows, in a few words. */
const titles: Readonly<Record<DrillProof, string>> = {
  restore: "the newest backup restores",
  replay: "WAL replays past a marker",
  rows: "the rows are equal",
  pages: "B-trees and pages are whole",
};

const words = { proven: "yes", failed: "NO", unproven: "unproven" } as const;

function described(result: DrillResult): string {
  const { repository, proofs, backup, result: end, seconds: taken, unproven } = result;
  const rows = drillProofs.map((name) => [
    ...[titles[name], words[proofs[name].result], seconds(proofs[name].seconds)],
  ]);
  const of = backup ? ` of ${backup.label}` : "";
  const passed = end === "success" ? "passed" : "FAILED";
  const left = (unproven?.first ?? []).map(({ database, name, why }) => [
    ...[database ?? "", name, why],
  ]);
  const more = (unproven?.count ?? 0) - left.length;
  return [
    `Repository ${repository}: the drill${of} ${passed} in ${seconds(taken)}`,
    table([["PROOF", "HOLDS", "TIME"], ...rows]),
    ...drillProofs.map((name) => proofs[name].detail),
    ...(left.length > 0 ? [table([["DATABASE", "UNPROVEN", "WHY"], ...left])] : []),
    ...(more > 0 ? [`and ${more} more.`] : []),
  ].join("\n");
}
