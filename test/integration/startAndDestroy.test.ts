import { randomBytes } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ok, type Ran, run } from "../support/process";

const project = resolve(__dirname, "../..");
const name = `lbt-setup-${randomBytes(3).toString("hex")}`;
const folder = mkdtempSync(join(tmpdir(), `${name}-`));
jest.setTimeout(600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the engine, asked without any package", () => {
  const engine = (...args: string[]) =>
    ok("node", [join(project, "scripts/setup/engine.mjs"), ...args], {
      // An ssh that is the same engine: what a remote one's own ssh runs.
      env: { PATH: `${folder}/ssh:${process.env["PATH"]}` },
    });
  const volume = `${name}-volume`;

  beforeAll(async () => {
    mkdirSync(join(folder, "ssh"));
    writeFileSync(join(folder, "ssh/ssh"), "#!/bin/sh\nexec docker system dial-stdio\n");
    chmodSync(join(folder, "ssh/ssh"), 0o755);
    mkdirSync(join(folder, "root"));
    writeFileSync(join(folder, "root/hello"), "hello\n");
    await ok("docker", ["volume", "create", "--label", `laterbase.stack=${name}`, volume]);
  });
  afterAll(async () => {
    await run("docker", ["volume", "rm", "-f", volume]);
    await run("docker", ["image", "rm", "-f", `${name}:1`]);
  });

  it.each([[[]], [["--host", "ssh://me@somewhere"]]])("%j answers", async (where) => {
    expect(await engine(...where, "ping")).toMatch(/^\d+\.\d+\S* \w+\n$/);
    expect(await engine(...where, "missing", `${name}:none`)).toBe(`${name}:none\n`);
    expect(await engine(...where, "volumes", `laterbase.stack=${name}`)).toBe(`${volume}\n`);
  });

  it("imports a tar, and copies the image to an engine over ssh", async () => {
    const arch = (await engine("ping")).trim().split(" ")[1] ?? "";
    const script = `tar -C ${folder}/root -c . | node scripts/setup/engine.mjs import ${name}:1 ${arch}`;
    await ok("bash", ["-c", script], { cwd: project });
    expect(await engine("missing", `${name}:1`)).toBe("");
    const inspected = await ok("docker", [
      "image",
      "inspect",
      "-f",
      "{{.Config.Cmd}} {{.Architecture}}",
      `${name}:1`,
    ]);
    expect(inspected).toBe(`[bash] ${arch}\n`);
    await engine("--host", "ssh://me@somewhere", "copy", `${name}:1`);
  });

  it("removes volumes, and says what hinders it", async () => {
    await engine("remove-volume", volume);
    expect(await engine("volumes", `laterbase.stack=${name}`)).toBe("");
    await engine("remove-volume", volume);
    const refused = await run("node", [
      join(project, "scripts/setup/engine.mjs"),
      "--host",
      `unix://${folder}/none.sock`,
      "ping",
    ]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/none\.sock: connect ENOENT/);
  });
});

/** A checkout with a small program in place of ours, and a HOME of its own for stack dev. */
describe("npm start and npm run destroy", () => {
  const checkout = join(folder, "checkout");
  const home = join(folder, "home");
  const data = join(home, ".local/share/laterbase");
  const locks = join(data, "state/.pulumi/locks/organization/laterbase/dev");
  const script = (
    file: string,
    args: string[] = [],
    more: { input?: string; env?: Record<string, string> } = {},
  ): Promise<Ran> =>
    run(join(checkout, "scripts/npm", file), args, {
      ...more,
      cwd: checkout,
      seconds: 120,
      env: {
        HOME: home,
        XDG_DATA_HOME: undefined,
        // The tools that set-up of this run found; they are not what is tested here.
        XDG_CACHE_HOME:
          process.env["XDG_CACHE_HOME"] ?? join(process.env["HOME"] ?? "/root", ".cache"),
        PULUMI_BACKEND_URL: undefined,
        PULUMI_CONFIG_PASSPHRASE: undefined,
        PULUMI_CONFIG_PASSPHRASE_FILE: undefined,
        ...more.env,
      },
    });

  beforeAll(() => {
    for (const path of [checkout, home]) mkdirSync(path);
    for (const path of [
      "scripts",
      "components",
      "contract",
      "images",
      "package-lock.json",
      "tsconfig.json",
      ".swcrc",
      "Pulumi.yaml",
      "Pulumi.dev.yaml",
    ])
      cpSync(join(project, path), join(checkout, path), {
        recursive: true,
        preserveTimestamps: true,
      });
    symlinkSync(join(project, "node_modules"), join(checkout, "node_modules"));
    writeFileSync(join(checkout, "package.json"), '{ "name": "laterbase" }\n');
    writeFileSync(join(checkout, "index.ts"), program);
  });

  it("makes the stack outside the checkout, and says what to open", async () => {
    const { code, stdout, stderr } = await script("start.sh", [], {
      env: { ROLE_DELETE: "echo no answer; exit 1" },
    });
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^laterbase: node \d+\S* · docker .* · pulumi .* · providers: .* · base images: /m,
    );
    expect(stdout).toMatch(/^Changes of stack dev:\n/m);
    expect(stdout).toMatch(/^ {2}created +preparation-role +\d+\.\d s$/m);
    expect(stdout).toMatch(/^Laterbase is up \(stack dev\)\.\n {2}primary +127\.0\.0\.1:8008$/m);
    expect(stdout.split("\n").length).toBeLessThan(40);
    expect(existsSync(join(home, ".local/share/laterbase/passphrase"))).toBe(true);
    expect(await ok("cat", [join(checkout, "Pulumi.dev.yaml")])).toBe(
      await ok("cat", [join(project, "Pulumi.dev.yaml")]),
    );
  });

  it("gives the CLI to scripts, and its words alone", async () => {
    const { stdout } = await script("pulumi.sh", ["stack", "output", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ primary: { port: 8008 } });
  });

  it("says how a state that was cut off comes back, and that works", async () => {
    const state = join(data, "state/.pulumi/stacks/laterbase/dev.json");
    truncateSync(state, 1000);
    const { code, stderr } = await script("start.sh");
    expect(code).toBe(1);
    const [sentence, command = "", last] = stderr.split("\n");
    expect(sentence).toContain(`${state} is damaged: it is not whole JSON. Its newest good copy`);
    expect(last).toContain("npm run pulumi -- refresh");
    await ok("bash", ["-c", command]);
    const { stdout } = await script("pulumi.sh", ["stack", "output", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ primary: { port: 8008 } });
  });

  it("refuses another passphrase than that of its state, and writes none anew", async () => {
    const passphrase = join(data, "passphrase");
    const own = readFileSync(passphrase);
    writeFileSync(passphrase, "another one\n");
    const other = await script("pulumi.sh", ["stack", "export"]);
    expect(other.stderr).toContain(`${passphrase} holds another passphrase`);
    rmSync(passphrase);
    expect((await script("start.sh")).stderr).toContain("the passphrase of stack dev is gone");
    expect(existsSync(passphrase)).toBe(false);
    writeFileSync(passphrase, own, { mode: 0o600 });
    expect((await script("pulumi.sh", ["stack", "export"])).code).toBe(0);
  });

  it("starts again after a run that was killed", async () => {
    mkdirSync(locks, { recursive: true });
    const host = (await ok("hostname", [])).trim();
    const lock = {
      pid: 4194303,
      username: "root",
      hostname: host,
      timestamp: "2026-01-01T00:00:00Z",
    };
    writeFileSync(join(locks, "0f3a.json"), JSON.stringify(lock));
    const { code, stdout } = await script("start.sh", [], {
      env: { ROLE_DELETE: "echo no answer; exit 1" },
    });
    expect(stdout).toContain("removing the lock of a run that has ended");
    expect(code).toBe(0);
  });

  it("lists what remains on a primary that does not answer, and how to skip it", async () => {
    const { code, stderr } = await script("destroy.sh");
    expect(code).toBe(1);
    expect(stderr).toContain('The role "laterbase_dev" remains on the primary 192.168.1.20:5432');
    expect(stderr).not.toContain("laterbase_standby_slot");
    expect(stderr).toContain("npm run destroy -- --primary-gone");
  });

  it("skips it when told to, and keeps what is protected", async () => {
    const { code, stdout } = await script("destroy.sh", ["--primary-gone"]);
    expect(code).toBe(0);
    expect(stdout).toContain('The role "laterbase_dev" remains');
    const left = await script("pulumi.sh", ["stack", "export"]);
    expect(left.stdout).toContain("::superuser");
    expect(left.stdout).not.toContain("preparation-role");
  });

  it("deletes the rest only when the stack's name is typed", async () => {
    const refused = await script("destroy.sh", ["--data"], { input: "yes\n" });
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain("nothing was deleted");
    const silent = await script("destroy.sh", ["--data"], { input: "" });
    expect([silent.code, silent.stderr]).toEqual([4, expect.stringContaining("add --yes")]);
    const { code } = await script("destroy.sh", ["--data"], { input: "dev\n" });
    expect(code).toBe(0);
    const left = await script("pulumi.sh", ["stack", "export"]);
    expect(left.stdout).not.toContain("::superuser");
  });
});

const program = `
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

class PreparedPrimary extends pulumi.ComponentResource {
  constructor(name: string) {
    super("laterbase:index:PreparedPrimary", name);
    const opts = { parent: this };
    new random.RandomId(name + "-owner", { byteLength: 4 }, opts);
    const role = new command.local.Command(name + "-role", { create: "true", delete: process.env.ROLE_DELETE ?? "true" }, opts);
    new command.local.Command(name + "-slot-standby", { create: "true", delete: "true" }, { ...opts, dependsOn: [role] });
    this.registerOutputs({ user: "laterbase_dev", host: "192.168.1.20", port: 5432, slots: ["laterbase_standby_slot"] });
  }
}

const prepared = new PreparedPrimary("preparation");
new random.RandomPassword("superuser", { length: 20 }, { protect: true });
new command.local.Command("standby-ready", { create: "true" }, { dependsOn: [prepared] });
export const primary = { host: "127.0.0.1", port: 8008, version: 17, databases: ["mfi_banking"] };
export const standbys = { standby: { host: "127.0.0.1", port: 8009, slot: "laterbase_standby_slot" } };
`;
