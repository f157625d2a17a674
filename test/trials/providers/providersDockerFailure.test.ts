import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type AddressInfo } from "node:net";
import { join } from "node:path";
import {
  baseImage,
  type Declarations,
  docker,
  dockerSucceeds,
  embeddedPlugins,
  Trial,
} from "../../support/providersTrial";

jest.setTimeout(120_000);

const id = `lbt-failure-${process.pid}`;
const base = baseImage();

let plugins: string;
let trial: Trial;

beforeAll(async () => {
  plugins = embeddedPlugins();
  trial = new Trial(plugins);
  await trial.init();
});

afterAll(async () => {
  await trial.end();
  rmSync(plugins, { recursive: true });
});

function program(change: Record<string, unknown>): Declarations {
  const inputs = {
    name: id,
    image: base,
    command: ["sleep", "1000"],
    healthcheck: { tests: ["CMD", "true"], interval: "1s", retries: 1 },
    wait: true,
    waitTimeout: 3,
  };
  return {
    server: {
      type: "docker.Container",
      inputs: { ...inputs, ...change },
      options: { deleteBeforeReplace: true, replaceOnChanges: ["healthcheck"] },
    },
  };
}

const ILL = { healthcheck: { tests: ["CMD", "false"], interval: "1s", retries: 1 } };

describe("a container that does not become healthy", () => {
  it("fails the update, and stays in the state", async () => {
    trial.declare(program(ILL));
    const { code, text } = await trial.up();
    expect(code).not.toBe(0);
    expect(text).toContain("container failed to be in healthy state");
    expect(docker("inspect", "-f", "{{.State.Health.Status}}", id)).toBe("unhealthy");
    expect(await trial.state()).toContain("initErrors");
  });

  it("fails the next update as well, with another container", async () => {
    const before = docker("inspect", "-f", "{{.Id}}", id);
    expect(await trial.preview()).toEqual({ server: "replace" });
    expect((await trial.up()).code).not.toBe(0);
    expect(docker("inspect", "-f", "{{.Id}}", id)).not.toBe(before);
  });

  it("is replaced by a healthy one when the cause is fixed", async () => {
    trial.declare(program({}));
    const { code, text } = await trial.up();
    if (code !== 0) throw new Error(text);
    expect(docker("inspect", "-f", "{{.State.Health.Status}}", id)).toBe("healthy");
    expect(await trial.preview("--refresh")).toEqual({});
  });
});

describe("a port that is taken", () => {
  let other: Server;

  afterEach(() => {
    other.close();
  });

  it("fails the update with the engine's own sentence, until the port is free", async () => {
    other = createServer().listen(0, "127.0.0.1");
    await new Promise((listening) => other.once("listening", listening));
    const { port: external } = other.address() as AddressInfo;
    const ports = [{ internal: 80, external, ip: "127.0.0.1" }];
    trial.declare(program({ ports }));
    const { code, text } = await trial.up();
    expect(code).not.toBe(0);
    expect(text).toMatch(/address already in use|port is already allocated/);
    expect(dockerSucceeds("inspect", id)).toBe(true);
    await new Promise((closed) => other.close(closed));
    const fixed = await trial.up();
    if (fixed.code !== 0) throw new Error(fixed.text);
    expect(docker("port", id)).toContain(`127.0.0.1:${external}`);
  });
});

it("names an image that exists nowhere", async () => {
  trial.declare(program({ image: "localhost:1/lbt/nowhere:1" }));
  const { code, text } = await trial.up();
  expect(code).not.toBe(0);
  expect(text).toContain(
    "Unable to create container with image localhost:1/lbt/nowhere:1: unable to pull image",
  );
});

describe("a build that fails", () => {
  async function failure(dockerfile: string): Promise<string> {
    const build = { context: "context", dockerfile };
    trial.declare({
      image: { type: "docker.RemoteImage", inputs: { name: `${id}:bad`, build } },
    });
    const { code, text } = await trial.up();
    expect(code).not.toBe(0);
    return text;
  }

  it("shows its output, and leaves no container", async () => {
    mkdirSync(join(trial.folder, "context"));
    const dockerfile = `FROM ${base}\nRUN echo the cause of ${id}; exit 3\n`;
    writeFileSync(join(trial.folder, "context/Dockerfile"), dockerfile);
    const text = await failure("Dockerfile");
    expect(text).toContain("returned a non-zero code: 3");
    expect(text).toContain(`the cause of ${id}`);
    expect(docker("ps", "-a", "--no-trunc", "--format", "{{.Command}}")).not.toContain(id);
  });

  it("names a missing Dockerfile", async () => {
    expect(await failure("Dockerfile.bad")).toContain(
      `dockerfile not found at path: ${join(trial.folder, "context/Dockerfile.bad")}`,
    );
  });
});

it("reports a missing engine", async () => {
  trial.declare({
    engine: { type: "docker.Provider", inputs: { host: "unix:///nowhere/docker.sock" } },
    net: { type: "docker.Network", inputs: { name: id }, options: { provider: "engine" } },
  });
  const { code, text } = await trial.up();
  expect(code).not.toBe(0);
  expect(text).toContain("failed to connect to any docker daemon");
});
