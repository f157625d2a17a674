import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ok, run } from "../../support/process";

// The program of `npm run release` in a tiny repository. npm is a stand-in where it asks for known holes.
const program = resolve("scripts/npm/release/release.ts");
const digest = `sha256:${"a".repeat(64)}`;
let folder = "";
let clone = "";
let before: string;
const git = async (...words: string[]) => (await ok("git", words, { cwd: clone })).trim();
const write = (file: string, text: string) => writeFileSync(join(clone, file), text);
const read = (file: string) => readFileSync(join(clone, file), "utf8");

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "lbt-release-"));
  clone = join(folder, "clone");
  mkdirSync(join(folder, "bin"));
  await ok("git", ["init", "--quiet", clone]);
  mkdirSync(join(clone, "out"));
  const about = { name: "tiny", version: "0.1.0" };
  write(
    "schema.sh",
    "test ! -e stale || { echo 'docs/a.md does not match its source' >&2; exit 1; }\n",
  );
  write(
    "package.json",
    JSON.stringify({ ...about, scripts: { schema: "sh schema.sh" } }, undefined, 2),
  );
  write(
    "package-lock.json",
    JSON.stringify({ ...about, lockfileVersion: 3, packages: { "": about } }),
  );
  write(
    "CHANGELOG.md",
    "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Run pipelines\n\n## [0.1.0] - 2026-01-01\n",
  );
  // As ours, and what this test writes beside.
  write(".gitignore", `${readFileSync(".gitignore", "utf8")}/stale\n/node_modules\n`);
  symlinkSync(resolve("node_modules"), join(clone, "node_modules"));
  await git("config", "user.name", "A Person");
  await git("config", "user.email", "person@example.com");
  await git("add", "-A");
  await git("commit", "--quiet", "--message", "Begin");
  before = await git("rev-parse", "HEAD");
  write(
    "out/images.json",
    JSON.stringify({ agent: { image: "r.example.com/p/agent-17", tag: before, digest } }),
  );
  audits('{"vulnerabilities":{}}');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What npm's stand-in says to `audit`. Everything else is npm's own. */
function audits(text: string): void {
  const file = join(folder, "bin/npm");
  const others = `PATH=\${PATH#*:} exec npm "$@"`;
  writeFileSync(file, `#!/bin/bash\n[ "$1" = audit ] || ${others}\ncat <<'END'\n${text}\nEND\n`);
  chmodSync(file, 0o755);
}

const release = (...words: string[]) =>
  run("node", ["--require", "tsx/cjs", program, ...words], {
    cwd: clone,
    env: { PATH: `${folder}/bin:${process.env["PATH"]}` },
  });

it("makes a version, a section of the changelog, a commit, and a tag with the images by digest", async () => {
  const { code, stdout, stderr } = await release("0.2.0", "--images", "out/images.json");
  expect([code, stdout, stderr]).toEqual([
    0,
    "Release 0.2.0 is the tag v0.2.0, with 1 image. To publish it: git push --atomic --follow-tags\n",
    "",
  ]);
  expect([
    JSON.parse(read("package.json")).version,
    JSON.parse(read("package-lock.json")).version,
  ]).toEqual(["0.2.0", "0.2.0"]);
  expect(read("CHANGELOG.md")).toMatch(
    /^# Changelog\n\n## \[Unreleased\]\n\n## \[0\.2\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n\n- Run pipelines\n\n## \[0\.1\.0\] - 2026-01-01\n$/,
  );
  expect(await git("log", "--format=%s")).toBe("Release 0.2.0\nBegin");
  expect(await git("cat-file", "-t", "v0.2.0")).toBe("tag");
  expect(await git("tag", "--list", "--format=%(contents)", "v0.2.0")).toBe(
    `Laterbase 0.2.0\n\n### Added\n\n- Run pipelines\n\nImages:\nr.example.com/p/agent-17@${digest}`,
  );
  expect(await git("status", "--porcelain")).toBe("");
  const again = await release("0.2.0", "--images", "out/images.json");
  expect([again.code, again.stderr]).toEqual([4, "laterbase: There is a tag v0.2.0 already.\n"]);
});

it.each<[string, () => void, string[], string]>([
  ["a version", () => undefined, ["2"], "npm run release needs a version, such as 0.2.0."],
  [
    "a newer version",
    () => undefined,
    ["0.0.9", "--images", "out/images.json"],
    "The version 0.0.9 is older than 0.1.0, which package.json has.",
  ],
  [
    "a clean checkout",
    () => write("new.txt", ""),
    ["0.2.0", "--images", "out/images.json"],
    "The checkout has changes that no commit has:\n?? new.txt\nCommit them, or remove them.",
  ],
  [
    "docs as they are generated",
    () => write("stale", ""),
    ["0.2.0", "--images", "out/images.json"],
    "The docs are stale: docs/a.md does not match its source",
  ],
  [
    "dependencies without a known hole",
    () =>
      audits(
        '{"vulnerabilities":{"a":{"via":[{"title":"A hole","severity":"low","url":"https://e.com"}]}}}',
      ),
    ["0.2.0", "--images", "out/images.json", "--without-audit"],
    "A dependency has a known hole:\na: A hole (low, https://e.com)",
  ],
  [
    "a source of known holes",
    () => audits('{"statusCode":405}'),
    ["0.2.0", "--images", "out/images.json"],
    "No source of known holes answers, so nobody knows whether a dependency has one. Look at another place, and add --without-audit.",
  ],
  [
    "a version that the changelog has not yet",
    () => undefined,
    ["0.1.0", "--images", "out/images.json"],
    "CHANGELOG.md has a section of 0.1.0 already.",
  ],
  [
    "a list of images of this commit",
    () => write("out/images.json", "{}"),
    ["0.2.0", "--images", "out/images.json"],
    "The list of images is empty.",
  ],
  [
    "a list of images",
    () => undefined,
    ["0.2.0"],
    "--images needs the list that the pipeline of this commit wrote: images.json.",
  ],
])("needs %s, and changes nothing without it", async (_what, arrange, words, sentence) => {
  arrange();
  const { code, stdout, stderr } = await release(...words);
  expect([code, stdout, stderr]).toEqual([4, "", `laterbase: ${sentence}\n`]);
  expect([await git("rev-parse", "HEAD"), await git("tag"), await git("diff")]).toEqual([
    before,
    "",
    "",
  ]);
});

it("releases without an answer about holes where a person says so, and says it", async () => {
  audits('{"statusCode":405}');
  const { code, stderr } = await release("0.2.0", "--images", "out/images.json", "--without-audit");
  expect([code, stderr, await git("tag")]).toEqual([
    0,
    "laterbase: nobody looked for known holes, as --without-audit says.\n",
    "v0.2.0",
  ]);
});
