import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { content, labels, portOf, program, writeContext } from "../support/providersDockerProgram";
import { docker, dockerSucceeds, embeddedPlugins, Trial } from "../support/providersTrial";

jest.setTimeout(600_000);

const id = `lbt-docker-${process.pid}`;

let plugins: string;
let trial: Trial;

beforeAll(async () => {
  plugins = embeddedPlugins();
  trial = new Trial(plugins);
  trial.secrets = [content];
  await trial.init();
});

afterAll(async () => {
  await trial.end();
  rmSync(plugins, { recursive: true });
});

function inspect(format: string): string {
  return docker("inspect", "--format", format, id);
}

async function mustUp(...args: string[]): Promise<string> {
  const { code, text } = await trial.up(...args);
  if (code !== 0) throw new Error(text);
  return text;
}

describe("a stack of network, volume, image and container", () => {
  it("is created, and shows the current step of the build", async () => {
    writeContext(trial, "first");
    trial.declare(program(id));
    expect(await mustUp()).toMatch(/Step 3\/3 : COPY/);
    expect(inspect("{{.State.Health.Status}}")).toBe("healthy");
  });

  it("has no changes afterwards, with and without a refresh", async () => {
    expect(await trial.preview()).toEqual({});
    expect(await trial.preview("--refresh")).toEqual({});
  });

  it("has the files of its inputs", () => {
    const stat = ["exec", id, "stat", "-c", "%a %u %g"];
    expect(docker(...stat, "/etc/laterbase/secret")).toBe("400 999 999");
    expect(docker(...stat, "/etc/laterbase/run")).toBe("744 0 0");
    expect(docker("exec", id, "ls", "/context")).toBe("Dockerfile\ntext");
  });

  it("is only on its own network, under its aliases", () => {
    const networks = JSON.parse(inspect("{{json .NetworkSettings.Networks}}")) as Record<
      string,
      { Aliases: string[] }
    >;
    expect(Object.keys(networks)).toEqual([id]);
    expect(networks[id]?.Aliases).toEqual(expect.arrayContaining(["one", "two"]));
  });

  it("keeps a secret content out of the state", async () => {
    const state = await trial.state();
    expect(state).toContain('"uploads"');
    expect(state).not.toContain("hunter2");
    const files = readdirSync(join(trial.folder, "state"), { recursive: true, encoding: "utf8" });
    const grep = ["-rl", "hunter2", join(trial.folder, "state")];
    expect(files.length).toBeGreaterThan(0);
    expect(() => execFileSync("grep", grep)).toThrow();
  });
});

describe("a change", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["a port", { ports: [{ internal: 80, external: portOf(id) + 1, ip: "127.0.0.1" }] }, "replace"],
    ["the environment", { envs: ["A=2", "B=2"] }, "replace"],
    ["the health check", { healthcheck: { tests: ["CMD", "true"], interval: "2s" } }, "replace"],
    ["memory", { memory: 256, memorySwap: 256 }, "update"],
  ])("of %s is planned as it was measured", async (_name, change, op) => {
    trial.declare(program(id, change));
    expect(await trial.preview()).toEqual({ server: op });
  });

  it("of a limit is applied to the running container", async () => {
    const before = inspect("{{.Id}}");
    trial.declare(program(id, { memory: 256, memorySwap: 256, restart: "always" }));
    await mustUp();
    expect(inspect("{{.Id}} {{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}")).toBe(
      `${before} ${256 * 1024 * 1024} always`,
    );
    expect(await trial.preview("--refresh")).toEqual({});
  });

  it("of the environment replaces the container after its grace period", async () => {
    const before = inspect("{{.Id}}");
    trial.declare(program(id, { envs: ["A=2"] }));
    await mustUp();
    expect(inspect("{{.Id}}")).not.toBe(before);
    expect(docker("exec", id, "cat", "/data/ended")).toBe("gracefully");
  });

  it("without destroyGraceSeconds kills the container", async () => {
    trial.declare(program(id, { destroyGraceSeconds: 0 }));
    await mustUp();
    docker("exec", id, "rm", "/data/ended");
    trial.declare(program(id, { destroyGraceSeconds: 0, envs: ["A=3"] }));
    await mustUp();
    expect(dockerSucceeds("exec", id, "test", "-e", "/data/ended")).toBe(false);
    trial.declare(program(id));
    await mustUp();
  });

  it("of a network's label replaces the network, and then the container", async () => {
    const declared = program(id);
    declared.net = { ...declared.net!, inputs: { name: id, labels: labels("other") } };
    trial.declare(declared);
    expect(await trial.preview()).toEqual({ net: "replace", server: "replace" });
    await mustUp();
    expect(docker("network", "inspect", "-f", '{{index .Labels "laterbase.role"}}', id)).toBe(
      "other",
    );
    trial.declare(program(id));
    await mustUp();
    expect(await trial.preview("--refresh")).toEqual({});
  });

  it("of the build context changes the tag, and replaces image and container once", async () => {
    writeContext(trial, "second");
    trial.declare(program(id, {}, "2"));
    await mustUp();
    expect(docker("exec", id, "cat", "/context/text")).toBe("second");
    expect(dockerSucceeds("image", "inspect", `${id}:1`)).toBe(false);
    expect(await trial.preview("--refresh")).toEqual({});
  });
});

it("leaves nothing behind", async () => {
  await trial.ok("destroy", "--yes", "--skip-preview", "--non-interactive");
  expect(docker("ps", "-aq", "--filter", `name=${id}`)).toBe("");
  expect(docker("volume", "ls", "-q", "--filter", `name=${id}`)).toBe("");
  expect(docker("network", "ls", "-q", "--filter", `name=${id}`)).toBe("");
  expect(docker("images", "-q", id)).toBe("");
});
