import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { DockerRegistry } from "../../support/dockerRegistry";
import { EngineProxy } from "../../support/engineProxy";
import { doAll, ok } from "../../support/process";
import { Stack } from "../../support/stack";

// The stack dev with everything that it has, from the images of a pipeline, on an engine that refuses to build.
jest.setTimeout(1_800_000);

const project = resolve(__dirname, "../../..");
const stack = new Stack("t-registry-whole");
const registry = new DockerRegistry();
const engine = new EngineProxy();
const before = { ...process.env };
const list = join(stack.folder, "images.json");

/** The stack's file with ports of its own. */
function config(): Record<string, any> {
  const { config: keys } = parse(readFileSync(join(project, "Pulumi.dev.yaml"), "utf8")) as {
    config: Record<string, any>;
  };
  const own = Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [key.replace("laterbase:", ""), value]),
  );
  let port = 18290;
  for (const one of [own["primary"], ...own["standbys"], ...Object.values(own)])
    if (typeof one?.port === "number") one.port = port++;
  delete own["dumps"].path;
  return { ...own, images: { registry: registry.host, tag: "1a2b3c4" } };
}

beforeAll(async () => {
  await registry.start();
  await engine.start();
});

afterAll(async () => {
  for (const name of ["DOCKER_HOST", "DOCKER_CONFIG"]) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await doAll(
    () => stack.remove(),
    async () => {
      const words = ["image", "ls", "--quiet", "--no-trunc", "--filter"];
      const ids = (await ok("docker", [...words, `reference=${registry.host}/*`])).split("\n");
      const own = new Set(ids.filter(Boolean));
      if (own.size > 0) await ok("docker", ["image", "rm", "--force", ...own]);
    },
    () => registry.stop(),
    () => engine.stop(),
  );
});

it("comes up from what was pushed, builds nothing, and has nothing to do a second time", async () => {
  const keys = config();
  const file = join(stack.folder, "Pulumi.whole.yaml");
  const named = Object.entries(keys).map(([key, value]) => [`laterbase:${key}`, value]);
  writeFileSync(file, stringify({ config: Object.fromEntries(named) }));
  const env = {
    DOCKER_CONFIG: registry.config,
    LATERBASE_REGISTRY: registry.host,
    LATERBASE_TAG: "1a2b3c4",
  };
  const words = ["--require", "tsx/cjs", "scripts/ci/images.ts", "--json", list, file];
  await ok("node", words, { cwd: project, env });
  const published = JSON.parse(readFileSync(list, "utf8")) as Record<string, { digest: string }>;
  expect(Object.keys(published)).toEqual(
    expect.arrayContaining(["agent-17", "pgbouncer", "postgres-17", "socket-proxy"]),
  );
  process.env["DOCKER_CONFIG"] = registry.config;
  process.env["DOCKER_HOST"] = engine.host;
  await stack.configure(keys);
  await stack.up();
  expect(engine.refused).toEqual([]);
  const label = `label=laterbase.stack=${stack.name}`;
  const ids = await ok("docker", ["ps", "--quiet", "--filter", label]);
  const format = ["inspect", "--format", "{{.Config.Image}}"];
  const images = await ok("docker", [...format, ...ids.split("\n").filter(Boolean)]);
  const digests = Object.entries(published).map(
    ([name, { digest }]) => `${registry.host}/${name}@${digest}`,
  );
  // Where no stand-ins run, services of other makers come from their own registries.
  const own = images.split("\n").filter((image) => image.startsWith(registry.host));
  expect([...new Set(own)].sort()).toEqual(digests.sort());
  await stack.up("--expect-no-changes");
  await stack.preview("--expect-no-changes");
});
