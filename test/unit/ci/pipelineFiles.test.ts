import { accessSync, constants, globSync, readFileSync } from "node:fs";
import { parse } from "yaml";

// The YAML holds the order of jobs only. Does not prove that a runner reads it as we do: gitlab-ci-local and
// actionlint do that, in test/programs/ci/.
interface GitLabJob {
  rules?: { if?: string; when?: string; variables?: Record<string, string> }[];
  cache?: { paths: string[] };
  script?: string;
  tags?: string[];
  resource_group?: string;
  image?: unknown;
}
interface GitHubJob {
  permissions?: object;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  steps: { run?: string; uses?: string; with?: { path?: string; "fetch-depth"?: number } }[];
}

const text = (file: string) => readFileSync(file, "utf8");
const parsed: unknown = parse(text(".gitlab-ci.yml"));
const gitlab = parsed as Record<string, GitLabJob>;
const { variables } = parsed as { variables: Record<string, string> };
const workflow = ".github/workflows/laterbase.yml";
const github = parse(text(workflow)) as {
  permissions: object;
  concurrency: object;
  env: Record<string, string>;
  jobs: Record<string, GitHubJob>;
};
const scripts = Object.values(gitlab).flatMap(({ script }) => (script ? [script] : []));
const runs = Object.values(github.jobs).flatMap(({ steps }) =>
  steps.flatMap(({ run }) => (run ? [run] : [])),
);

it("calls scripts that are there, one a job, and does nothing itself", () => {
  const wanted = [
    "scripts/ci/check.sh",
    "scripts/ci/logged-in.sh scripts/ci/images.sh --json out/images.json",
    'scripts/ci/preview.sh "$STACK"',
    'scripts/ci/not-previewed.sh "$STACK"',
    "scripts/ci/deploy.sh dev",
    "scripts/ci/deploy.sh prod",
  ];
  expect(scripts).toEqual(wanted);
  expect(runs).toEqual(wanted);
  for (const script of wanted.flatMap((one) => one.match(/scripts\/ci\/[\w.-]+/g) ?? []))
    expect(() => accessSync(script, constants.X_OK)).not.toThrow();
});

it("has one variable for the image of every job", () => {
  expect(gitlab["default"]!.image).toBe("$LATERBASE_CI_IMAGE");
  expect(Object.values(gitlab).filter((job) => typeof job.image === "string")).toEqual([
    gitlab["default"],
  ]);
});

it("gives the images of a merge request a tag of their own", () => {
  expect(variables["LATERBASE_TAG"]).toBe("$CI_COMMIT_SHA");
  expect(gitlab["workflow"]!.rules![0]).toEqual({
    if: '$CI_PIPELINE_SOURCE == "merge_request_event"',
    variables: { LATERBASE_TAG: "mr-$CI_COMMIT_SHA" },
  });
  expect(github.env["LATERBASE_TAG"]).toBe(
    "${{ github.event_name == 'pull_request' && 'mr-' || '' }}${{ github.sha }}",
  );
});

it("keeps no login in what a cache stores", () => {
  const cached = gitlab["default"]!.cache!.paths.map((path) => `$CI_PROJECT_DIR/${path}`);
  expect(cached).toEqual(["$CI_PROJECT_DIR/.laterbase/cache"]);
  const isCached = (path = "") => cached.some((folder) => `${path}/`.startsWith(`${folder}/`));
  // Without the variable Pulumi writes its login into its home, which is cached.
  const { PULUMI_CREDENTIALS_PATH: login, PULUMI_HOME: home } = variables;
  expect([login, isCached(login), isCached(home)]).toEqual([
    "$CI_PROJECT_DIR/.laterbase/login",
    false,
    true,
  ]);
  // On GitHub it is in ~/.pulumi, of which the plugins alone are cached.
  const paths = Object.values(github.jobs).flatMap(({ steps }) =>
    steps.flatMap((step) =>
      step.with?.path && step.uses?.includes("cache@") ? [step.with.path] : [],
    ),
  );
  expect(paths).toEqual(["~/.cache/laterbase\n~/.pulumi/plugins\n"]);
});

it("deploys one at a time, and stops no deploy half-way", () => {
  expect(
    ["deploy-dev", "deploy-prod"].map((name) => [gitlab[name]!.resource_group, gitlab[name]!.tags]),
  ).toEqual([
    ["laterbase-dev", ["$DEV_RUNNER"]],
    ["laterbase-prod", ["$PROD_RUNNER"]],
  ]);
  expect(["deploy-dev", "deploy-prod"].map((name) => github.jobs[name]!.concurrency)).toEqual([
    { group: "laterbase-dev", "cancel-in-progress": false },
    { group: "laterbase-prod", "cancel-in-progress": false },
  ]);
});

it("ends the run of an older push, whose note would come after that of the newer one", () => {
  expect((parsed as { default: { interruptible: boolean } }).default.interruptible).toBe(true);
  expect(github.concurrency).toEqual({
    group: "laterbase-${{ github.event.pull_request.number || github.run_id }}",
    "cancel-in-progress": "${{ github.event_name == 'pull_request' }}",
  });
});

it("deploys on GitHub with the history that says which of two commits is older", () => {
  const depths = Object.entries(github.jobs).flatMap(([name, { steps }]) =>
    steps.flatMap((step) => (step.with?.["fetch-depth"] === 0 ? [name] : [])),
  );
  expect(depths).toEqual(["deploy-dev", "deploy-prod"]);
});

it("pins every action by its commit, with the version beside it", () => {
  const used = text(workflow).match(/uses: .*/g) ?? [];
  expect(used.length).toBeGreaterThan(5);
  expect(
    used.filter((line) => !/^uses: actions\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)),
  ).toEqual([]);
});

it("gives jobs of GitHub no more than they need", () => {
  expect(github.permissions).toEqual({ contents: "read" });
  expect(Object.entries(github.jobs).map(([name, { permissions }]) => [name, permissions])).toEqual(
    [
      ["check", undefined],
      ["images", { contents: "read", packages: "write" }],
      ["preview", { contents: "read", packages: "read", "pull-requests": "write" }],
      ["not-previewed", { contents: "read", "pull-requests": "write" }],
      ["deploy-dev", { contents: "read", packages: "read" }],
      ["deploy-prod", { contents: "read", packages: "read" }],
    ],
  );
});

describe("docs/pipelines.md", () => {
  const page = text("docs/pipelines.md");
  const documented = new Set(page.match(/`[A-Z][A-Z0-9_]+`/g)?.map((one) => one.slice(1, -1)));
  /** What our scripts and set-up set for their own programs. */
  const internal = [
    "PWD",
    "LATERBASE_STAND_INS",
    "LATERBASE_UNSEEN",
    "LATERBASE_PLAIN_KEYS",
    "DOCKER_CONFIG",
    "BASH_SOURCE",
  ];
  const of = (source: string, ...patterns: RegExp[]) =>
    patterns.flatMap((pattern) => [...source.matchAll(pattern)].map((match) => match[1]!));

  it("has every variable that the jobs read", () => {
    const read = [
      ...of(text(".gitlab-ci.yml"), /\$([A-Z][A-Z0-9_]+)/g, /^ {2,4}([A-Z][A-Z0-9_]+):/gm),
      ...of(text(workflow), /^ {2,10}([A-Z][A-Z0-9_]+):/gm, /(?:secrets|vars)\.([A-Z0-9_]+)/g),
      ...globSync("scripts/ci/**/*.sh").flatMap((file) =>
        of(text(file), /\$\{?!?([A-Z][A-Z0-9_]+)/g, /\b([A-Z]+_[A-Z0-9_]+)=/g),
      ),
      ...globSync("scripts/ci/**/*.{ts,mjs}").flatMap((file) =>
        of(text(file), /env\["([A-Z0-9_]+)"\]/g, /"((?:CI|GITHUB|NOTE|LATERBASE)_[A-Z0-9_]+)"/g),
      ),
    ];
    const unknown = [...new Set(read)].filter((name) => !internal.includes(name));
    expect(unknown.length).toBeGreaterThan(20);
    expect(unknown.filter((name) => !documented.has(name)).sort()).toEqual([]);
  });

  it("has the defaults that .gitlab-ci.yml has", () => {
    const { LATERBASE_CI_IMAGE, LATERBASE_DIND_IMAGE, DEV_RUNNER, PROD_RUNNER } = variables;
    for (const value of [LATERBASE_CI_IMAGE, LATERBASE_DIND_IMAGE, DEV_RUNNER, PROD_RUNNER])
      expect(page).toContain(`\`${value}\``);
  });
});
