import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commitOf, olderCommit } from "../../../scripts/ci/deployedCommit";

const folder = mkdtempSync(join(tmpdir(), "lbt-deployed-"));
const clone = join(folder, "clone");
const git = (...words: string[]) =>
  execFileSync("git", words, { cwd: clone, encoding: "utf8", stdio: "pipe" }).trim();
/** A commit on top of what is checked out. */
const commit = () => {
  git("commit", "--quiet", "--allow-empty", "--message", "A change");
  return git("rev-parse", "HEAD");
};
let first: string, second: string, elsewhere: string;

beforeAll(() => {
  execFileSync("git", ["init", "--quiet", clone]);
  git("config", "user.name", "A Person");
  git("config", "user.email", "person@example.com");
  first = commit();
  second = commit();
  git("checkout", "--quiet", "--detach", first);
  elsewhere = commit();
  git("checkout", "--quiet", "--detach", first);
});
afterAll(() => rmSync(folder, { recursive: true }));

const older = (deployed: string) => olderCommit(clone, { stack: "dev", deployed });

it("names both commits where the newer one is deployed", async () => {
  expect(await commitOf(clone)).toBe(first);
  expect(await older(second)).toBe(
    `Commit ${second.slice(0, 8)} deployed stack dev last, and this is ${first.slice(0, 8)}, an older one: a job that began earlier must not undo what came later. ` +
      "To go back on purpose, set the variable LATERBASE_ROLLBACK to yes for this job.",
  );
});

it("lets a commit deploy once more, a newer one, and one of another branch", async () => {
  expect(await older(first)).toBeUndefined();
  git("checkout", "--quiet", "--detach", second);
  expect([await older(first), await older(elsewhere)]).toEqual([undefined, undefined]);
  git("checkout", "--quiet", "--detach", first);
});

it.each(["", "f".repeat(40), "--help", "HEAD"])(
  "says nothing of %j, which it cannot know",
  async (deployed) => {
    expect(await older(deployed)).toBeUndefined();
  },
);

it("says nothing in a folder that is no checkout", async () => {
  expect(await commitOf(folder)).toBeUndefined();
  expect(await olderCommit(folder, { stack: "dev", deployed: second })).toBeUndefined();
});
