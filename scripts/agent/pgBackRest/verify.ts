import { pgBackRestFeatures } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { failureOf, pgBackRest } from "./command";
import type { Found, RepositoryTask } from "./findings";
import { findGaps, gapSentence } from "./gaps";
import { readInfo } from "./info";
import { readVerifyReport } from "./verifyText";

/** Reads everything in a repository against its checksums, and looks for missing WAL. */
export async function verifyOne(context: Context, task: RepositoryTask): Promise<Found> {
  const { repository, say, signal } = task;
  const info = await readInfo(context, repository.number, { signal });
  const gaps = await findGaps(context, repository, info, { signal });
  const missing = gaps.map(gapSentence);
  const { verify } = pgBackRestFeatures(context.config.major);
  if (!verify) {
    return {
      problems: missing,
      notes: [
        `verify needs PostgreSQL 15: only the WAL was looked through${missing.length > 0 ? "." : ", and none is missing."}`,
      ],
      ...(gaps.length > 0 ? { gaps } : {}),
    };
  }
  say("reading every file");
  const words = ["verify", `--repo=${repository.number}`, "--output=text", "--verbose"];
  const ran = await pgBackRest(context, words, { signal });
  if (ran.code !== 0) throw failureOf(ran);
  const report = readVerifyReport(ran.stdout);
  const damage = report.ok
    ? []
    : [
        `The repository is damaged: ${report.problems.join("; ") || "pgBackRest does not call it good"}.`,
      ];
  const good = `${info.backups.length} backups are as they were written, and no WAL is missing.`;
  return {
    problems: [...damage, ...missing],
    notes: damage.length + missing.length > 0 ? [] : [good],
    ...(gaps.length > 0 ? { gaps } : {}),
    ...(report.invalidBackups.length > 0 ? { invalidBackups: report.invalidBackups } : {}),
  };
}
