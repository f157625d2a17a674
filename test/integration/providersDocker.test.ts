import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import {
  baseImage,
  type Declarations,
  docker,
  dockerSucceeds,
  embeddedPlugins,
  Trial,
} from "./providersTrial";

jest.setTimeout(180_000);

const id = `lbt-docker-${process.pid}`;
const base = baseImage();
const content = "hunter2 in a file";
const freePort = 20_000 + (process.pid % 10_000);

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

/** The program of these tests; a change of the container's inputs may be given. */
function program(change: Record<string, unknown> = {}, tag = "1"): Declarations {
  const engine = { options: { provider: "engine" } };
  return {
    engine: { type: "docker.Provider", inputs: {} },
    net: { type: "docker.Network", inputs: { name: id, labels: labels("net") }, ...engine },
    data: { type: "docker.Volume", inputs: { name: id, labels: labels("data") }, ...engine },
    image: {
      type: "docker.RemoteImage",
      inputs: { name: `${id}:${tag}`, build: { context: "context", buildArgs: { BASE: base } } },
      ...engine,
    },
    server: {
      type: "docker.Container",
      inputs: { ...server(), ...change },
      options: {
        provider: "engine",
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "tmpfs", "init"],
      },
    },
  };
}

function labels(role: string) {
  return [{ label: "laterbase.role", value: role }];
}

function server() {
  return {
    name: id,
    image: "${image.imageId}",
    command: [
      "sh",
      "-c",
      "trap 'sleep 1; echo gracefully > /data/ended; exit' TERM; while :; do sleep 0.1; done",
    ],
    hostname: "server",
    user: "0",
    workingDir: "/",
    init: false,
    envs: ["A=1", "B=2"],
    labels: labels("server"),
    networksAdvanced: [{ name: "${net.name}", aliases: ["one", "two"] }],
    ports: [{ internal: 80, external: freePort, ip: "127.0.0.1" }],
    volumes: [
      { containerPath: "/data", volumeName: "${data.name}" },
      { containerPath: "/tmp/host", hostPath: "/tmp", readOnly: true },
    ],
    uploads: [
      { file: "/etc/laterbase/secret", content, permissions: "0400", owner: "999", group: "999" },
      { file: "/etc/laterbase/run", content: "#!/bin/sh\n", executable: true },
    ],
    healthcheck: {
      tests: ["CMD", "test", "!", "-e", "/ill"],
      interval: "1s",
      timeout: "1m0s",
      retries: 1,
    },
    wait: true,
    waitTimeout: 20,
    restart: "no",
    destroyGraceSeconds: 10,
    stopSignal: "SIGTERM",
    stopTimeout: 7,
    memory: 128,
    memorySwap: 128,
    cpuShares: 100,
    shmSize: 64,
    securityOpts: ["no-new-privileges:true"],
    capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN"] },
    logDriver: "json-file",
    logOpts: { "max-size": "1m" },
    ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
    tmpfs: { "/run/t": "rw,size=1m" },
    hosts: [{ host: "x", ip: "10.0.0.1" }],
    sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" },
  };
}

function context(text: string): void {
  const folder = join(trial.folder, "context");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "Dockerfile"), "ARG BASE\nFROM ${BASE}\nCOPY . /context\n");
  writeFileSync(join(folder, ".dockerignore"), "*.log\n");
  writeFileSync(join(folder, "text"), text);
  writeFileSync(join(folder, "noise.log"), "noise");
}

function inspect(format: string): string {
  return docker("inspect", "--format", format, id);
}

async function mustUp(...args: string[]): Promise<string> {
  const { code, text } = await trial.up(...args);
  if (code !== 0) throw new Error(text);
  return text;
}

describe("a stack of network, volume, image and container", () => {
  it("comes up, and says which step of the build it is at", async () => {
    context("first");
    trial.declare(program());
    expect(await mustUp()).toMatch(/Step 3\/3 : COPY/);
    expect(inspect("{{.State.Health.Status}}")).toBe("healthy");
  });

  it("then has nothing to change, refreshed or not", async () => {
    expect(await trial.preview()).toEqual({});
    expect(await trial.preview("--refresh")).toEqual({});
  });

  it("has the files as they were ordered", () => {
    const stat = ["exec", id, "stat", "-c", "%a %u %g"];
    expect(docker(...stat, "/etc/laterbase/secret")).toBe("400 999 999");
    expect(docker(...stat, "/etc/laterbase/run")).toBe("744 0 0");
    expect(docker("exec", id, "ls", "/context")).toBe("Dockerfile\ntext");
  });

  it("is on its own network only, under its aliases", () => {
    const networks = JSON.parse(inspect("{{json .NetworkSettings.Networks}}")) as Record<
      string,
      { Aliases: string[] }
    >;
    expect(Object.keys(networks)).toEqual([id]);
    expect(networks[id]?.Aliases).toEqual(expect.arrayContaining(["one", "two"]));
  });

  it("keeps a secret content out of its state", async () => {
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
    ["a port", { ports: [{ internal: 80, external: freePort + 1, ip: "127.0.0.1" }] }, "replace"],
    ["a label", { labels: labels("other") }, "replace"],
    ["the environment", { envs: ["A=2", "B=2"] }, "replace"],
    ["the health check", { healthcheck: { tests: ["CMD", "true"], interval: "2s" } }, "replace"],
    ["a tmpfs", { tmpfs: { "/run/t": "rw,size=2m" } }, "replace"],
    ["an alias", { networksAdvanced: [{ name: id, aliases: ["three"] }] }, "replace"],
    ["memory", { memory: 256, memorySwap: 256 }, "update"],
    ["the restart policy", { restart: "always" }, "update"],
  ])("of %s is planned as it was measured", async (_name, change, op) => {
    trial.declare(program(change));
    expect(await trial.preview()).toEqual({ server: op });
  });

  it("of a limit is made while the container lives", async () => {
    const before = inspect("{{.Id}}");
    trial.declare(program({ memory: 256, memorySwap: 256, restart: "always" }));
    await mustUp();
    expect(inspect("{{.Id}} {{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}")).toBe(
      `${before} ${256 * 1024 * 1024} always`,
    );
    expect(await trial.preview("--refresh")).toEqual({});
  });

  it("of the environment replaces the container, and lets it end in peace", async () => {
    const before = inspect("{{.Id}}");
    trial.declare(program({ envs: ["A=2"] }));
    await mustUp();
    expect(inspect("{{.Id}}")).not.toBe(before);
    expect(docker("exec", id, "cat", "/data/ended")).toBe("gracefully");
  });

  it("without destroyGraceSeconds kills it", async () => {
    trial.declare(program({ destroyGraceSeconds: 0 }));
    await mustUp();
    docker("exec", id, "rm", "/data/ended");
    trial.declare(program({ destroyGraceSeconds: 0, envs: ["A=3"] }));
    await mustUp();
    expect(dockerSucceeds("exec", id, "test", "-e", "/data/ended")).toBe(false);
    trial.declare(program());
    await mustUp();
  });

  it("of a network's label replaces the network, and then the container", async () => {
    const declared = program();
    declared.net = { ...declared.net!, inputs: { name: id, labels: labels("other") } };
    trial.declare(declared);
    expect(await trial.preview()).toEqual({ net: "replace", server: "replace" });
    await mustUp();
    expect(docker("network", "inspect", "-f", '{{index .Labels "laterbase.role"}}', id)).toBe(
      "other",
    );
    trial.declare(program());
    await mustUp();
    expect(await trial.preview("--refresh")).toEqual({});
  });

  it("of the build context changes the tag, and replaces image and container once", async () => {
    context("second");
    trial.declare(program({}, "2"));
    await mustUp();
    expect(docker("exec", id, "cat", "/context/text")).toBe("second");
    expect(dockerSucceeds("image", "inspect", `${id}:1`)).toBe(false);
    expect(await trial.preview("--refresh")).toEqual({});
  });
});

describe("drift", () => {
  it("of a stopped container is not seen without a refresh", async () => {
    docker("stop", "-t", "0", id);
    expect(await trial.preview()).toEqual({});
  });

  it("of a stopped container that publishes a port is mended by another", async () => {
    expect(await trial.preview("--refresh")).toEqual({ server: "replace" });
    await mustUp("--refresh");
    expect(inspect("{{.State.Running}}")).toBe("true");
    expect(await trial.preview("--refresh")).toEqual({});
  });

  it("of a removed container is mended by a new one", async () => {
    docker("rm", "-f", id);
    expect(await trial.preview("--refresh")).toEqual({ server: "create" });
    await mustUp("--refresh");
    expect(inspect("{{.State.Running}}")).toBe("true");
  });

  it("of a limit is set back", async () => {
    docker("update", "--memory", "64m", "--memory-swap", "64m", id);
    expect(await trial.preview("--refresh")).toEqual({ server: "update" });
    await mustUp("--refresh");
    expect(inspect("{{.HostConfig.Memory}}")).toBe(String(128 * 1024 * 1024));
  });

  it("of a removed image is mended by another build", async () => {
    docker("rmi", "-f", `${id}:2`);
    const plan = await trial.preview("--refresh");
    expect(plan.image).toBe("create");
    await mustUp("--refresh");
    expect(dockerSucceeds("image", "inspect", `${id}:2`)).toBe(true);
    expect(await trial.preview("--refresh")).toEqual({});
  });
});

describe("a volume", () => {
  it("that exists already is adopted with what is in it", async () => {
    docker("exec", id, "sh", "-c", "echo kept > /data/kept");
    await trial.ok("state", "delete", "--yes", "--target-dependents", urn("Volume", "data"));
    await trial.run("refresh", "--yes", "--skip-preview");
    docker("rm", "-f", id);
    await mustUp();
    expect(docker("exec", id, "cat", "/data/kept")).toBe("kept");
  });

  function urn(type: string, name: string): string {
    const lower = type[0]?.toLowerCase() + type.slice(1);
    return `urn:pulumi:trial::trial::docker:index/${lower}:${type}::${name}`;
  }
});

it("refuses an input by its name, and makes nothing", async () => {
  trial.declare(program({ privileged: true }));
  const { code, text } = await trial.up();
  expect(code).not.toBe(0);
  expect(text).toContain(
    "privileged: Laterbase's embedded docker provider does not implement this input",
  );
  trial.declare(program());
  expect(await trial.preview("--refresh")).toEqual({});
});

it("leaves nothing behind", async () => {
  await trial.ok("destroy", "--yes", "--skip-preview", "--non-interactive");
  expect(docker("ps", "-aq", "--filter", `name=${id}`)).toBe("");
  expect(docker("volume", "ls", "-q", "--filter", `name=${id}`)).toBe("");
  expect(docker("network", "ls", "-q", "--filter", `name=${id}`)).toBe("");
  expect(docker("images", "-q", id)).toBe("");
});
