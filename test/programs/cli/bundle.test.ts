import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../../scripts/cli/main";
import type { CompletionResult } from "../../../scripts/cli/results";

const project = process.cwd();
const cache = join(project, "node_modules/.cache/laterbase/cli");
const bundle = join(cache, `test-${process.pid}.cjs`);
const home = mkdtempSync(join(tmpdir(), "lbt-bundle-"));

/** Runs the bundled program, with an engine that is not there and a state that holds nothing. */
function run(words: readonly string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bundle, ...words], {
    encoding: "utf8",
    env: {
      ...{ PATH: process.env["PATH"], HOME: home, PULUMI_BACKEND_URL: `file://${home}/state` },
      ...{ DOCKER_HOST: "unix:///nowhere/docker.sock", PULUMI_CONFIG_PASSPHRASE: "x" },
      ...env,
    },
  });
  return { code: status, stdout, stderr };
}

beforeAll(() => {
  mkdirSync(cache, { recursive: true });
  execFileSync("node", ["scripts/cli/bundle.mjs", bundle]);
});
afterAll(() => {
  rmSync(bundle, { force: true });
  rmSync(home, { recursive: true });
});

describe("the bundled program", () => {
  it("is one whole file, and says nothing while it is made", () => {
    const ran = spawnSync("node", ["scripts/cli/bundle.mjs", bundle], { encoding: "utf8" });
    expect([ran.status, ran.stdout, ran.stderr]).toEqual([0, "", ""]);
    const beside = readdirSync(cache).filter((name) => name.startsWith(`test-${process.pid}`));
    expect(beside).toEqual([`test-${process.pid}.cjs`]);
  });

  it("shows the same help as its sources", async () => {
    const printed: string[] = [];
    const out = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
      printed.push(String(text));
      return true;
    });
    await main(["--stack", "dev", "--help"], {} as never).finally(() => out.mockRestore());
    const { code, stdout } = run(["--help"]);
    const withoutStack = (text: string) => text.replace(/\(default: "[^"]*"\)/, "");
    expect([code, withoutStack(stdout)]).toEqual([0, withoutStack(printed.join(""))]);
  });

  it("loads what only some commands need: SQL, schemas, YAML, the Docker client", () => {
    // Every module of these is in the bundle, or found from where it is.
    const { stdout, code } = run(["completion", "bash"]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("complete -o default -F _laterbase laterbase"),
    ]);
    const text = readFileSync(bundle, "utf8");
    // A module of ours finds its SQL and shell by its own folder.
    expect(text).toContain(JSON.stringify(join(project, "scripts/primary")));
    const optional = ["pg-native", "cpu-features", "pg-cloudflare"];
    const named = [...text.matchAll(/\brequire\("([^"./][^"]*)"\)/g)].map(([, name]) => name!);
    const needed = named.filter((name) => !isBuiltin(name) && !optional.includes(name));
    for (const name of needed) expect(() => require.resolve(name)).not.toThrow();
  });

  it("says in one sentence that there is no such stack, that it is not up, and that no engine answers", () => {
    const nosuch = run(["status", "--stack", "nosuch"]);
    expect([nosuch.code, nosuch.stdout, nosuch.stderr]).toEqual([
      1,
      "",
      expect.stringMatching(/^laterbase: There is no stack nosuch: [^\n]*\n$/),
    ]);
    const folder = join(home, "state/.pulumi/stacks/laterbase");
    mkdirSync(folder, { recursive: true });
    const secrets_providers = { type: "passphrase", state: { salt: "v1:AAAA:v1:AAAA:AAAA" } };
    const write = (resources: object[]) =>
      writeFileSync(
        join(folder, "prod.json"),
        JSON.stringify({ version: 3, checkpoint: { latest: { secrets_providers, resources } } }),
      );
    write([]);
    const empty = run(["pools", "--stack", "prod"]);
    expect([empty.code, empty.stderr]).toEqual([
      1,
      "laterbase: The stack prod is not up: 'npm run pulumi -- up --stack prod' creates it.\n",
    ]);
    write([
      {
        urn: "urn:pulumi:prod::laterbase::pulumi:pulumi:Stack::s",
        type: "pulumi:pulumi:Stack",
        outputs: { primary: { host: "h", port: 1, version: 17, databases: [], container: "c" } },
      },
      {
        urn: "urn:c",
        type: "docker:index/container:Container",
        inputs: { name: "c", labels: [{ label: "laterbase.role", value: "primary" }] },
      },
    ]);
    const dead = run(["status", "--stack", "prod", "--json"]);
    const error =
      "No Docker engine answers at unix:///nowhere/docker.sock: nothing is at its address. Start it, or set DOCKER_HOST to another one.";
    expect([dead.code, JSON.parse(dead.stdout), dead.stderr]).toEqual([
      1,
      { error, exitCode: 1 },
      `laterbase: ${error}\n`,
    ]);
  });

  it("loads nothing from outside for the commands that people wait for", () => {
    const hook = join(home, "loaded.cjs");
    writeFileSync(
      hook,
      `process.on("exit", () => {
        const loaded = Object.keys(require.cache).filter((file) => file.includes("/node_modules/") && !file.includes(".cache"));
        process.stderr.write("loaded:" + JSON.stringify(loaded));
      });`,
    );
    for (const words of [["--help"], ["status", "--stack", "prod"], ["pools", "--stack", "prod"]]) {
      const { stderr } = run(words, { NODE_OPTIONS: `--require ${hook}` });
      expect([words, stderr.replace(/^[^]*loaded:/, "")]).toEqual([words, "[]"]);
    }
  });
});

describe("the completion", () => {
  const script = (shell: string) =>
    (JSON.parse(run(["completion", shell, "--json"]).stdout) as CompletionResult).script;
  const folder = mkdtempSync(join(tmpdir(), "lbt-completion-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("offers commands, options, stacks and roles in bash", () => {
    const file = join(folder, "laterbase.bash");
    writeFileSync(file, script("bash"));
    const ask = (...words: string[]) => {
      const asked = `source "$0"; COMP_WORDS=(laterbase "$@"); COMP_CWORD=$#; _laterbase; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync("bash", ["-c", asked, file, ...words], { encoding: "utf8" })
        .trim()
        .split("\n");
    };
    expect(ask("st")).toEqual(["status"]);
    expect(ask("re")).toEqual([
      "restore-dump",
      "restore-point",
      "restore",
      "restore-archive",
      "restart-primary",
      "rebuild",
      "resume-pooler",
    ]);
    expect(ask("--stack", "")).toEqual(["dev", "prod"]);
    expect(ask("--stack", "prod", "logs", "pr")).toEqual(["primary"]);
    expect(ask("logs", "st")).toEqual(["standby"]);
    expect(ask("dump", "--acc")).toEqual(["--accept-smaller"]);
    expect(ask("backup", "in")).toEqual(["incr"]);
    expect(ask("completion", "z")).toEqual(["zsh"]);
    // It may have a value: a standby's name.
    expect(ask("shell", "app", "--standby", "")).toEqual(["standby"]);
    expect(ask("shell", "app", "--standby", "--a")).toEqual(["--as"]);
    // The value of an option is free.
    expect(ask("logs", "--tail", "")).toEqual([""]);
    expect(ask("help", "pau")).toEqual(["pause-pooler"]);
    for (const words of [["hold"], ["release"]]) expect(ask(...words)).toEqual([""]);
  });

  it("is a script that zsh reads, where there is a zsh", () => {
    const file = join(folder, "laterbase.zsh");
    writeFileSync(file, script("zsh"));
    const text = readFileSync(file, "utf8");
    expect(text).toContain("'status:say whether everything works");
    const { error, status, stderr, stdout } = spawnSync(
      "zsh",
      ["-c", 'source "$0" && _laterbase_stacks', file],
      { encoding: "utf8" },
    );
    if (error) return;
    expect([status, stderr, stdout]).toEqual([0, "", "dev\nprod\n"]);
  });

  it("exists for these two shells", () => {
    const { code, stderr } = run(["completion", "fish"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("Allowed choices are bash, zsh.")]);
  });
});
