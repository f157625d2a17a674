import type Docker from "dockerode";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { ImageBuild } from "../../../images/build";
import { project } from "../../../images/build/context";
import { makeImages, type Target } from "../../../scripts/ci/images/build";
import { publish } from "../../../scripts/ci/images/publish";

// An engine that keeps what it is told. What this does not prove: that an engine does it.
const folder = mkdtempSync(join(tmpdir(), "lbt-images-"));
mkdirSync(join(folder, "context"));
writeFileSync(join(folder, "context/Dockerfile"), "FROM scratch\n");
afterAll(() => rmSync(folder, { recursive: true }));

const registry = "registry.example.com/p";
const build = (name: string, base: string): ImageBuild => ({
  name,
  tag: `laterbase/${name}:${name}-abc`,
  context: relative(project, join(folder, "context")),
  buildArgs: { BASE: base },
});
const images = [
  build("postgres", "debian:trixie-slim"),
  build("agent", "laterbase/postgres:postgres-abc"),
];
const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const none = Object.assign(new Error("no such image"), { statusCode: 404 });

let calls: string[];
let labels: unknown[];
/** Of each build: whether the engine may not use what it still has. */
let anew: boolean[];
let said: string[];
/** What the registry has, by name and tag. */
let has: Record<string, string>;
let broken: string | undefined;

const messages = (...all: object[]) =>
  Promise.resolve(Readable.from(all.map((one) => Buffer.from(`${JSON.stringify(one)}\n`))));

interface BuildOptions {
  t: string;
  buildargs: { BASE: string };
  labels: object;
  nocache?: boolean;
}

const engine = {
  getImage: (name: string) => ({
    distribution: () =>
      has[name] === "broken"
        ? Promise.reject(Object.assign(new Error("bad gateway"), { statusCode: 500 }))
        : has[name]
          ? Promise.resolve({ Descriptor: { digest: has[name] } })
          : Promise.reject(none),
    history: () =>
      name.startsWith("debian")
        ? Promise.reject(none)
        : Promise.resolve([{ Size: 40 }, { Size: 2 }]),
    tag: ({ repo, tag }: { repo: string; tag: string }) => {
      calls.push(`tag ${name} as ${repo.slice(registry.length + 1)}:${tag}`);
      return Promise.resolve();
    },
    push: ({ tag, authconfig }: { tag: string; authconfig: { serveraddress: string } }) => {
      const image = `${name}:${tag}`;
      expect(authconfig.serveraddress).toBe("registry.example.com");
      calls.push(`push ${image.slice(registry.length + 1)}`);
      if (broken === image) return messages({ status: "Preparing" }, { error: "denied\n" });
      has[image] = digest("9");
      return messages({ status: "Pushed" });
    },
  }),
  buildImage: async (context: Readable, options: BuildOptions) => {
    await buffer(context);
    calls.push(`build ${options.t.slice(registry.length + 1)} on ${options.buildargs.BASE}`);
    labels.push(options.labels);
    anew.push(options.nocache === true);
    return messages({ stream: "Step 1/1" });
  },
  pull: (name: string) => {
    calls.push(`pull ${name.slice(registry.length + 1)}`);
    return messages({ status: "Pull complete" });
  },
} as unknown as Docker;

const target = (change: Partial<Target> = {}): Target => ({
  engine,
  login: { serveraddress: "registry.example.com", username: "ci", password: "p" },
  ...{ registry, tag: "1a2b3c4", prefix: "", labels: { revision: "1a2b3c4" }, fresh: false },
  say: (line) => said.push(line),
  ...change,
});

beforeEach(() => {
  [calls, labels, anew, said, has, broken] = [[], [], [], [], {}, undefined];
});

it("builds an image on the one that was just made, with the labels, under the tag of its content", async () => {
  const made = await makeImages(images, target());
  expect(calls).toEqual([
    "build postgres:content-postgres-abc on debian:trixie-slim",
    `build agent:content-agent-abc on ${registry}/postgres:content-postgres-abc`,
  ]);
  expect(labels).toEqual([{ revision: "1a2b3c4" }, { revision: "1a2b3c4" }]);
  expect(anew).toEqual([false, false]);
  expect(made.map(({ name, bytes, baseBytes }) => [name, bytes, baseBytes])).toEqual([
    ["postgres", 42, 0],
    ["agent", 42, 42],
  ]);
});

it("pulls what the registry has, and builds the rest on it", async () => {
  has[`${registry}/postgres:content-postgres-abc`] = digest("1");
  await makeImages(images, target());
  expect(calls).toEqual([
    "pull postgres:content-postgres-abc",
    `build agent:content-agent-abc on ${registry}/postgres:content-postgres-abc`,
  ]);
  expect(said[0]).toBe(`postgres: the registry has it already (${digest("1")})`);
});

it("does not build what the registry may have, when that gives no answer", async () => {
  has[`${registry}/postgres:content-postgres-abc`] = "broken";
  await expect(makeImages(images, target())).rejects.toThrow(
    `Nobody could say whether the registry has ${registry}/postgres:content-postgres-abc already: bad gateway.`,
  );
  expect(calls.filter((call) => call.startsWith("build"))).toEqual([]);
});

it("builds also what the registry or the engine has where that is asked for", async () => {
  has[`${registry}/postgres:content-postgres-abc`] = digest("1");
  await makeImages(images, target({ fresh: true }));
  expect(calls.map((call) => call.split(" ")[0])).toEqual(["build", "build"]);
  expect(anew).toEqual([true, true]);
});

it("pushes `latest` after everything else", async () => {
  const to = target();
  const made = await makeImages(images, to);
  calls = [];
  expect(await publish(made, to)).toEqual([
    {
      name: "postgres",
      image: `${registry}/postgres`,
      tag: "1a2b3c4",
      digest: digest("9"),
      bytes: 42,
    },
    { name: "agent", image: `${registry}/agent`, tag: "1a2b3c4", digest: digest("9"), bytes: 42 },
  ]);
  expect(calls.filter((call) => call.startsWith("push"))).toEqual([
    "push postgres:content-postgres-abc",
    "push postgres:1a2b3c4",
    "push agent:content-agent-abc",
    "push agent:1a2b3c4",
    "push postgres:latest",
    "push agent:latest",
  ]);
});

it("ends at a push that is refused, and moves no `latest`", async () => {
  const to = target();
  const made = await makeImages(images, to);
  calls = [];
  broken = `${registry}/agent:content-agent-abc`;
  await expect(publish(made, to)).rejects.toThrow(
    `The image ${registry}/agent:content-agent-abc cannot be pushed: denied.`,
  );
  expect(calls.filter((call) => call.includes("latest"))).toEqual([]);
});

const pushes = () => calls.filter((call) => call.startsWith("push"));

it("pushes no tag of a content that the registry has, because another run may have replaced it", async () => {
  has[`${registry}/postgres:content-postgres-abc`] = digest("1");
  const to = target();
  const made = await makeImages([images[0]!], to);
  has[`${registry}/postgres:content-postgres-abc`] = digest("2");
  await publish(made, to);
  expect(pushes()).toEqual(["push postgres:1a2b3c4", "push postgres:latest"]);
  expect(has[`${registry}/postgres:content-postgres-abc`]).toBe(digest("2"));
});

it("takes a content that another run has pushed during the build", async () => {
  const to = target();
  const made = await makeImages([images[0]!], to);
  has[`${registry}/postgres:content-postgres-abc`] = digest("2");
  [calls, said] = [[], []];
  await publish(made, to);
  expect(calls).toEqual([
    "pull postgres:content-postgres-abc",
    `tag ${registry}/postgres:content-postgres-abc as postgres:1a2b3c4`,
    "push postgres:1a2b3c4",
    `tag ${registry}/postgres:content-postgres-abc as postgres:latest`,
    "push postgres:latest",
  ]);
  expect(said).toEqual(["postgres: another pipeline has pushed it by now, so it is pulled"]);
});

it("replaces a content where it is built anew on purpose", async () => {
  has[`${registry}/postgres:content-postgres-abc`] = digest("1");
  const to = target({ fresh: true });
  await publish(await makeImages([images[0]!], to), to);
  expect(pushes()[0]).toBe("push postgres:content-postgres-abc");
});

describe("what is not reviewed", () => {
  const request = { tag: "mr-1a2b3c4", prefix: "mr-" };

  it("gets tags of its own, and no `latest`", async () => {
    const to = target(request);
    await publish(await makeImages([images[0]!], to), to);
    expect(calls[0]).toBe("build postgres:mr-content-postgres-abc on debian:trixie-slim");
    expect(pushes()).toEqual(["push postgres:mr-content-postgres-abc", "push postgres:mr-1a2b3c4"]);
  });

  it("takes a reviewed image of the same content first, and then its own", async () => {
    has[`${registry}/postgres:mr-content-postgres-abc`] = digest("3");
    const to = target(request);
    await publish(await makeImages([images[0]!], to), to);
    expect(pushes()).toEqual(["push postgres:mr-1a2b3c4"]);
    has[`${registry}/postgres:content-postgres-abc`] = digest("1");
    await publish(await makeImages([images[0]!], to), to);
    expect(calls.filter((call) => call.startsWith("pull"))).toEqual([
      "pull postgres:mr-content-postgres-abc",
      "pull postgres:content-postgres-abc",
    ]);
  });

  it("is nothing that a protected pipeline takes", async () => {
    has[`${registry}/postgres:mr-content-postgres-abc`] = digest("3");
    const to = target();
    await publish(await makeImages([images[0]!], to), to);
    expect(calls[0]).toBe("build postgres:content-postgres-abc on debian:trixie-slim");
    expect(pushes()[0]).toBe("push postgres:content-postgres-abc");
  });
});
