import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Machine } from "../../support/unit/machine";

const data = ".local/share/laterbase";

describe("npm run pulumi", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
    machine.engine({ images: "laterbase/base:trixie" });
    machine.stub("curl", "exit 28");
    machine.stub("pulumi-language-nodejs", "exit 0");
    machine.stub(
      "pulumi",
      `case $1 in
        version) echo v3.259.0 ;;
        *) if [ "$1 $2" = "stack init" ] && [ ! -e scripts ]; then
            echo "encryptionsalt: v1:salt" >>Pulumi.dev.yaml
            mkdir -p "$HOME/${data}/state/.pulumi/stacks/laterbase"; echo '{"version":3,"checkpoint":{}}' >"$HOME/${data}/state/.pulumi/stacks/laterbase/dev.json"
          fi
          echo "$* @ \${PULUMI_BACKEND_URL:-theirs}" ;;
      esac`,
    );
  });
  afterEach(() => machine.remove());

  const kept = () => join(machine.home, data);
  const asked = (args: string, env: Record<string, string> = {}) => {
    const { stdout } = machine.bash(`exec scripts/npm/pulumi.sh ${args}`, env);
    return stdout.trim().split("\n").pop();
  };

  it("means stack dev, with its own state and stack file", () => {
    const dev = `file://${kept()}/state`;
    const file = `--config-file ${kept()}/Pulumi.dev.yaml`;
    expect(asked("preview --diff")).toBe(`wrapper: preview --diff --stack dev ${file} @ ${dev}`);
    expect(asked("config set --secret laterbase:a b")).toBe(
      `config set --secret laterbase:a b --stack dev ${file} @ ${dev}`,
    );
    expect(asked("stack output --json")).toBe(`stack output --json --stack dev @ ${dev}`);
    expect(asked("up -s dev")).toBe(`wrapper: up -s dev ${file} @ ${dev}`);
    expect(asked("-s dev destroy")).toBe(`wrapper: destroy -s dev ${file} @ ${dev}`);
    expect(asked("refresh")).toBe(`refresh --stack dev ${file} @ ${dev}`);
    expect(asked("stack rm dev")).toBe(`stack rm dev --preserve-config @ ${dev}`);
  });

  it("says what a change of the configuration needs, because Pulumi says nothing", () => {
    machine.write("Pulumi.prod.yaml", "config: {}\n");
    const said = (args: string) => machine.bash(`exec scripts/npm/pulumi.sh ${args}`).out;
    expect(said("config set laterbase:pooler.port 7000")).toContain(
      "laterbase:pooler.port is set for stack dev; 'npm start' applies it.\n",
    );
    expect(said("config rm laterbase:pooler.port --stack prod")).toContain(
      "laterbase:pooler.port is removed for stack prod; 'npm run pulumi -- up --stack prod' applies it.\n",
    );
    expect(said("config get laterbase:pooler.port")).not.toContain("applies it");
  });

  it("leaves any other stack to the user's backend", () => {
    machine.write("Pulumi.prod.yaml", "config: {}\n");
    expect(asked("preview --stack prod")).toBe("wrapper: preview --stack prod @ theirs");
    expect(asked("preview --stack=prod")).toBe("wrapper: preview --stack=prod @ theirs");
    expect(asked("preview -sprod")).toBe("wrapper: preview -sprod @ theirs");
    expect(asked("preview", { PULUMI_STACK: "prod" })).toBe("wrapper: preview @ theirs");
    expect(asked("stack init prod")).toBe("stack init prod @ theirs");
    expect(asked("stack select prod")).toBe("stack select prod @ theirs");
    expect(asked("whoami")).toBe("whoami @ theirs");
    expect(machine.has(data)).toBe(true); // the choice of base images, and nothing else
    expect(machine.has(`${data}/state`)).toBe(false);
  });

  it("prints Pulumi's words alone", () => {
    machine.bash("scripts/npm/pulumi.sh stack output");
    const ran = spawnSync(
      "/bin/bash",
      ["-c", "rm -rf $HOME/.cache; exec scripts/npm/pulumi.sh stack output"],
      {
        cwd: machine.checkout,
        encoding: "utf8",
        env: { HOME: machine.home, PATH: `${machine.folder}/bin:${machine.folder}/tools` },
      },
    );
    expect(ran.stdout).toBe(`stack output --stack dev @ file://${kept()}/state\n`);
    expect(ran.stderr).toContain("building the embedded providers");
  });

  it("npm run destroy names what it does not know", () => {
    const { code, out } = machine.bash("exec scripts/npm/destroy.sh --dta");
    expect(code).toBe(2);
    expect(out).toBe(
      "laterbase: npm run destroy takes --data, --primary-gone, --stack <name> and --yes, not '--dta'.\n",
    );
  });

  it("npm start names what it does not know", () => {
    const { code, out } = machine.bash("exec scripts/npm/start.sh prod");
    expect(code).toBe(2);
    expect(out).toContain("npm start takes --adopt and nothing else");
  });
});

describe("npm run laterbase", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
    machine.engine();
    machine.stub("curl", "exit 28");
    machine.stub("pulumi-language-nodejs", "exit 0");
    machine.stub(
      "pulumi",
      `case "$1 $2" in
        version*) echo v3.259.0 ;;
        "stack init") echo "encryptionsalt: v1:salt" >>Pulumi.dev.yaml ;;
      esac`,
    );
    const env = `({ PULUMI_STACK, PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE_FILE, LATERBASE_STACK_FILE, LATERBASE_WITHOUT_SET_UP }) => ({
      stack: PULUMI_STACK, backend: PULUMI_BACKEND_URL, passphrase: PULUMI_CONFIG_PASSPHRASE_FILE,
      file: LATERBASE_STACK_FILE, ahead: LATERBASE_WITHOUT_SET_UP })`;
    machine.write(
      "scripts/cli/laterbase.ts",
      `console.log(JSON.stringify({ words: process.argv.slice(2), ...(${env})(process.env) }))`,
    );
    // Bundling has a test of its own.
    machine.write(
      "scripts/cli/bundle.mjs",
      `import { appendFileSync, cpSync } from "node:fs";
       appendFileSync("bundled", "x");
       cpSync("scripts/cli/laterbase.ts", process.argv[2]);`,
    );
    for (const folder of ["components", "contract", "scripts/engine", "scripts/patches"])
      machine.write(`${folder}/a.ts`, "");
    for (const folder of ["scripts/pooler", "scripts/primary", "scripts/registry"])
      machine.write(`${folder}/a.ts`, "");
  });
  afterEach(() => machine.remove());
  const run = (words: string, env: Record<string, string> = {}) =>
    machine.bash(`exec scripts/npm/laterbase.sh ${words}`, env);
  const passphrase = (stack: string) => join(machine.home, data, "passphrases", stack);

  it("bundles the program once, and anew when one of its sources has changed", () => {
    const bundled = () => {
      const { code, stdout } = run("--help");
      expect([code, JSON.parse(stdout).words]).toEqual([0, ["--help"]]);
      return readFileSync(join(machine.checkout, "bundled"), "utf8").length;
    };
    expect([bundled(), bundled()]).toEqual([1, 1]);
    machine.write("contract/a.ts", "// other");
    // With the time of before, as some tools restore files.
    utimesSync(join(machine.checkout, "contract/a.ts"), 1, 1);
    expect([bundled(), bundled()]).toEqual([2, 2]);
    machine.write("scripts/engine/b.ts", "");
    expect(bundled()).toBe(3);
    machine.write("contract/a.ts", "");
    rmSync(join(machine.checkout, "scripts/engine/b.ts"));
    expect(bundled()).toBe(3);
  });

  it("goes ahead without set-up where it can read the state itself", () => {
    const state = join(machine.home, "state/.pulumi/stacks/laterbase/prod.json");
    const env = {
      PULUMI_BACKEND_URL: `file://${machine.home}/state`,
      PULUMI_CONFIG_PASSPHRASE: "x",
    };
    const ahead = (words: string, more = {}) => {
      const { stdout } = run(words, { ...env, ...more });
      return (JSON.parse(stdout) as { ahead?: string }).ahead;
    };
    expect(ahead("status --stack prod")).toBeUndefined();
    mkdirSync(join(state, ".."), { recursive: true });
    writeFileSync(state, '{"version":3,"checkpoint":{}}');
    expect(ahead("status --stack prod")).toBe("yes");
    expect(ahead("status --stack organization/laterbase/prod")).toBe("yes");
    // It started itself again, because it needs Pulumi.
    expect(ahead("status --stack prod", { LATERBASE_SET_UP: "yes" })).toBeUndefined();
    expect(ahead("doctor --stack prod")).toBeUndefined();
    expect(ahead("status --stack other")).toBeUndefined();
    const cloud = { PULUMI_BACKEND_URL: "https://api.pulumi.com" };
    expect(ahead("status --stack prod", cloud)).toBeUndefined();
    // By a login, and in a folder of the home.
    const home = { PULUMI_BACKEND_URL: "", PULUMI_CREDENTIALS_PATH: machine.home };
    writeFileSync(join(machine.home, "credentials.json"), '{"current": "file://~/state"}');
    expect(ahead("status --stack prod", home)).toBe("yes");
  });

  it("says where it was called from, because npm changes into the checkout", () => {
    machine.write("scripts/cli/laterbase.ts", "console.log(process.env.LATERBASE_CALLED_FROM)");
    const from = (env: Record<string, string>, before = "") =>
      machine.bash(`${before}exec "$root"/scripts/npm/laterbase.sh --help`, env).stdout.trim();
    const npm = { npm_lifecycle_event: "laterbase", INIT_CWD: "/called" };
    expect(from({}, "cd /usr; ")).toBe("/usr");
    expect(from(npm)).toBe("/called");
    // Of a script of npm that starts this one by itself.
    expect(from({ ...npm, npm_lifecycle_event: "other" }, "cd /usr; ")).toBe("/usr");
    // It started itself again.
    const again = { LATERBASE_SET_UP: "yes", LATERBASE_CALLED_FROM: "/before" };
    expect(from(again, "cd /usr; ")).toBe("/before");
  });

  it("takes the stack in every way that the command line takes it", () => {
    const env = {
      PULUMI_BACKEND_URL: `file://${machine.home}/state`,
      PULUMI_CONFIG_PASSPHRASE: "x",
    };
    const stacks = ["--stack prod", "--stack=prod", "-s prod", "-sprod"].map((words) => {
      const { stdout } = run(`status ${words}`, env);
      return (JSON.parse(stdout) as { stack?: string }).stack;
    });
    expect(stacks).toEqual(["prod", "prod", "prod", "prod"]);
  });

  it("gives new no stack and no state", () => {
    const { stdout, code } = run("new studio --from examples/editor");
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      { words: ["new", "studio", "--from", "examples/editor"] },
    ]);
    expect(machine.has(`${data}/state`)).toBe(false);
  });

  it("finds the passphrase that new has made, unless there is another one", () => {
    mkdirSync(join(passphrase("x"), ".."), { recursive: true });
    writeFileSync(passphrase("prod"), "made");
    expect(JSON.parse(run("--stack prod credentials").stdout)).toMatchObject({
      stack: "prod",
      passphrase: passphrase("prod"),
    });
    const mine = { PULUMI_CONFIG_PASSPHRASE_FILE: "/mine" };
    expect(JSON.parse(run("--stack prod credentials", mine).stdout).passphrase).toBe("/mine");
    const given = run("--stack prod credentials", { PULUMI_CONFIG_PASSPHRASE: "" });
    expect(JSON.parse(given.stdout).passphrase).toBeUndefined();
    expect(JSON.parse(run("--stack other credentials").stdout).passphrase).toBeUndefined();
  });

  it("prints JSON and nothing else, also when set-up fails", () => {
    const good = run("list-dumps --json");
    expect(JSON.parse(good.stdout)).toMatchObject({
      words: ["list-dumps", "--json"],
      stack: "dev",
    });
    rmSync(join(machine.folder, "tools/openssl"));
    rmSync(join(machine.home, data), { recursive: true });
    const bad = run("list-dumps --json");
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.stdout)).toEqual({
      error: expect.stringMatching(/^openssl is missing\. /),
      exitCode: 1,
    });
    expect(run("list-dumps").stdout).toBe("");
  });

  it("says how the JSON comes alone when npm prints lines of its own", () => {
    const said = (env: Record<string, string>) => run("list-dumps --json", env).out;
    const npm = { npm_lifecycle_event: "laterbase" };
    expect(said(npm)).toContain("'npm run --silent laterbase -- …' prints the JSON alone");
    expect(said({ ...npm, npm_config_loglevel: "silent" })).not.toContain("--silent");
  });
});

describe("--help of a script", () => {
  const scripts = [...["start", "destroy", "pulumi", "test", "check", "trials", "bench", "schema"]];

  it.each(scripts)("npm run %s says what it does, and sets nothing up", (name) => {
    const machine = new Machine();
    for (const flag of ["--help", "-h"]) {
      const { code, stdout, calls } = machine.bash(`exec scripts/npm/${name}.sh ${flag}`);
      expect([code, calls]).toEqual([0, []]);
      expect(stdout).toMatch(new RegExp(`^npm (run )?${name}: `));
      for (const part of ["Exit codes: 0", "Example:", "Documented: "])
        expect(stdout).toContain(part);
      const [, page = "", anchor] = /^Documented: (\S+?\.md)(?:#(\S+))?$/m.exec(stdout) ?? [];
      const headings = readFileSync(page, "utf8").match(/^#+ .+$/gm) ?? [];
      const anchors = headings.map((line) =>
        line
          .replace(/^#+ /, "")
          .toLowerCase()
          .replace(/[^\w -]/g, "")
          .replaceAll(" ", "-"),
      );
      if (anchor !== undefined) expect(anchors).toContain(anchor);
    }
    machine.remove();
  });
});

describe("the report of npm test", () => {
  const report = (...results: (object | undefined)[]) => {
    const machine = new Machine();
    const files = results.map((result, index) => {
      const file = join(machine.folder, `${index}.json`);
      if (result) writeFileSync(file, JSON.stringify(result));
      return file;
    });
    const script = resolve(__dirname, "../../../scripts/npm/testReport.mjs");
    const { status, stdout } = spawnSync(process.execPath, [script, ...files], {
      encoding: "utf8",
    });
    machine.remove();
    return { status, lines: stdout.trim().split("\n") };
  };
  const count = (...results: (object | undefined)[]) => {
    const { status, lines } = report(...results);
    return [status, lines.at(-1)];
  };
  const result = (
    numPassedTests: number,
    numFailedTests: number,
    numRuntimeErrorTestSuites = 0,
  ) => ({
    numPassedTests,
    numFailedTests,
    numRuntimeErrorTestSuites,
    testResults: [] as object[],
  });

  it("lists the time of each file, the longest first", () => {
    const file = (name: string, endTime: number) => ({
      name: join(process.cwd(), `test/${name}.test.ts`),
      startTime: 1000,
      endTime,
      status: "passed",
      assertionResults: [],
    });
    const testResults = [file("short", 1500), file("long", 66_000)];
    const { lines } = report({ ...result(2, 0), testResults });
    const rows = lines.filter((line) => line.includes(".test.ts"));
    expect(rows.map((row) => row.split(/[ │]+/).filter(Boolean))).toEqual([
      ["test/long.test.ts", "65.0", "s", "passed"],
      ["test/short.test.ts", "0.5", "s", "passed"],
    ]);
  });

  it("adds up, and the exit code is honest", () => {
    expect(count(result(3, 0), result(2, 0))).toEqual([0, "5 passed, 0 failed"]);
    expect(count(result(3, 1), result(2, 0))).toEqual([1, "5 passed, 1 failed"]);
  });

  it("counts a file that could not run, a jest that did not finish, and no test at all as failure", () => {
    expect(count(result(3, 0, 1))).toEqual([1, "3 passed, 1 failed"]);
    expect(count(result(3, 0), undefined)).toEqual([1, "3 passed, 1 failed"]);
    expect(count(result(0, 0))).toEqual([1, "0 passed, 0 failed"]);
  });
});
