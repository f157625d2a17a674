import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineView } from "../support/providersInspect";
import {
  baseImage,
  type Declarations,
  docker,
  embeddedPlugins,
  officialPlugins,
  Trial,
} from "../support/providersTrial";

jest.setTimeout(600_000);

const folder = officialPlugins();
const NEEDED = ["resource-docker-v5.2.0", "resource-command-v1.2.1", "resource-random-v4.21.1"];
const present = existsSync(folder) ? readdirSync(folder) : [];
const missing = NEEDED.filter((name) => !present.includes(name));

const id = `lbt-parity-${process.pid}`;
const port = 30_000 + (process.pid % 10_000);

/** A change of one resource's inputs, by name; "image" also changes the others. */
type Change = { of: string; inputs: Record<string, unknown> };

const CHANGES: [string, Change][] = [
  ["a port", { of: "server", inputs: { ports: [{ internal: 80, external: port + 1 }] } }],
  ["a container's label", { of: "server", inputs: { labels: labels("other") } }],
  ["the environment", { of: "server", inputs: { envs: ["A=1", "B=3"] } }],
  ["a file", { of: "server", inputs: { uploads: [{ file: "/etc/x", content: "other" }] } }],
  [
    "the health check",
    { of: "server", inputs: { healthcheck: { tests: ["CMD", "true"], interval: "3s" } } },
  ],
  ["memory", { of: "server", inputs: { memory: 256, memorySwap: 256 } }],
  ["the restart policy", { of: "server", inputs: { restart: "unless-stopped" } }],
  ["an alias", { of: "server", inputs: { networksAdvanced: [{ name: id, aliases: ["x"] }] } }],
  ["the stop time-out", { of: "server", inputs: { stopTimeout: 9 } }],
  ["the grace", { of: "server", inputs: { destroyGraceSeconds: 9 } }],
  ["a network's label", { of: "net", inputs: { labels: labels("other") } }],
  ["a volume's label", { of: "data", inputs: { labels: labels("other") } }],
  ["the image's tag", { of: "image", inputs: { name: `${id}:2` } }],
  ["whether to keep the image", { of: "image", inputs: { keepLocally: true } }],
  ["a command's stdin", { of: "step", inputs: { stdin: "other" } }],
  ["a command's triggers", { of: "step", inputs: { triggers: ["2"] } }],
  ["a password's length", { of: "password", inputs: { length: 24 } }],
];

/** The results of one kind of plugins: the resources, what a refresh finds, the plan of each change. */
interface Record_ {
  view: unknown;
  unchanged: unknown;
  refreshed: unknown;
  /** What the other kind of plugins would change. */
  taken: unknown;
  planned: Record<string, unknown>;
  stopped: unknown;
  removed: unknown;
  left: string;
}

if (missing.length > 0) {
  describe("official plugins not present: parity not compared", () => {
    it(`finds no ${missing.join(", ")} in ${folder}`, () => {
      expect(missing.map((name) => existsSync(join(folder, name)))).not.toContain(true);
    });
  });
} else {
  describe("the embedded plugins and the official ones", () => {
    let official: Record_;
    let embedded: Record_;

    beforeAll(async () => {
      const plugins = embeddedPlugins();
      official = await record(folder, plugins);
      embedded = await record(plugins, folder);
      rmSync(plugins, { recursive: true });
    });

    it("create the same resources", () => expect(embedded.view).toEqual(official.view));
    it("change nothing afterwards", () => {
      expect([official.unchanged, official.refreshed]).toEqual([{}, {}]);
      expect([embedded.unchanged, embedded.refreshed]).toEqual([{}, {}]);
    });
    it("take over each other's stacks without changes", () => {
      expect(embedded.taken).toEqual([{}, {}, {}]);
      expect(official.taken).toEqual([{}, {}, {}]);
    });
    it.each(CHANGES.map(([name]) => name))("plan the same for a new value of %s", (name) => {
      expect(official.planned[name]).not.toEqual({});
      expect(embedded.planned[name]).toEqual(official.planned[name]);
    });
    it("handle a stopped container alike", () =>
      expect(embedded.stopped).toEqual(official.stopped));
    it("handle a removed container alike", () =>
      expect(embedded.removed).toEqual(official.removed));
    it("leave nothing behind", () => expect([embedded.left, official.left]).toEqual(["", ""]));
  });
}

async function record(plugins: string, others: string): Promise<Record_> {
  const trial = new Trial(plugins);
  try {
    await trial.init();
    context(trial);
    trial.declare(program());
    const { code, text } = await trial.up();
    if (code !== 0) throw new Error(text);
    const view = engineView(id);
    const unchanged = await trial.preview();
    const refreshed = await trial.preview("--refresh");
    trial.use(others);
    const before = await trial.preview();
    trial.use(plugins);
    await trial.ok("refresh", "--yes", "--skip-preview");
    trial.use(others);
    const taken = [before, await trial.preview(), await trial.preview("--refresh")];
    trial.use(plugins);
    const planned: Record<string, unknown> = {};
    for (const [name, { of, inputs }] of CHANGES) {
      trial.declare(changed(of, inputs));
      planned[name] = await trial.preview();
    }
    trial.declare(program());
    docker("stop", "-t", "0", id);
    const stopped = await trial.preview("--refresh");
    docker("rm", "-f", id);
    const removed = await trial.preview("--refresh");
    await trial.ok("destroy", "--yes", "--skip-preview", "--refresh");
    return { view, unchanged, refreshed, taken, planned, stopped, removed, left: leftovers() };
  } finally {
    await trial.end();
  }
}

function leftovers(): string {
  const filter = ["--filter", `name=${id}`];
  return [
    docker("ps", "-aq", ...filter),
    docker("volume", "ls", "-q", ...filter),
    docker("network", "ls", "-q", ...filter),
    docker("images", "-q", id),
  ].join("");
}

function context(trial: Trial): void {
  const path = join(trial.folder, "context");
  mkdirSync(path);
  writeFileSync(join(path, "Dockerfile"), "ARG BASE\nFROM ${BASE}\nCOPY text /text\nENV A=0 C=3\n");
  writeFileSync(join(path, "text"), "text");
}

function changed(of: string, inputs: Record<string, unknown>): Declarations {
  const declared = program();
  const resource = declared[of];
  if (!resource) throw new Error(`no resource ${of}`);
  return { ...declared, [of]: { ...resource, inputs: { ...resource.inputs, ...inputs } } };
}

function labels(role: string) {
  return [{ label: "laterbase.role", value: role }];
}

function program(): Declarations {
  const options = { provider: "engine" };
  return {
    engine: {
      type: "docker.Provider",
      inputs: { host: process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock" },
    },
    net: { type: "docker.Network", inputs: { name: id, labels: labels("net") }, options },
    data: { type: "docker.Volume", inputs: { name: id, labels: labels("data") }, options },
    image: {
      type: "docker.RemoteImage",
      inputs: { name: `${id}:1`, build: { context: "context", buildArgs: { BASE: baseImage() } } },
      options,
    },
    server: {
      type: "docker.Container",
      inputs: server(),
      options: {
        ...options,
        deleteBeforeReplace: true,
        replaceOnChanges: ["healthcheck", "tmpfs", "init"],
      },
    },
    password: { type: "random.RandomPassword", inputs: { length: 20, special: false } },
    step: {
      type: "command.local.Command",
      inputs: {
        create: "cat",
        delete: "true",
        stdin: "in",
        triggers: ["1"],
        addPreviousOutputInEnv: false,
      },
      options: { deleteBeforeReplace: true },
    },
  };
}

/** The inputs of Laterbase's containers, without those that only docker 5.2.0 has. */
function server() {
  return {
    name: id,
    image: "${image.imageId}",
    command: ["sleep", "1000"],
    hostname: "server",
    user: "0",
    workingDir: "/tmp",
    init: true,
    envs: ["A=1", "B=2"],
    labels: labels("server"),
    networksAdvanced: [{ name: "${net.name}", aliases: ["one", "two"] }],
    ports: [{ internal: 80, external: port, ip: "127.0.0.1", protocol: "tcp" }],
    volumes: [
      { containerPath: "/data", volumeName: "${data.name}" },
      { containerPath: "/tmp/host", hostPath: "/tmp", readOnly: true },
    ],
    uploads: [{ file: "/etc/x", content: "text", permissions: "0400" }],
    healthcheck: {
      tests: ["CMD", "true"],
      interval: "1s",
      timeout: "1m0s",
      retries: 3,
      startPeriod: "5s",
    },
    wait: true,
    waitTimeout: 30,
    restart: "no",
    destroyGraceSeconds: 1,
    stopSignal: "SIGINT",
    stopTimeout: 7,
    memory: 128,
    memorySwap: 128,
    cpuShares: 100,
    shmSize: 64,
    securityOpts: ["no-new-privileges:true"],
    capabilities: { drops: ["ALL"], adds: ["CAP_CHOWN"] },
    logDriver: "json-file",
    logOpts: { "max-size": "1m", "max-file": "2" },
    ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
    tmpfs: { "/run/t": "rw,size=1m" },
    hosts: [{ host: "x", ip: "10.0.0.1" }],
    sysctls: { "net.ipv4.ip_unprivileged_port_start": "0" },
  };
}
