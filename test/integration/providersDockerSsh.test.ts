import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { connect } from "../../scripts/engine/connect";
import { Sshd } from "../support/providersSshd";
import {
  baseImage,
  type Declarations,
  docker,
  embeddedPlugins,
  Trial,
} from "../support/providersTrial";

jest.setTimeout(600_000);

const id = `lbt-ssh-${process.pid}`;
const base = baseImage();

let sshd: Sshd;
let plugins: string;
let trial: Trial;

beforeAll(async () => {
  sshd = await Sshd.start();
  plugins = embeddedPlugins();
  trial = new Trial(plugins);
  await trial.init();
});

afterAll(async () => {
  await trial.end().finally(() => sshd.end());
  rmSync(plugins, { recursive: true });
});

function host(): string {
  return `ssh://${userInfo().username}@127.0.0.1:${sshd.port}`;
}

function program(count: number, sshOpts = sshd.options()): Declarations {
  const options = { provider: "engine" };
  const names = Array.from({ length: count }, (_, i) => `many${i}`);
  return {
    engine: { type: "docker.Provider", inputs: { host: host(), sshOpts } },
    image: {
      type: "docker.RemoteImage",
      inputs: { name: `${id}:1`, build: { context: "context", buildArgs: { BASE: base } } },
      options,
    },
    net: { type: "docker.Network", inputs: { name: id }, options },
    ...Object.fromEntries(
      names.map((name) => [
        name,
        { type: "docker.Volume", inputs: { name: `${id}-${name}` }, options },
      ]),
    ),
    server: {
      type: "docker.Container",
      inputs: {
        name: id,
        image: "${image.imageId}",
        command: ["sleep", "1000"],
        networksAdvanced: [{ name: "${net.name}" }],
        uploads: [{ file: "/etc/x", content: "over ssh" }],
        healthcheck: { tests: ["CMD", "true"], interval: "1s" },
        wait: true,
      },
      options,
    },
  };
}

it("creates many resources at once on an engine behind SSH", async () => {
  mkdirSync(join(trial.folder, "context"));
  writeFileSync(
    join(trial.folder, "context/Dockerfile"),
    "ARG BASE\nFROM ${BASE}\nRUN echo built\n",
  );
  trial.declare(program(20));
  const { code, text } = await trial.up("--parallel", "32");
  if (code !== 0) throw new Error(text);
  expect(docker("exec", id, "cat", "/etc/x")).toBe("over ssh");
  expect(docker("volume", "ls", "-q", "--filter", `name=${id}`).split("\n")).toHaveLength(20);
});

it("has no changes afterwards", async () => {
  expect(await trial.preview("--refresh")).toEqual({});
});

it("refuses a server with an unknown key", async () => {
  const unknown = connect({ host: host(), sshOpts: sshd.options("/dev/null") });
  await expect(unknown.ping()).rejects.toThrow("Host key verification failed");
});

it("shows the message of ssh when a login fails", async () => {
  const sshOpts = [...sshd.options(), "-o", "PubkeyAuthentication=no"];
  await expect(connect({ host: host(), sshOpts }).ping()).rejects.toThrow("Permission denied");
});

it("runs a command in a container over SSH, with its input and output", async () => {
  const engine = connect({ host: host(), sshOpts: sshd.options() });
  const exec = await engine.getContainer(id).exec({
    Cmd: ["tr", "a-z", "A-Z"],
    AttachStdin: true,
    AttachStdout: true,
  });
  const stream = await exec.start({ hijack: true, stdin: true });
  stream.end("loud");
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  expect(Buffer.concat(chunks).toString()).toContain("LOUD");
});

it("removes everything again", async () => {
  await trial.ok("destroy", "--yes", "--skip-preview", "--non-interactive");
  expect(docker("ps", "-aq", "--filter", `name=${id}`)).toBe("");
  expect(docker("volume", "ls", "-q", "--filter", `name=${id}`)).toBe("");
});
