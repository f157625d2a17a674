import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { until } from "../../support/process";
import { JobMachine } from "../../support/unit/jobMachine";

// The script of the deploy's job, with a stand-in of the wrapper around Pulumi, which notes what it was started with.
let machine: JobMachine;
beforeEach(() => {
  machine = new JobMachine();
  machine.write(
    "scripts/wrapper/main.ts",
    `const { readFileSync, writeFileSync, existsSync } = require("node:fs");
     const words = process.argv.slice(2);
     const config = readFileSync(words[words.indexOf("--config-file") + 1], "utf8");
     const docker = process.env.DOCKER_CONFIG;
     const login = docker ? readFileSync(docker + "/config.json", "utf8") : "";
     writeFileSync(process.env.HOME + "/up", JSON.stringify({ words, config, docker, login }));
     while (existsSync(process.env.HOME + "/wait")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
     process.exit(Number(process.env.UP_SAYS ?? 0));`,
  );
});
afterEach(() => machine.remove());

interface Up {
  words: string[];
  config: string;
  docker?: string;
  login: string;
}
const up = () => JSON.parse(machine.read("up")) as Up;
const login = { LATERBASE_REGISTRY_USER: "ci", LATERBASE_REGISTRY_PASSWORD: "of the job" };
const tags = (calls: string[]) => calls.filter((one) => one.startsWith("pulumi stack tag"));

it("brings the stack up with the images of this commit, and notes its version", () => {
  const { code, out, calls } = machine.job("deploy.sh dev", { ...machine.secrets, ...login });
  expect([code, out]).toEqual([
    0,
    "laterbase: deploying stack dev with the images 3f2a9c1 of registry.example.com/group/project\n" +
      "laterbase: the commands above are for the stack of this pipeline only with --stack organization/laterbase/dev: docs/pipelines.md.\n",
  ]);
  const { words, config, docker, login: written } = up();
  const file = `${machine.checkout}/.laterbase/ci/Pulumi.dev.yaml`;
  expect(words).toEqual(["up", "--stack", "dev", "--config-file", file, "--yes"]);
  expect(config).toContain(
    "laterbase:images:\n    registry: registry.example.com/group/project\n    tag: 3f2a9c1\n",
  );
  expect(JSON.parse(written)).toEqual({
    auths: { "registry.example.com": { auth: Buffer.from("ci:of the job").toString("base64") } },
  });
  expect([docker, existsSync(docker!)]).toEqual([expect.any(String), false]);
  expect(tags(calls)).toEqual([
    "pulumi stack tag get laterbase:version --stack dev --non-interactive",
    "pulumi stack tag set laterbase:version 0.1.0 --stack dev --non-interactive",
  ]);
  // Nothing is built, and no base image is looked for.
  expect(calls.filter((one) => /\b(import|copy)\b/.test(one))).toEqual([]);
});

it("ends with the code of the run, and notes no version of one that failed", () => {
  const { code, calls } = machine.job("deploy.sh dev", { ...machine.secrets, UP_SAYS: "3" });
  expect([code, tags(calls).length]).toEqual([3, 1]);
});

it.each(["LATERBASE_REGISTRY", "LATERBASE_TAG", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"])(
  "deploys nothing without %s",
  (name) => {
    const { code, out, calls } = machine.job("deploy.sh dev", { ...machine.secrets, [name]: "" });
    expect([code, out, calls]).toEqual([
      1,
      `laterbase: ${name} is not set, so stack dev cannot be deployed: docs/pipelines.md#variables has every variable.\n`,
      expect.not.arrayContaining([expect.stringMatching(/^pulumi|^engine/)]),
    ]);
  },
);

it("deploys nothing with a key of a newer version", () => {
  machine.write("Pulumi.dev.yaml", "config:\n  laterbase:pooler: { port: 6432, fast: true }\n");
  const { code, out } = machine.job("deploy.sh dev", { ...machine.secrets, TAG_SAYS: "0.10.0" });
  expect([code, out, machine.has("up")]).toEqual([
    1,
    "laterbase: laterbase:pooler.fast is a key of a newer Laterbase: version 0.10.0 deployed stack dev last, and this is version 0.1.0. " +
      "Deploy version 0.10.0 or newer, or take the key out of Pulumi.dev.yaml.\n",
    false,
  ]);
});

it("deploys no older commit after a newer one, unless a person wants it", () => {
  const git = (...words: string[]) =>
    execFileSync("git", words, { cwd: machine.checkout, encoding: "utf8" }).trim();
  const person = ["-c", "user.name=A Person", "-c", "user.email=person@example.com"];
  const commit = () => {
    git(...person, "commit", "--quiet", "--allow-empty", "--message", "A change");
    return git("rev-parse", "HEAD");
  };
  git("init", "--quiet");
  const [older, newer] = [commit(), commit()];
  git("checkout", "--quiet", older);
  machine.stub("git", `exec ${execFileSync("which", ["git"], { encoding: "utf8" }).trim()} "$@"`);
  const refused = machine.job("deploy.sh dev", { ...machine.secrets, TAG_SAYS: newer });
  expect([refused.code, refused.out, machine.has("up")]).toEqual([
    1,
    expect.stringContaining(
      `Commit ${newer.slice(0, 8)} deployed stack dev last, and this is ${older.slice(0, 8)}, an older one`,
    ),
    false,
  ]);
  const wanted = { ...machine.secrets, TAG_SAYS: newer, LATERBASE_ROLLBACK: "yes" };
  const { code, calls } = machine.job("deploy.sh dev", wanted);
  expect([code, tags(calls).at(-1)]).toEqual([
    0,
    `pulumi stack tag set laterbase:commit ${older} --stack dev --non-interactive`,
  ]);
});

it("deploys no dumps into the checkout of its job", () => {
  machine.write("Pulumi.dev.yaml", "config:\n  laterbase:dumps: { path: ./backups }\n");
  const { code, out } = machine.job("deploy.sh dev");
  expect([code, out, machine.has("up")]).toEqual([
    1,
    expect.stringMatching(
      /^laterbase: laterbase:dumps\.path in Pulumi\.dev\.yaml must be an absolute path in a pipeline, /,
    ),
    false,
  ]);
});

it("removes the lock of a run that was killed on this machine, and no other", () => {
  const folder = join(machine.folder, "state/.pulumi/locks/organization/laterbase/dev");
  mkdirSync(folder, { recursive: true });
  const lock = (file: string, pid: number) =>
    writeFileSync(
      join(folder, file),
      JSON.stringify({
        pid,
        username: "ci",
        hostname: hostname(),
        timestamp: "2026-01-01T00:00:00Z",
      }),
    );
  // No process has the first number; the second one's is no Pulumi.
  lock("a.json", 4_999_999);
  lock("b.json", process.pid);
  const { code, out } = machine.job("deploy.sh dev");
  expect([code, readdirSync(folder)]).toEqual([0, []]);
  expect(out).toContain("The run of process 4999999 has ended and left its lock: it is removed.\n");
});

it("waits for a run that is at work", async () => {
  const folder = join(machine.folder, "state/.pulumi/locks/organization/laterbase/dev");
  mkdirSync(folder, { recursive: true });
  const lock = { pid: 1, username: "ci", hostname: "another", timestamp: "2026-01-01T00:00:00Z" };
  writeFileSync(join(folder, "a.json"), JSON.stringify(lock));
  const job = started();
  await until(
    "it waits",
    () =>
      Promise.resolve(
        job.said.includes("Another run is at work on stack organization/laterbase/dev"),
      ),
    60,
  );
  expect(machine.has("up")).toBe(false);
  rmSync(join(folder, "a.json"));
  expect(await job.ended).toBe(0);
  expect(machine.has("up")).toBe(true);
});

it("lets one of two deploys wait", async () => {
  writeFileSync(join(machine.home, "wait"), "");
  const first = started();
  await until("the first deploys", () => Promise.resolve(machine.has("up")), 60);
  rmSync(join(machine.home, "up"));
  const second = started();
  const waits =
    "laterbase: another deploy of stack dev is at work on this machine; this one waits.\n";
  await until("the second waits", () => Promise.resolve(second.said === waits), 60);
  expect(machine.has("up")).toBe(false);
  rmSync(join(machine.home, "wait"));
  expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
  expect(machine.has("up")).toBe(true);
});

/** A deploy that runs beside the test. */
function started() {
  const child = spawn("/bin/bash", ["scripts/ci/deploy.sh", "dev"], {
    cwd: machine.checkout,
    env: { ...machine.env, ...machine.secrets },
  });
  const job = { said: "", ended: new Promise<number | null>((done) => child.on("close", done)) };
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (job.said += chunk.toString()));
  return job;
}
