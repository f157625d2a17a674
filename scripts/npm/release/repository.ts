import { execa } from "execa";

/** A remote that needs longer says at the push what it has. */
const patienceMs = 15_000;

/** Runs Git in a folder, and returns what it prints. */
export const gitIn =
  (folder: string) =>
  async (...words: string[]): Promise<string> =>
    (await execa("git", words, { cwd: folder })).stdout.trim();

/** Where a release would be pushed, or why it could not be. */
export type Place =
  | { remote: "has none" | "has no such tag" | "does not answer" }
  | { problem: string };

/** Looks for what would keep the release of this checkout from being pushed under its tag. */
export async function releasePlace(folder: string, tag: string): Promise<Place> {
  const git = (...words: string[]) => execa("git", words, { cwd: folder, reject: false });
  if ((await git("tag", "--list", tag)).stdout !== "")
    return { problem: `There is a tag ${tag} already.` };
  const { stdout: branch } = await git("symbolic-ref", "--quiet", "--short", "HEAD");
  if (branch === "")
    return {
      problem:
        "The checkout is on no branch, so its release could not be pushed: run 'git switch' to the default branch first.",
    };
  const { stdout: configured } = await git("config", `branch.${branch}.remote`);
  const remotes = (await git("remote")).stdout.split("\n");
  const remote = configured || "origin";
  if (!remotes.includes(remote)) return { remote: "has none" };
  const asked = await execa("git", ["ls-remote", "--exit-code", remote, `refs/tags/${tag}`], {
    ...{ cwd: folder, reject: false, timeout: patienceMs, stdin: "ignore" },
    env: { GIT_TERMINAL_PROMPT: "0" },
  });
  if (asked.exitCode === 0)
    return {
      problem: `${remote} has a tag ${tag} already, which this checkout does not: run 'git fetch --tags', and take another version.`,
    };
  // Git's own code for a remote that has answered and has none.
  return { remote: asked.exitCode === 2 ? "has no such tag" : "does not answer" };
}

interface Release {
  /** Changes the files of a clean checkout. */
  change: () => Promise<void>;
  files: readonly string[];
  /** The subject of the commit. */
  subject: string;
  tag: string;
  /** What the tag says. */
  message: string;
}

/**
 * Commits the changed files, and makes the annotated tag. Where a part fails, the checkout is as it was: a release without
 * its tag could not be made again.
 *
 * @throws what failed
 */
export async function makeRelease(
  folder: string,
  { change, files, subject, tag, message }: Release,
): Promise<void> {
  const git = gitIn(folder);
  const before = await git("rev-parse", "HEAD");
  try {
    await change();
    await git("add", ...files);
    await git("commit", "--quiet", "--message", subject);
    // Its headings begin with #, which git would take for comments.
    await execa("git", ["tag", "--annotate", "--cleanup=verbatim", "--file", "-", tag], {
      ...{ cwd: folder, input: `${message}\n` },
    });
  } catch (error) {
    // Nothing else was changed: the checkout was clean.
    await git("reset", "--quiet", "--hard", before);
    throw error;
  }
}
