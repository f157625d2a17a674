import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { DockerRegistry } from "../../support/dockerRegistry";
import { doAll, ok } from "../../support/process";
import { near, SecondEngine } from "../../support/secondEngine";
import { Stack } from "../../support/stack";

// A stack on an engine that is only reached as ssh://…, which has no image and no way to Debian: it pulls by itself,
// with the login of this machine. The other machine is a network namespace of this one.
jest.setTimeout(900_000);

const project = resolve(__dirname, "../../..");
const stack = new Stack("t-registry-ssh");
const pushedTo = new DockerRegistry();
const pulledFrom = new DockerRegistry(near, pushedTo.images);
const engine = new SecondEngine();
const path = "group/project";
const before = process.env["DOCKER_CONFIG"];

const config = (registry: string) => ({
  dockerHost: engine.host,
  primary: { kind: "managed", version: 17, port: 18280, databases: ["app"] },
  standbys: [],
  images: { registry: `${registry}/${path}`, tag: "latest" },
});

beforeAll(async () => {
  await pushedTo.start();
  await engine.start();
  await pulledFrom.start();
  const { primary } = config("localhost");
  const file = join(stack.folder, "Pulumi.t.yaml");
  writeFileSync(file, stringify({ config: { "laterbase:primary": primary } }));
  await ok("node", ["--require", "tsx/cjs", "scripts/ci/images.ts", file], {
    cwd: project,
    env: {
      DOCKER_CONFIG: pushedTo.config,
      LATERBASE_REGISTRY: `${pushedTo.host}/${path}`,
      LATERBASE_TAG: "1a2b3c4",
    },
  });
  process.env["DOCKER_CONFIG"] = pulledFrom.config;
});

afterAll(async () => {
  await doAll(
    () => stack.remove(),
    () => engine.end(),
    () => pulledFrom.stop(),
    async () => {
      const words = [
        "image",
        "ls",
        "--quiet",
        "--no-trunc",
        `${pushedTo.host}/${path}/postgres-17`,
      ];
      const ids = (await ok("docker", words)).split("\n").filter(Boolean);
      if (ids.length > 0) await ok("docker", ["image", "rm", "--force", ...new Set(ids)]);
    },
    () => pushedTo.stop(),
  );
  if (before === undefined) delete process.env["DOCKER_CONFIG"];
  else process.env["DOCKER_CONFIG"] = before;
});

it("comes up there from the registry, by digest, and has nothing to do a second time", async () => {
  await stack.configure(config(pulledFrom.host));
  expect(await engine.docker("image", "ls", "--quiet")).toBe("");
  await stack.up();
  const digest = await pushedTo.digest(`${path}/postgres-17`, "1a2b3c4");
  const words = ["inspect", "--format", "{{.Config.Image}}", stack.container("primary")];
  expect(await engine.docker(...words)).toBe(`${pulledFrom.host}/${path}/postgres-17@${digest}\n`);
  await stack.preview("--expect-no-changes");
});
