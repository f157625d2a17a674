import type { RepositoryFindings } from "../../../contract/backupRecord";
import type { RepositorySettings } from "../../../contract/pgBackRest";
import { elapsed } from "../kit/clock";
import type { Context, Say } from "../kit/context";
import { exitCode } from "../../../contract/pgBackRestExits";
import { Failure, sentenceOf, stackOf, withStop } from "../kit/failure";

/** What a piece of work found in a repository. Problems make it fail; notes do not. */
export interface Found extends Omit<
  RepositoryFindings,
  "repository" | "result" | "detail" | "seconds"
> {
  problems: string[];
  notes: string[];
}

/** What work in one repository needs. */
export interface RepositoryTask {
  repository: RepositorySettings;
  say: Say;
  signal: AbortSignal;
}

/** Looks at one repository. Whatever goes wrong is a result: the others have their turn. */
export async function findingsOf(
  context: Context,
  { repository, say, signal }: RepositoryTask,
  look: (task: RepositoryTask) => Promise<Found>,
): Promise<RepositoryFindings> {
  const { number } = repository;
  const began = elapsed();
  const prefixed: Say = (progress) => say(`repository ${number}: ${progress}`);
  const found = await look({ repository, say: prefixed, signal }).catch((error: unknown): Found => {
    if (!(error instanceof Failure) && !signal.aborted) context.log(stackOf(error));
    return { problems: [withStop(sentenceOf(error))], notes: [] };
  });
  const { problems, notes, ...rest } = found;
  const detail = [...problems, ...notes].join(" ");
  prefixed(detail);
  return {
    repository: number,
    result: problems.length > 0 ? "failed" : "success",
    detail,
    seconds: Math.round((elapsed() - began) / 100) / 10,
    ...(signal.aborted ? { code: exitCode.stopped } : {}),
    ...rest,
  };
}
