import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join, resolve } from "node:path";
import { ownEnvironment } from "../../../scripts/cli/servers/migration";
import { FakePulumi } from "../../support/fakePulumi";
import { until } from "../../support/process";

// `laterbase migrate` as a process, with programs that tell what they got. No backups are there: the trial `migrations`
// has restore points, real tools and a real server.
jest.setTimeout(60_000);

// In the folder where the program itself is bundled, so that it finds its packages.
const cli = resolve(`node_modules/.cache/laterbase/cli/test-${process.pid}.cjs`);
const url = "postgresql://jarvis:s3cr%40t@127.0.0.1:5432/app";
const inside = "postgresql://jarvis:s3cr%40t@laterbase-x-primary:5432/app";
const node = process.execPath;
const primary = { kind: "managed", version: 17, port: 1, databases: ["app"] };

beforeAll(() => execFileSync(node, ["scripts/cli/bundle.mjs", cli]));
afterAll(() => rmSync(cli, { force: true }));

let pulumi: FakePulumi;
let children: ChildProcess[] = [];
beforeEach(() => {
  pulumi = new FakePulumi();
  pulumi.logIn();
  writeFileSync("Pulumi.x.yaml", "config: {}\n");
  mkdirSync("app");
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
  pulumi.remove();
});

/** Starts the command for an application with these migrations. */
function start(migrate: object | undefined, words = ["jarvis"], more: NodeJS.ProcessEnv = {}) {
  const config = {
    "laterbase:primary": { value: JSON.stringify(primary) },
    "laterbase:applications": {
      value: JSON.stringify({
        jarvis: { database: "app", ...(migrate ? { migrate } : {}) },
        other: { database: "b" },
      }),
    },
  };
  const uris = { direct: url, internal: { direct: inside } };
  writeFileSync("config.json", JSON.stringify(config));
  const outputs = { primary: { container: "laterbase-x-primary" }, connections: { app: uris } };
  writeFileSync("outputs.json", JSON.stringify(outputs));
  const resources = [{ urn: "x", type: "pulumi:pulumi:Stack", outputs }];
  writeFileSync("state.json", JSON.stringify({ deployment: { resources } }));
  pulumi.does(`case "$1 $2" in
    "stack export") cat ${pulumi.folder}/state.json ;;
    "stack output") cat ${pulumi.folder}/outputs.json ;;
    "config --json") cat ${pulumi.folder}/config.json ;;
  esac`);
  const args = [cli, "--stack", "x", "migrate", ...words];
  const child = spawn(node, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...{ PULUMI_CONFIG_PASSPHRASE: "of the stack", PULUMI_BACKEND_URL: "https://state.example" },
      ...{ LATERBASE_X: "1", ...more },
    },
  });
  children.push(child);
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (text: Buffer) => (said.stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (said.stderr += text.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((done) =>
    child.once("close", (code) => done({ code, ...said })),
  );
  return { child, ended, said };
}

const run = (...call: Parameters<typeof start>) => start(...call).ended;

const here = (script: string) => ({ command: [node, "-e", script], directory: "app" });
const noBackups = "The stack makes no backups, so there is no restore point to go back to.\n";

it("runs the program in its folder, with the direct connection in its environment alone", async () => {
  const script = `const { env } = process;
    console.log(JSON.stringify([process.cwd(), env.DATABASE_URL, process.argv.slice(1)]));
    console.error(Object.keys(env).filter((name) => /^(PULUMI|LATERBASE)_/.test(name)).join());`;
  const migrate = { command: [node, "-e", script, "a b", "$HOME;"], directory: "./app" };
  const { code, stdout, stderr } = await run(migrate);
  expect([code, stderr]).toEqual([0, `${noBackups}\n`]);
  const [first = "", ...rest] = stdout.split("\n");
  expect(JSON.parse(first)).toEqual([join(process.cwd(), "app"), url, ["a b", "$HOME;"]]);
  expect(rest).toEqual(["jarvis has migrated.", "No restore point was made before it.", ""]);
});

it("keeps standard output for its one value with --json, and passes the output on elsewhere", async () => {
  const { code, stdout, stderr } = await run(here("console.log('made tables')"), [
    "jarvis",
    "--json",
  ]);
  expect([code, JSON.parse(stdout)]).toEqual([0, { application: "jarvis", exitCode: 0 }]);
  expect(stderr).toBe(`${noBackups}made tables\n`);
});

it("keeps the program's exit code, and never prints the connection", async () => {
  const ran = await run(here("console.error('half'); process.exit(7)"));
  expect(ran).toEqual({
    code: 7,
    stdout: "",
    stderr: `${noBackups}half\nlaterbase: The migration of jarvis failed: ${node} ended with exit code 7. No restore point was made before it.\n`,
  });
  const json = await run(here("process.exit(9)"), ["--json", "jarvis"]);
  expect([json.code, JSON.parse(json.stdout)]).toEqual([9, { application: "jarvis", exitCode: 9 }]);
  expect(JSON.stringify([ran, json])).not.toContain("s3cr");
});

it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
  "passes %s on, and waits for the end",
  async (signal) => {
    const script = `process.on("${signal}", () => setTimeout(() => {
      require("node:fs").writeFileSync("tidied", ""); process.exit(5); }, 300));
    setInterval(() => undefined, 1000); console.log("begun");`;
    const { child, ended, said } = start(here(script));
    await until("it has begun", () => Promise.resolve(said.stdout.includes("begun")));
    child.kill(signal);
    const { code, stderr } = await ended;
    expect([code, existsSync("app/tidied")]).toEqual([5, true]);
    expect(stderr).toContain(`${node} ended with exit code 5.`);
  },
);

it("says which signal ended it", async () => {
  const { code, stderr } = await run(here("process.kill(process.pid, 'SIGKILL')"));
  expect([code, stderr]).toEqual([
    137,
    `${noBackups}laterbase: SIGKILL ended ${node}, the migration of jarvis. No restore point was made before it.\n`,
  ]);
});

it("says it when there is no such program, or when it may not be run", async () => {
  const missing = await run({ command: ["no-such-tool", "up"], directory: "app" });
  expect([missing.code, missing.stderr]).toEqual([
    127,
    `${noBackups}laterbase: The migration of jarvis did not run to its end: there is no program no-such-tool. No restore point was made before it.\n`,
  ]);
  writeFileSync("app/plain", "text");
  const plain = await run({ command: ["./plain"], directory: "app" });
  expect([plain.code, plain.stderr]).toEqual([
    126,
    `${noBackups}laterbase: The migration of jarvis did not run to its end: ./plain may not be run. No restore point was made before it.\n`,
  ]);
});

const migrate = { command: ["true"], directory: "app" };

it.each<[string, string, number, string, object | undefined]>([
  [
    "an application that there is not",
    "jarvs",
    2,
    'There is no application "jarvs": choose from jarvis, other.',
    migrate,
  ],
  [
    "one without migrations",
    "other",
    4,
    "laterbase:applications.other.migrate is not set, so nobody knows how other migrates: set it, such as { command: [alembic, upgrade, head], directory: ../other }.",
    migrate,
  ],
  [
    "a folder that is not there",
    "jarvis",
    4,
    "There is no folder CWD/nowhere, which laterbase:applications.jarvis.migrate.directory names: nothing was run.",
    { ...migrate, directory: "nowhere" },
  ],
  [
    "a file in the place of a folder",
    "jarvis",
    4,
    "CWD/Pulumi.x.yaml, which laterbase:applications.jarvis.migrate.directory names, is no folder: nothing was run.",
    { ...migrate, directory: "Pulumi.x.yaml" },
  ],
  [
    "neither folder nor container",
    "jarvis",
    1,
    "laterbase:applications.jarvis.migrate must have either directory or container, which say where its command runs; neither is set (set in Pulumi.x.yaml).",
    { command: ["true"] },
  ],
])("refuses %s", async (_what, name, code, sentence, own) => {
  const ran = await run(own, [name]);
  const wanted = sentence.replace("CWD", process.cwd());
  expect([ran.code, ran.stderr, ran.stdout]).toEqual([code, `laterbase: ${wanted}\n`, ""]);
});

describe("in a container", () => {
  let engine: Server;
  let host = "";
  let answer: [number, object] = [404, { message: "No such container" }];
  beforeEach(async () => {
    engine = createServer((_request, response) => {
      response.writeHead(answer[0], { "content-type": "application/json" });
      response.end(JSON.stringify(answer[1]));
    });
    const socket = join(process.cwd(), "engine.sock");
    host = `unix://${socket}`;
    await new Promise<void>((done) => engine.listen(socket, done));
  });
  afterEach(() => new Promise((done) => engine.close(done)));

  const found = (State: object, Networks: object): [number, object] => [
    200,
    { State, NetworkSettings: { Networks } },
  ];
  const key = "laterbase:applications.jarvis.migrate.container";

  it.each<[string, () => [number, object], string]>([
    [
      "is not there",
      () => [404, {}],
      `There is no container web, which ${key} names: nothing was run.`,
    ],
    [
      "does not run",
      () => found({ Running: false }, {}),
      `The container web, which ${key} names, does not run: 'docker start web'. Nothing was run.`,
    ],
    [
      "is paused",
      () => found({ Running: true, Paused: true }, {}),
      `The container web, which ${key} names, does not run: 'docker unpause web'. Nothing was run.`,
    ],
    [
      "is in another network",
      () => found({ Running: true }, { bridge: {} }),
      "The container web is not in the network laterbase-x, so it does not reach the primary: 'docker network connect laterbase-x web'. Nothing was run.",
    ],
  ])("refuses one that %s", async (_what, says, sentence) => {
    answer = says();
    const own = { command: ["true"], container: "web" };
    const ran = await run(own, ["jarvis"], { DOCKER_HOST: host });
    expect([ran.code, ran.stderr]).toEqual([4, `laterbase: ${sentence}\n`]);
  });
});

it("takes what is Laterbase's out of an environment, and leaves the rest", () => {
  const env = {
    ...{ HOME: "/h", NO_COLOR: "1", PULUMI_CONFIG_PASSPHRASE: "x", LATERBASE_STACK_FILE: "y" },
    ...{ npm_lifecycle_event: "laterbase", npm_config_registry: "https://r", INIT_CWD: "/c" },
    ...{ npm_config_local_prefix: "/c", DATABASE_URL: "postgresql://other" },
    PATH: "/c/node_modules/.bin:/usr/bin:/app/bin",
  };
  expect(ownEnvironment(env)).toEqual({
    ...{ HOME: "/h", NO_COLOR: "1", npm_config_registry: "https://r", PATH: "/usr/bin:/app/bin" },
  });
});
