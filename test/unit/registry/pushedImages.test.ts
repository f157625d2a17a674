import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pushedImages } from "../../../scripts/registry/pushedImages";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const folder = mkdtempSync(join(tmpdir(), "lbt-pushed-"));
const config = process.env["DOCKER_CONFIG"];
/** What an engine answers about an image: a digest, or a status. */
const answers: Record<string, string | [number, string]> = {};
const logins: unknown[] = [];
/** What images are built for, by the engine's answer, and what the engine is. */
let platforms: { architecture: string; os: string }[] | undefined;
let own: string | undefined;
let server: Server;
let host: string;

/** An engine, as far as it asks registries. */
beforeAll(async () => {
  server = createServer(({ url = "", headers }, response) => {
    if (url.endsWith("/version") && own === "silent") return;
    if (url.endsWith("/version"))
      return void response.writeHead(own ? 200 : 500).end(JSON.stringify({ Arch: own }));
    const name = decodeURIComponent(/\/distribution\/(.*)\/json$/.exec(url)?.[1] ?? "");
    const login = headers["x-registry-auth"];
    logins.push(login && JSON.parse(Buffer.from(String(login), "base64url").toString()));
    const answer = answers[name] ?? [404, "manifest unknown"];
    if (typeof answer === "string") {
      response.end(JSON.stringify({ Descriptor: { digest: answer }, Platforms: platforms }));
    } else {
      response.writeHead(answer[0]).end(JSON.stringify({ message: answer[1] }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
  process.env["DOCKER_CONFIG"] = folder;
});
afterAll(() => {
  server.close();
  if (config === undefined) delete process.env["DOCKER_CONFIG"];
  else process.env["DOCKER_CONFIG"] = config;
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  logins.length = 0;
  [platforms, own] = [undefined, undefined];
  for (const name of Object.keys(answers)) delete answers[name];
  rmSync(join(folder, "config.json"), { force: true });
});

const place = { registry: "registry.example.com/p", tag: "3f2a9c1" };
const build = (name: string) => ({ name, tag: `laterbase/${name}:a`, context: "c", buildArgs: {} });
const images = {
  postgres: build("postgres-17"),
  agent: build("agent-17"),
  ofelia: { pulled: "mcuadros/ofelia:0.3.21" },
};

it("gives each image of ours by its digest, and leaves those of others alone", async () => {
  answers["registry.example.com/p/postgres-17:3f2a9c1"] = digest("1");
  answers["registry.example.com/p/agent-17:3f2a9c1"] = digest("2");
  expect(await pushedImages(images, place, host)).toEqual({
    images: {
      postgres: { pushed: `registry.example.com/p/postgres-17@${digest("1")}`, pinned: true },
      agent: { pushed: `registry.example.com/p/agent-17@${digest("2")}`, pinned: true },
    },
    refused: [],
    unknown: [],
  });
  expect(logins).toEqual([undefined, undefined]);
});

it("asks with the login of Docker's own configuration, and says which registry has one", async () => {
  const auth = Buffer.from("ci:S3cret").toString("base64");
  const file = JSON.stringify({ auths: { "registry.example.com": { auth } } });
  writeFileSync(join(folder, "config.json"), file);
  answers["registry.example.com/p/postgres-17:3f2a9c1"] = digest("1");
  const { login } = await pushedImages({ postgres: build("postgres-17") }, place, host);
  expect(login).toBe("registry.example.com");
  const sent = { serveraddress: "registry.example.com", username: "ci", password: "S3cret" };
  expect(logins).toEqual([sent]);
});

it("refuses a tag that the registry does not have, for all images in one sentence", async () => {
  expect(await pushedImages(images, place, host)).toMatchObject({
    images: {
      postgres: { pushed: "registry.example.com/p/postgres-17:3f2a9c1", pinned: false },
    },
    refused: [
      "laterbase:images.tag must be a tag that a pipeline has pushed; registry.example.com has no " +
        "registry.example.com/p/postgres-17:3f2a9c1, registry.example.com/p/agent-17:3f2a9c1 ('docker login registry.example.com' was not run here).",
    ],
    unknown: [],
  });
});

it("names no login where there was one", async () => {
  const auth = Buffer.from("ci:S3cret").toString("base64");
  const file = JSON.stringify({ auths: { "registry.example.com": { auth } } });
  writeFileSync(join(folder, "config.json"), file);
  const { refused } = await pushedImages({ postgres: build("postgres-17") }, place, host);
  expect(refused).toEqual([
    "laterbase:images.tag must be a tag that a pipeline has pushed; registry.example.com has no registry.example.com/p/postgres-17:3f2a9c1.",
  ]);
});

it("says that a login is missing, and shows what a registry in trouble said on one line", async () => {
  answers["registry.example.com/p/postgres-17:3f2a9c1"] = [401, "no basic auth credentials"];
  answers["registry.example.com/p/agent-17:3f2a9c1"] = [500, "Get: connection\u001b[31m refused\n"];
  const { refused, unknown } = await pushedImages(images, place, host);
  expect([refused, unknown]).toEqual([
    [],
    [
      "registry.example.com, the registry of laterbase:images.registry, does not let this login read " +
        "registry.example.com/p/postgres-17:3f2a9c1: run 'docker login registry.example.com'.",
      "registry.example.com, the registry of laterbase:images.registry, did not say what it has as " +
        "registry.example.com/p/agent-17:3f2a9c1: Get: connection\\x1b[31m refused ('docker login registry.example.com' was not run here).",
    ],
  ]);
});

it("says that no engine answers", async () => {
  const free = await new Promise<number>((resolve) => {
    const taken = createServer().listen(0, "127.0.0.1", () => {
      const { port } = taken.address() as AddressInfo;
      taken.close(() => resolve(port));
    });
  });
  const gone = `tcp://127.0.0.1:${free}`;
  const { unknown } = await pushedImages({ postgres: build("postgres-17") }, place, gone);
  expect(unknown).toEqual([
    "registry.example.com, the registry of laterbase:images.registry, could not be asked for " +
      `registry.example.com/p/postgres-17:3f2a9c1. No Docker engine answers at ${gone}: nothing listens at its address. ` +
      "Start it, or set DOCKER_HOST to another one.",
  ]);
});

describe("an image for another architecture", () => {
  const found = async () =>
    (await pushedImages({ postgres: build("postgres-17") }, place, host, 300)).doubtful;
  beforeEach(() => {
    answers["registry.example.com/p/postgres-17:3f2a9c1"] = digest("1");
    platforms = [{ architecture: "amd64", os: "linux" }];
  });

  it("is named before it does not start", async () => {
    own = "arm64";
    expect(await found()).toEqual([
      "registry.example.com/p/postgres-17 is built for amd64, and the stack's engine is arm64: such an image starts only " +
        "where that engine emulates the other one, and then slowly. Let the pipeline build on an engine for arm64.",
    ]);
  });

  it("is none where one of its architectures fits, or nobody says which", async () => {
    own = "amd64";
    expect(await found()).toBeUndefined();
    for (own of [undefined, "silent"]) expect(await found()).toBeUndefined();
    [platforms, own] = [[], "arm64"];
    expect(await found()).toBeUndefined();
  });
});
