import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { actionlint } from "../../support/actionlint";
import { ok } from "../../support/process";

// What other programs read in the pipelines' files. What the jobs do is tested beside this file.
const folder = mkdtempSync(join(tmpdir(), "lbt-pipeline-"));
const clone = join(folder, "clone");

beforeAll(async () => {
  await ok("git", ["init", "--quiet", "--bare", join(folder, "origin.git")]);
  await ok("git", ["clone", "--quiet", join(folder, "origin.git"), clone]);
  for (const file of [".gitlab-ci.yml", "package-lock.json"]) cpSync(file, join(clone, file));
  const git = (...words: string[]) => ok("git", words, { cwd: clone });
  await git("checkout", "--quiet", "-b", "main");
  await git("add", "-A");
  const who = ["-c", "user.name=A Person", "-c", "user.email=person@example.com"];
  await git(...who, "commit", "--quiet", "--message", "Begin");
  await git("push", "--quiet", "origin", "main");
  await git("remote", "set-head", "origin", "main");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The jobs of a pipeline, as gitlab-ci-local reads them: name, stage, when. */
async function jobs(...variables: string[]): Promise<string[]> {
  const known = "CI_PIPELINE_SOURCE,CI_COMMIT_TAG,CI_PROJECT_ID";
  const flags = ["--list-csv", "--ignore-predefined-vars", known];
  const said = await ok(resolve("node_modules/.bin/gitlab-ci-local"), [...flags, ...variables], {
    cwd: clone,
  });
  const lines = said.trim().split("\n");
  const begin = lines.findIndex((line) => line.startsWith("name;stage;when"));
  return lines.slice(begin + 1).map((line) => line.split(";").slice(0, 3).join(" "));
}
const away = ["--unset-variable", "CI_COMMIT_BRANCH"];
const set = (variable: string) => ["--variable", variable];
const common = ["check check on_success", "images images on_success"];
const previews = [
  "preview: [dev] preview on_success",
  "preview: [prod] preview on_success",
  "not-previewed: [dev] preview on_failure",
  "not-previewed: [prod] preview on_failure",
];
/** A merge request of project 1. */
const request = (project: string) => [
  ...set("CI_PIPELINE_SOURCE=merge_request_event"),
  ...set(`CI_PROJECT_ID=${project}`),
  ...set("CI_MERGE_REQUEST_PROJECT_ID=1"),
];

it("previews each stack in a merge request, and deploys nothing", async () => {
  expect(await jobs(...request("1"), ...away)).toEqual([...common, ...previews]);
});

it("pushes no image from a fork", async () => {
  expect(await jobs(...request("2"), ...away)).toEqual([common[0], ...previews]);
});

it("deploys the default branch to dev", async () => {
  expect(await jobs()).toEqual([...common, "deploy-dev deploy on_success"]);
});

it("deploys a release tag to prod, when a person starts it", async () => {
  expect(await jobs(...set("CI_COMMIT_TAG=v1.2.3"), ...away)).toEqual([
    ...common,
    "deploy-prod deploy manual",
  ]);
});

it("is a workflow of GitHub that actionlint accepts", async () => {
  expect(await ok(actionlint(), [])).toBe("");
}, 300_000);
