import { pgBackRestFeatures } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { failureOf, pgBackRest } from "./command";
import { exitCode } from "../../../contract/pgBackRestExits";
import type { Found, RepositoryTask } from "./findings";
import { findGaps, gapSentence } from "./gaps";
import { readInfo } from "./info";
import { vanishedBackups, vanishedSentence } from "./vanished";
import { readVerifyLog, readVerifyReport, type VerifyReport } from "./verifyText";

/** Reads everything in a repository against its checksums, and looks for missing WAL. */
export async function verifyOne(context: Context, task: RepositoryTask): Promise<Found> {
  const { repository, say, signal } = task;
  const info = await readInfo(context, repository.number, { signal });
  const gaps = await findGaps(context, repository, info, { signal });
  const vanished = await vanishedBackups(context, repository.number, info.backups, { signal });
  const missing = [vanishedSentence(vanished) ?? [], gaps.map(gapSentence)].flat();
  say("reading every file");
  const report = await reportOf(context, repository.number, signal);
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
    // Also when there are none, because expire must know that verify looked.
    ...(looked(report) ? { invalidBackups: report.invalidBackups } : {}),
  };
}

/** A report that is not good and names nothing says nothing on the backups. */
const looked = ({ ok, problems }: VerifyReport) => ok || problems.length > 0;

/** Before 2.45 the report comes in the log only, and without a status. */
async function reportOf(
  context: Context,
  repository: number,
  signal: AbortSignal,
): Promise<VerifyReport> {
  const words = ["verify", `--repo=${repository}`];
  const { verify } = pgBackRestFeatures(context.config.major);
  const lines: string[] = [];
  const ran = verify
    ? await pgBackRest(context, [...words, "--output=text", "--verbose"], { signal })
    : await pgBackRest(context, words, { signal, onLine: (line) => lines.push(line) });
  // The older one ends with this code when it found damage, and has said where.
  const report = verify ? readVerifyReport(ran.stdout) : readVerifyLog(lines.join("\n"));
  if (ran.code !== 0 && (verify || ran.code !== exitCode.runtime)) throw failureOf(ran);
  return ran.code === 0 ? report : { ...report, ok: false };
}
