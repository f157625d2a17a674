import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRelease, releasePlace } from "../../../../scripts/npm/release/repository";

const folder = mkdtempSync(join(tmpdir(), "lbt-repository-"));
const origin = join(folder, "origin.git");
let clone: string;
let number = 0;
const git = (...words: string[]) =>
  execFileSync("git", words, { cwd: clone, encoding: "utf8", stdio: "pipe" }).trim();

beforeEach(() => {
  rmSync(origin, { recursive: true, force: true });
  execFileSync("git", ["init", "--quiet", "--bare", origin]);
  clone = join(folder, `clone${++number}`);
  execFileSync("git", ["init", "--quiet", "--initial-branch", "main", clone]);
  git("config", "user.name", "A Person");
  git("config", "user.email", "person@example.com");
  writeFileSync(join(clone, "a"), "before\n");
  git("add", "a");
  git("commit", "--quiet", "--message", "Begin");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the place of a release", () => {
  const withOrigin = (url = origin) => git("remote", "add", "origin", url);

  it("is good where neither the checkout nor its remote has the tag", async () => {
    expect(await releasePlace(clone, "v0.2.0")).toEqual({ remote: "has none" });
    withOrigin();
    git("push", "--quiet", "origin", "main");
    expect(await releasePlace(clone, "v0.2.0")).toEqual({ remote: "has no such tag" });
  });

  it("has the tag already, also where only the remote has it", async () => {
    withOrigin();
    git("tag", "v0.2.0");
    expect(await releasePlace(clone, "v0.2.0")).toEqual({
      problem: "There is a tag v0.2.0 already.",
    });
    git("push", "--quiet", "origin", "main", "v0.2.0");
    git("tag", "--delete", "v0.2.0");
    expect(await releasePlace(clone, "v0.2.0")).toEqual({
      problem:
        "origin has a tag v0.2.0 already, which this checkout does not: run 'git fetch --tags', and take another version.",
    });
  });

  it("does not answer", async () => {
    withOrigin(join(folder, "gone.git"));
    expect(await releasePlace(clone, "v0.2.0")).toEqual({ remote: "does not answer" });
  });

  it("is no branch", async () => {
    git("checkout", "--quiet", "--detach");
    expect(await releasePlace(clone, "v0.2.0")).toEqual({
      problem:
        "The checkout is on no branch, so its release could not be pushed: run 'git switch' to the default branch first.",
    });
  });
});

describe("a release", () => {
  const release = (more: object = {}) =>
    makeRelease(clone, {
      change: () => Promise.resolve(writeFileSync(join(clone, "a"), "after\n")),
      ...{ files: ["a"], subject: "Release 0.2.0", tag: "v0.2.0", message: "# A\n\n# B", ...more },
    });

  it("is a commit, and a tag with its headings", async () => {
    await release();
    expect([git("log", "--format=%s"), git("rev-parse", "v0.2.0^{commit}")]).toEqual([
      "Release 0.2.0\nBegin",
      git("rev-parse", "HEAD"),
    ]);
    expect(git("tag", "--list", "--format=%(contents)")).toBe("# A\n\n# B");
  });

  it.each([
    ["its tag cannot be made", { tag: "no..tag" }],
    ["it cannot be committed", { subject: "" }],
    ["a file is missing", { files: ["b"] }],
  ])("leaves the checkout as it was where %s", async (_, more) => {
    await expect(release(more)).rejects.toThrow();
    expect([git("log", "--format=%s"), git("status", "--porcelain"), git("tag")]).toEqual([
      "Begin",
      "",
      "",
    ]);
    expect(readFileSync(join(clone, "a"), "utf8")).toBe("before\n");
  });
});
