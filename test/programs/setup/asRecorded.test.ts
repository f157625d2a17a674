import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const script = resolve(__dirname, "../../../scripts/setup/asRecorded.mjs");

/** What an engine answers by path; anything else is not there. */
const engine = {
  "/containers/c1/json": {
    State: { Running: true },
    HostConfig: {
      Memory: 2147483648,
      MemorySwap: 2147483648,
      RestartPolicy: { Name: "always" },
      CpuShares: 0,
    },
  },
  "/volumes/data": { Name: "data" },
  "/networks/n1": { Id: "n1" },
  "/images/pg:17/json": { Id: "sha256:1" },
};

const provider = "urn:pulumi:dev::laterbase::pulumi:providers:docker::local";
const of = (type: string, id: string, outputs: object) => ({
  urn: `urn:pulumi:dev::laterbase::${type}::${id}`,
  type,
  id,
  outputs,
  provider: `${provider}::0f3a`,
});
const resources = [
  { urn: provider, type: "pulumi:providers:docker", inputs: {} },
  of("docker:index/container:Container", "c1", {
    memory: 2048,
    memorySwap: 2048,
    restart: "always",
    cpuShares: 0,
  }),
  of("docker:index/volume:Volume", "data", { name: "data" }),
  of("docker:index/network:Network", "n1", {}),
  of("docker:index/remoteImage:RemoteImage", "i1", { name: "pg:17", imageId: "sha256:1" }),
  { urn: "urn:other", type: "random:index/randomId:RandomId", outputs: {} },
];

describe("whether npm start may leave out the refresh", () => {
  const folder = mkdtempSync(join(tmpdir(), "lbt-recorded-"));
  const socket = join(folder, "engine.sock");
  let server: Server;
  let answers: Record<string, object>;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const answer = answers[request.url ?? ""];
      response.statusCode = answer ? 200 : 404;
      response.end(JSON.stringify(answer ?? { message: "no such thing" }));
    });
    await new Promise<void>((done) => server.listen(socket, done));
  });
  beforeEach(() => {
    answers = structuredClone(engine);
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const exitCode = (latest: object | string, host = `unix://${socket}`) => {
    const file = join(folder, "dev.json");
    const text = typeof latest === "string" ? latest : JSON.stringify({ checkpoint: { latest } });
    writeFileSync(file, text);
    return new Promise((done) => {
      const env = { ...process.env, DOCKER_HOST: host };
      spawn(process.execPath, [script, file], { env, stdio: "ignore" }).on("exit", done);
    });
  };

  it("it may when every container, volume, network and image is as recorded", async () => {
    expect(await exitCode({ resources })).toBe(0);
  });

  it.each(Object.keys(engine))("not when %s is gone", async (path) => {
    delete answers[path];
    expect(await exitCode({ resources })).toBe(1);
  });

  it.each([
    ["a stopped container", { State: { Running: false } }],
    ["another limit of memory", { HostConfig: { Memory: 1 } }],
    ["another restart policy", { HostConfig: { RestartPolicy: { Name: "no" } } }],
  ])("not with %s", async (_what, change: { State?: object; HostConfig?: object }) => {
    const container = engine["/containers/c1/json"];
    answers["/containers/c1/json"] = {
      State: { ...container.State, ...change.State },
      HostConfig: { ...container.HostConfig, ...change.HostConfig },
    };
    expect(await exitCode({ resources })).toBe(1);
  });

  it("not in any doubt", async () => {
    expect(await exitCode({ resources, pending_operations: [{}] })).toBe(1);
    expect(await exitCode({ resources: [] })).toBe(1);
    expect(await exitCode("no state")).toBe(1);
    expect(await exitCode({ resources: [of("docker:index/tag:Tag", "t", {})] })).toBe(1);
    expect(await exitCode({ resources }, `unix://${folder}/none.sock`)).toBe(1);
  });
});
