import { execa } from "execa";

/** The commit of a checkout. Undefined: it is none, or Git is missing. */
export async function commitOf(folder: string): Promise<string | undefined> {
  const { stdout } = await execa("git", ["rev-parse", "HEAD"], { cwd: folder, reject: false });
  return isCommit(stdout) ? stdout : undefined;
}

const isCommit = (word: string | undefined): word is string => /^[0-9a-f]{40}$/.test(word ?? "");

/**
 * One sentence where a checkout has an older commit than the one that deployed a stack last. Undefined: it is newer, or on
 * another branch, or its history does not reach so far.
 *
 * @param deployed as the backend has it
 */
export async function olderCommit(
  folder: string,
  { stack, deployed }: { stack: string; deployed: string },
): Promise<string | undefined> {
  const own = await commitOf(folder);
  if (own === undefined || !isCommit(deployed) || own === deployed) return undefined;
  const words = ["merge-base", "--is-ancestor", own, deployed];
  const { exitCode } = await execa("git", words, { cwd: folder, reject: false });
  if (exitCode !== 0) return undefined;
  const [older, newer] = [own, deployed].map((one) => one.slice(0, 8));
  return (
    `Commit ${newer} deployed stack ${stack} last, and this is ${older}, an older one: a job that began earlier must not undo what came later. ` +
    `To go back on purpose, set the variable LATERBASE_ROLLBACK to yes for this job.`
  );
}
