import { pgBackRestFeatures } from "../../../contract/pgBackRest";
import type { Context } from "../kit/context";
import { type CommandOptions, failureOf, pgBackRest } from "./command";
import { exitCode } from "../../../contract/pgBackRestExits";
import type { Found, RepositoryTask } from "./findings";
import { findGaps, gapSentence } from "./gaps";
import { type Backup, readInfo } from "./info";
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
  const seconds = verifySeconds(info.backups);
  const report = await reportOf(context, repository.number, { signal, seconds });
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

const day = 24 * 3600;

/**
 * How long a verify may take, in seconds: it reads everything, and says nothing meanwhile. Three days are for the WAL, and
 * the backups come at 2 MB/s or faster. Node has no timer of 25 days.
 */
export function verifySeconds(backups: readonly Pick<Backup, "repositoryBytes">[]): number {
  const bytes = backups.reduce((sum, { repositoryBytes }) => sum + repositoryBytes, 0);
  return Math.min(3 * day + bytes / 2e6, 24 * day);
}

/** A report that is not good and names nothing says nothing on the backups. */
const looked = ({ ok, problems }: VerifyReport) => ok || problems.length > 0;

/** Before 2.45 the report comes in the log only, and without a status. */
async function reportOf(
  context: Context,
  repository: number,
  options: CommandOptions,
): Promise<VerifyReport> {
  const words = ["verify", `--repo=${repository}`];
  const { verify } = pgBackRestFeatures(context.config.major);
  const lines: string[] = [];
  const ran = verify
    ? await pgBackRest(context, [...words, "--output=text", "--verbose"], options)
    : await pgBackRest(context, words, { ...options, onLine: (line) => lines.push(line) });
  // The older one ends with this code when it found damage, and has said where.
  const report = verify ? readVerifyReport(ran.stdout) : readVerifyLog(lines.join("\n"));
  if (ran.code !== 0 && (verify || ran.code !== exitCode.runtime)) throw failureOf(ran);
  return ran.code === 0 ? report : { ...report, ok: false };
}
