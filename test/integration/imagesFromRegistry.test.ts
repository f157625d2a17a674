import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { postgresImage } from "../../images/build";
import { DockerRegistry } from "../support/dockerRegistry";
import { EngineProxy } from "../support/engineProxy";
import { doAll, ok, type Ran } from "../support/process";
import { Stack } from "../support/stack";

// The smallest stack, of one server: its image is pushed to Debian's docker-registry, and the stack comes up from
// there on an engine that refuses to build. The trial `registry` pulls on another engine.
jest.setTimeout(600_000);

const project = resolve(__dirname, "../..");
const stack = new Stack("t-registry");
const registry = new DockerRegistry();
const engine = new EngineProxy();
const name = "group/project/postgres-17";
const repository = () => `${registry.host}/${name}`;
const list = join(stack.folder, "out", "images.json");
const config = (tag: string) => ({
  primary: { kind: "managed", version: 17, port: 18275, databases: ["app"] },
  standbys: [],
  images: { registry: `${registry.host}/group/project`, tag },
});
const before = { ...process.env };
let digest: string;

/** What the pipeline does for a commit. */
async function push(tag: string): Promise<string> {
  const keys = Object.entries(config(tag)).map(([key, value]) => [`laterbase:${key}`, value]);
  const file = join(stack.folder, "Pulumi.t.yaml");
  writeFileSync(file, stringify({ config: Object.fromEntries(keys) }));
  const words = ["--require", "tsx/cjs", "scripts/ci/images.ts", "--json", list, file];
  const env = {
    DOCKER_CONFIG: registry.config,
    LATERBASE_REGISTRY: `${registry.host}/group/project`,
    LATERBASE_TAG: tag,
    CI_PROJECT_URL: "https://gitlab.example.com/group/project",
  };
  return ok("node", words, { cwd: project, env });
}

const idOf = async (image: string) =>
  (await ok("docker", ["image", "inspect", "--format", "{{.Id}}", image])).trim();
const running = () =>
  ok("docker", ["inspect", "--format", "{{.Id}} {{.Config.Image}}", stack.container("primary")]);

beforeAll(async () => {
  await registry.start();
  await engine.start();
});

afterAll(async () => {
  process.env["DOCKER_HOST"] = before["DOCKER_HOST"];
  if (before["DOCKER_HOST"] === undefined) delete process.env["DOCKER_HOST"];
  await doAll(
    () => stack.remove(),
    async () => {
      const words = ["image", "ls", "--quiet", "--no-trunc", repository()];
      const ids = (await ok("docker", words)).split("\n").filter(Boolean);
      if (ids.length > 0) await ok("docker", ["image", "rm", "--force", ...new Set(ids)]);
    },
    () => registry.stop(),
    () => engine.stop(),
  );
  if (before["DOCKER_CONFIG"] === undefined) delete process.env["DOCKER_CONFIG"];
  else process.env["DOCKER_CONFIG"] = before["DOCKER_CONFIG"];
});

it("pushes what a stack file needs by commit and as latest, with labels, a list and a bill of materials", async () => {
  const { tag } = postgresImage(17);
  const built = await idOf(tag);
  const said = await push("1a2b3c4");
  digest = await registry.digest(name, "1a2b3c4");
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(await registry.digest(name, "latest")).toBe(digest);
  expect(said).toContain(digest);
  const { "postgres-17": written } = JSON.parse(readFileSync(list, "utf8"));
  const bytes = expect.any(Number) as unknown;
  expect(written).toEqual({ image: repository(), tag: "1a2b3c4", digest, bytes });
  expect(written.bytes).toBeGreaterThan(100e6);
  expect(await registry.labels(name, "1a2b3c4")).toMatchObject({
    "org.opencontainers.image.source": "https://gitlab.example.com/group/project",
    "org.opencontainers.image.revision": expect.stringMatching(/^[0-9a-f]{40}$/),
    "org.opencontainers.image.version": expect.stringMatching(/^\d+\.\d+\.\d+/),
    "org.opencontainers.image.licenses": "Apache-2.0",
  });
  const bom = JSON.parse(readFileSync(join(list, "../postgres-17.cdx.json"), "utf8"));
  const names = bom.components.map((one: { name: string }) => one.name);
  expect(names).toEqual(expect.arrayContaining(["postgresql-17", "pgbackrest", "libc6"]));
  // What stacks build on the spot is the same image as before.
  expect(await idOf(tag)).toBe(built);
});

it("comes up by digest on an engine that refuses to build, and has nothing to do a second time", async () => {
  process.env["DOCKER_CONFIG"] = registry.config;
  process.env["DOCKER_HOST"] = engine.host;
  await stack.configure(config("1a2b3c4"));
  await stack.up();
  expect(await running()).toMatch(new RegExp(` ${repository()}@${digest}\n$`));
  await stack.up("--expect-no-changes");
  await stack.preview("--expect-no-changes");
  expect([engine.refused, engine.passed > 20]).toEqual([[], true]);
  writeFileSync(join(stack.folder, "exported"), await stack.state());
  expect(registry.isIn(join(stack.folder, "exported"))).toBe(false);
});

it("a commit that changes nothing in an image keeps its digest, and no container is made again", async () => {
  const container = await running();
  expect(await push("5d6e7f8")).toContain("postgres-17: the registry has it already");
  expect(await registry.digest(name, "5d6e7f8")).toBe(digest);
  await stack.configure(config("5d6e7f8"));
  expect(await stack.preview()).not.toContain("docker:index");
  await stack.up();
  expect(await running()).toBe(container);
});

it("a preview sees that a tag has moved", async () => {
  const file = `FROM ${repository()}@${digest}\nLABEL moved=yes\n`;
  const moved = `${repository()}:5d6e7f8`;
  const env = { DOCKER_HOST: before["DOCKER_HOST"] };
  await ok("docker", ["build", "--quiet", "--tag", moved, "-"], { input: file, env });
  await ok("docker", ["push", "--quiet", moved], { env });
  const { stdout } = await stack.pulumi(["preview", "--diff"]);
  expect(stdout).toContain(`${repository()}@${await registry.digest(name, "5d6e7f8")}`);
  expect(stdout).toContain("primary-container");
});

it("without a login a preview passes with a sentence, and up ends with it", async () => {
  const nobody = { env: { DOCKER_CONFIG: stack.folder } };
  const sentence =
    `${registry.host}, the registry of laterbase:images.registry, did not say what it has as ` +
    `${repository()}:5d6e7f8: Head "http://${registry.host}/v2/${name}/manifests/5d6e7f8": no basic auth credentials ` +
    `('docker login ${registry.host}' was not run here).`;
  const preview = await stack.pulumi(["preview"], nobody);
  expect([preview.code, preview.stdout.includes(sentence)]).toEqual([0, true]);
  // The provider has no login any more. No image, and nothing that runs, changes.
  expect(preview.stdout).not.toMatch(/docker:index|command:/);
  expect(ending(await stack.pulumi(["up", "--yes"], nobody))).toBe(sentence);
});

it("without the registry a preview passes with a sentence, and up ends with it; the server runs on", async () => {
  await registry.pause();
  const container = await running();
  const preview = await stack.pulumi(["preview", "--expect-no-changes"]);
  const start =
    `${registry.host}, the registry of laterbase:images.registry, did not say what it has as ` +
    `${repository()}:5d6e7f8: `;
  expect([preview.code, preview.stdout.includes(start)]).toEqual([0, true]);
  expect(preview.stdout).toContain(
    "So this preview leaves these images as the stack has them, and 'up' asks again.",
  );
  expect(ending(await stack.pulumi(["up", "--yes"]))).toMatch(
    new RegExp(`^${start}.*connection refused\\.$`),
  );
  expect(await running()).toBe(container);
});

/** The sentence with which the program has ended. */
function ending({ code, stdout, stderr }: Ran): string {
  expect(code).not.toBe(0);
  const lines = `${stdout}\n${stderr}`.split("\n").map((line) => line.trim());
  return lines.find((line) => /^(error: )?127\.0\.0\.1:/.test(line))?.replace(/^error: /, "") ?? "";
}
