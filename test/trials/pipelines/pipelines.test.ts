import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { DockerRegistry } from "../../support/dockerRegistry";
import { EngineProxy } from "../../support/engineProxy";
import { PipelineLab } from "../../support/pipelineLab";
import { doAll, ok, until } from "../../support/process";
import { Stack } from "../../support/stack";

jest.setTimeout(1_800_000);

// A stack's whole way by gitlab-ci-local: merge request, merge, release tag, with a bare repository, Debian's registry
// and a server of notes. The images of this commit are pushed and pulled, and the engine that deploys refuses to build.
// It is one story: each test goes on with what the one before it left.
// The job `check` is left out: it is what runs this test. What gitlab-ci-local cannot show is in docs/pipelines.md.
const stack = new Stack("t-deploy");
const registry = new DockerRegistry();
const engine = new EngineProxy();
const project = "group/project";
const image = `${project}/postgres-17`;
const preview = `preview: [${stack.name}]`;
let lab: PipelineLab;
let written = "";
/** What the merge request has pushed. */
let requested = "";
let deploying: Record<string, string>;

const primary = { kind: "managed", version: 17, port: 18980, databases: ["app"] };
const standby = (name: string, port: number) => ({ name, port });
const running = async (role: string) =>
  (
    await ok("docker", [
      "inspect",
      "--format",
      "{{.Config.Image}} {{.State.Running}} {{.Id}}",
      stack.container(role),
    ])
  ).trim();
const locks = join(stack.folder, `state/.pulumi/locks/organization/laterbase/${stack.name}`);
/** The locks of the state. Pulumi keeps a file of attributes beside each. */
const held = () =>
  (existsSync(locks) ? readdirSync(locks) : [])
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(join(locks, file), "utf8")));

beforeAll(async () => {
  await registry.start();
  await engine.start();
  const { auths } = JSON.parse(readFileSync(join(registry.config, "config.json"), "utf8"));
  const [user, password] = Buffer.from(auths[registry.host].auth, "base64").toString().split(":");
  await stack.configure({ primary, standbys: [standby("standby", 18981)] });
  written = readFileSync(join(stack.folder, "stack.yaml"), "utf8");
  const cache = process.env["XDG_CACHE_HOME"] || `${process.env["HOME"]}/.cache`;
  lab = await new PipelineLab(stack.name, {
    PULUMI_BACKEND_URL: stack.env["PULUMI_BACKEND_URL"]!,
    PULUMI_CONFIG_PASSPHRASE: stack.env["PULUMI_CONFIG_PASSPHRASE"]!,
    XDG_CACHE_HOME: cache,
    LATERBASE_REGISTRY: `${registry.host}/${project}`,
    LATERBASE_REGISTRY_USER: user!,
    LATERBASE_REGISTRY_PASSWORD: password!,
  }).start();
  lab.configure(written);
  // This machine's engine in the place of Docker-in-Docker.
  lab.edit(".gitlab-ci.yml", (text) =>
    text
      .replace("scripts/ci/check.sh", "echo left out")
      .replace("DOCKER_HOST: tcp://docker:2375", "DOCKER_HOST: unix:///var/run/docker.sock")
      .replace(/ {2}services:\n(?: {4}.*\n)+/, ""),
  );
  deploying = { DOCKER_HOST: engine.host };
});

afterAll(() =>
  doAll(
    () => lab.remove(),
    () => stack.remove(),
    async () => {
      const words = ["image", "ls", "--quiet", "--no-trunc", `${registry.host}/${image}`];
      const ids = (await ok("docker", words)).split("\n").filter(Boolean);
      if (ids.length > 0) await ok("docker", ["image", "rm", "--force", ...new Set(ids)]);
    },
    () => registry.stop(),
    () => engine.stop(),
  ),
);

it("a merge request pushes images under tags of its own, and gets one note, which the next push edits", async () => {
  const first = await lab.push("feature");
  const ran = await lab.request([]);
  expect([ran.code, ran.stdout + ran.stderr]).toEqual([0, expect.stringContaining("is made.")]);
  requested = await registry.digest(image, `mr-${first}`);
  for (const tag of [first, "latest"])
    await expect(registry.digest(image, tag)).rejects.toThrow(`${image}/manifests/${tag}: 404`);
  expect(lab.note).toContain(
    `### Laterbase, stack \`${stack.name}\` at \`${first.slice(0, 8)}\`: `,
  );
  expect(lab.note).toContain("**primary**");
  const second = await lab.push("feature");
  expect((await lab.request([])).code).toBe(0);
  expect(await registry.digest(image, `mr-${second}`)).toBe(requested);
  expect(lab.notes.notes).toHaveLength(1);
});

it("a merge deploys what the registry has, by digest, on an engine that refuses to build", async () => {
  const commit = await lab.push();
  const { code, stdout, stderr } = await lab.main(["images"]);
  expect([code, stdout + stderr]).toEqual([0, expect.any(String)]);
  const deploy = await lab.main(["deploy-dev"], deploying);
  expect([deploy.code, deploy.stdout + deploy.stderr]).toEqual([
    0,
    expect.stringContaining(`Laterbase is up (stack ${stack.name}).`),
  ]);
  const digest = await registry.digest(image, commit);
  // What a merge request has pushed is never taken for the same content.
  expect(digest).not.toBe(requested);
  expect(await registry.digest(image, "latest")).toBe(digest);
  for (const role of ["primary", "standby"])
    expect(await running(role)).toMatch(new RegExp(`^${registry.host}/${image}@${digest} true `));
  expect([engine.refused, engine.passed > 20]).toEqual([[], true]);
  const noted = await stack.must(["stack", "tag", "get", "laterbase:version"]);
  expect(noted.trim()).toBe(JSON.parse(readFileSync("package.json", "utf8")).version);
  // No login is left, and the checkout is as it was.
  expect(
    registry.isIn(join(stack.folder, `state/.pulumi/stacks/laterbase/${stack.name}.json`)),
  ).toBe(false);
  expect(await lab.git("status", "--porcelain")).toBe("");
});

it("a release tag waits for its gate, and then deploys without a restart", async () => {
  const before = await running("primary");
  await lab.git("tag", "v1.2.3");
  const { code, stdout, stderr } = await lab.tag("v1.2.3", []);
  expect([code, /deploy-prod.*(starting|finished)/.test(stdout + stderr)]).toEqual([0, false]);
  const deploy = await lab.tag("v1.2.3", ["deploy-prod"], deploying);
  expect([deploy.code, await running("primary")]).toEqual([0, before]);
});

it("a preview without reach says what it cannot know, and passes", async () => {
  const { code } = await lab.request([preview], { DOCKER_HOST: "tcp://127.0.0.1:9" });
  expect(code).toBe(0);
  expect(lab.note).toContain("The Docker engine of this stack does not answer this job");
  expect(lab.note).toContain("so preview does not know what was changed there since the last up");
  expect(lab.note).toContain("So this preview leaves these images as the stack has them");
});

it("a preview without secrets passes with a note", async () => {
  const away = { PULUMI_BACKEND_URL: "", PULUMI_CONFIG_PASSPHRASE: "" };
  expect((await lab.request([preview], away)).code).toBe(0);
  expect(lab.note).toContain(
    "This pipeline has no PULUMI_BACKEND_URL and PULUMI_CONFIG_PASSPHRASE, as in a fork.",
  );
});

it("a deploy that was killed is repaired by the next one", async () => {
  const commit = (await lab.git("rev-parse", "HEAD")).trim();
  const more = { ...deploying, LATERBASE_TAG: commit };
  lab.configure(
    written.replace(
      /(\n +)- name: standby\n/,
      "$1- name: second$1  port: 18982$1- name: standby\n",
    ),
  );
  const killed = lab.startDeploy(more);
  await until(
    "the second standby is being made",
    async () =>
      (await ok("docker", [
        "ps",
        "--all",
        "--quiet",
        "--filter",
        `name=${stack.container("second")}`,
      ])) !== "",
    300,
  );
  const [lock] = held();
  killed.kill();
  process.kill(lock.pid as number, "SIGKILL");
  await killed.ended;
  expect(held()).toHaveLength(1);
  expect(JSON.parse(await stack.state()).deployment.pending_operations.length).toBeGreaterThan(0);

  const next = lab.startDeploy(more);
  expect([await next.ended, next.said]).toEqual([
    0,
    expect.stringContaining(
      `The run of process ${lock.pid} has ended and left its lock: it is removed.`,
    ),
  ]);
  expect(next.said).toContain(`Laterbase is up (stack ${stack.name}).`);
  const { deployment } = JSON.parse(await stack.state());
  expect([held(), deployment.pending_operations ?? []]).toEqual([[], []]);
  expect(await running("second")).toContain(" true ");
});

it("of two deploys one waits, and both succeed", async () => {
  const commit = (await lab.git("rev-parse", "HEAD")).trim();
  const both = [1, 2].map(() => lab.startDeploy({ ...deploying, LATERBASE_TAG: commit }));
  expect(await Promise.all(both.map(({ ended }) => ended))).toEqual([0, 0]);
  const waits = `another deploy of stack ${stack.name} is at work on this machine; this one waits.`;
  expect(both.filter(({ said }) => said.includes(waits))).toHaveLength(1);
});

it("a key of a newer version is one sentence with both versions, in the note and in the deploy", async () => {
  await stack.must(["stack", "tag", "set", "laterbase:version", "9.9.9"]);
  lab.configure(
    `${written}`.replace("config:\n", "config:\n  laterbase:failover: { quorum: 2 }\n"),
  );
  const commit = await lab.push("feature");
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const sentence =
    `laterbase:failover is a key of a newer Laterbase: version 9.9.9 deployed stack ${stack.name} last, and this is version ${version}. ` +
    `Deploy version 9.9.9 or newer, or take the key out of Pulumi.${stack.name}.yaml.`;
  expect((await lab.request([preview])).code).not.toBe(0);
  const title = `### Laterbase, stack \`${stack.name}\` at \`${commit.slice(0, 8)}\`: not previewed`;
  expect(lab.note).toBe(`${title}\n\n${sentence}\n`);
  const deploy = lab.startDeploy({ ...deploying, LATERBASE_TAG: "any" });
  expect([await deploy.ended, deploy.said]).toEqual([1, expect.stringContaining(sentence)]);
});
