import { ask, data, DevMachine, state, stateFile } from "../../support/unit/devMachine";

const history = `${data}/state/.pulumi/history/laterbase/dev`;

let machine: DevMachine;
beforeEach(() => {
  machine = new DevMachine();
});
afterEach(() => machine.remove());

describe("a state whose passphrase is gone", () => {
  const passphrase = () => machine.read(`${data}/passphrase`);

  it.each(["rm", "truncate -s 0"])("is refused after `%s`, and none is generated", (how) => {
    machine.bash(ask);
    machine.bash(`${how === "rm" ? "rm" : ": >"} "$data_dir/passphrase"`);
    const { code, out } = machine.bash(ask);
    expect(code).toBe(1);
    expect(out).toBe(
      `laterbase: the passphrase of stack dev is gone: ${machine.home}/${data}/passphrase is missing or empty. ` +
        `Nothing can read the secrets in ${machine.home}/${data}/state without it. Put the file back with its old content, from a backup of ${machine.home}/${data}.\n`,
    );
    expect(machine.has(`${data}/passphrase`) && passphrase()).toBe(how === "rm" ? false : "");
  });

  it("is refused as well where only the salt or the history is left", () => {
    machine.bash(ask);
    machine.bash('rm -r "$data_dir/state/.pulumi" "$data_dir/passphrase"');
    expect(machine.bash(ask).out).toContain("the passphrase of stack dev is gone");
    machine.bash(`rm "$data_dir/Pulumi.dev.yaml"; mkdir -p "$HOME/${history}"`);
    expect(machine.bash(ask).out).toContain("the passphrase of stack dev is gone");
    expect(machine.has(`${data}/passphrase`)).toBe(false);
  });

  // Pulumi 3.259.0 wrote this for the passphrase "correct horse".
  const salt = "v1:ojcXJf2baUg=:v1:1gelDNm+vrmDe0re:NKYMIaGDd9s8KtH1R6xo8gdY3hgY0g==";

  it("is refused where it is another one, and accepted where it is the right one", () => {
    machine.bash(ask);
    machine.keep(`encryptionsalt: ${salt}\nconfig: {}\n`);
    const { code, out } = machine.bash(ask);
    expect(code).toBe(1);
    expect(out).toBe(
      `laterbase: ${machine.home}/${data}/passphrase holds another passphrase: nothing can read the secrets of stack dev with it. ` +
        "Put its old content back, from a copy of this file or from where you keep the passphrase.\n",
    );
    machine.bash('echo "correct horse" >"$data_dir/passphrase"');
    expect(machine.bash(ask).code).toBe(0);
    machine.bash('echo " " >"$data_dir/passphrase"');
    expect(machine.bash(ask).out).toContain("passphrase is empty: nothing can read");
  });
});

describe("a state that is damaged", () => {
  const write = (path: string, text: string) =>
    machine.bash(
      `mkdir -p "$(dirname "$HOME/${path}")"; cat >"$HOME/${path}" <<'END'\n${text}\nEND`,
    );
  const touch = (path: string, minute: string) =>
    machine.bash(`TZ=UTC touch -t 2011210${minute} "$HOME/${path}"`);
  const checkpoint = `${history}/dev-1.checkpoint.json`;

  it.each([
    ["is empty", ": >"],
    ["is damaged: it is not whole JSON", 'printf \'{"version":3,"checkpoint":{"stack"\' >'],
    ["holds something else than a state", "echo '[]' >"],
    ["is gone", "rm"],
  ])(
    "its file %s: the sentence has the command that puts the newest good copy back",
    (what, how) => {
      machine.bash(ask);
      write(`${history}/dev-1.history.json`, "{}");
      write(checkpoint, state("the last update"));
      write(`${data}/state/.pulumi/backups/laterbase/dev/dev.1.json`, state("before it"));
      write(`${stateFile}.bak`, "{");
      touch(`${data}/state/.pulumi/backups/laterbase/dev/dev.1.json`, "301");
      touch(checkpoint, "302");
      machine.bash(`${how} "$HOME/${stateFile}"`);
      const { code, out } = machine.bash(ask);
      expect(code).toBe(1);
      const [first, command, last] = out.trimEnd().split("\n");
      expect(first).toBe(
        `laterbase: the state of stack dev cannot be used: ${machine.home}/${stateFile} ${what}. ` +
          "Its newest good copy was written at 2020-11-21 03:02 UTC. This puts it back:",
      );
      expect(command).toBe(`  cp '${machine.home}/${checkpoint}' '${machine.home}/${stateFile}'`);
      expect(last).toBe("Then 'npm run pulumi -- refresh' finds what was changed after that copy.");
      expect(machine.bash(command!).code).toBe(0);
      expect(machine.bash(ask).code).toBe(0);
      expect(machine.read(stateFile)).toBe(`${state("the last update")}\n`);
    },
  );

  it("takes the copy before the last write where it is newer", () => {
    machine.bash(ask);
    write(checkpoint, state("the last update"));
    write(`${stateFile}.bak`, state("a moment ago"));
    touch(checkpoint, "302");
    machine.bash(`: >"$HOME/${stateFile}"`);
    expect(machine.bash(ask).out).toContain(`  cp '${machine.home}/${stateFile}.bak' `);
  });

  it("says so where there is no good copy", () => {
    machine.bash(ask);
    machine.bash(`: >"$HOME/${stateFile}"`);
    expect(machine.bash(ask).out).toContain(
      `${stateFile} is empty. There is no good copy beside it and none in its history: put it back from a backup of ${machine.home}/${data}/state.\n`,
    );
  });

  it("is not made up for a stack that was removed: Pulumi keeps a copy, and no history", () => {
    machine.bash(ask);
    machine.bash(`mv "$HOME/${stateFile}" "$HOME/${stateFile}.bak"`);
    expect(machine.bash(ask).code).toBe(0);
    expect(machine.read(stateFile)).toBe(`${state("fresh")}\n`);
  });

  it("names the version of the layout where that is spoilt", () => {
    machine.bash(ask);
    machine.bash(`: >"$HOME/${data}/state/.pulumi/meta.yaml"`);
    const { code, out } = machine.bash(ask);
    expect(code).toBe(1);
    expect(machine.bash(out.trim().split("\n")[1]!).code).toBe(0);
    expect(machine.bash(ask).code).toBe(0);
  });
});

describe("the state of another stack", () => {
  beforeEach(() => {
    machine.write("Pulumi.studio.yaml", "config: {}\n");
  });
  const inHome = "~/.pulumi/stacks/laterbase";
  const login = 'mkdir -p ~/.pulumi && echo \'{"current":"file://~"}\' >~/.pulumi/credentials.json';

  it("is looked at where the user is logged in to a folder", () => {
    machine.bash(`${login}; mkdir -p ${inHome}; : >${inHome}/studio.json`);
    const { code, out } = machine.bash("need_state studio");
    expect(code).toBe(1);
    expect(out).toContain(`${machine.home}/.pulumi/stacks/laterbase/studio.json is empty.`);
    machine.bash(`echo '${state("studio")}' >${inHome}/studio.json.bak`);
    const command = machine.bash("need_state studio").out.split("\n")[1]!;
    machine.bash(command);
    expect(machine.bash("need_state organization/laterbase/studio").code).toBe(0);
  });

  it("is Pulumi's own affair elsewhere, and where there is none yet", () => {
    machine.bash(`${login}; mkdir -p ${inHome}; : >${inHome}/studio.json`);
    expect(machine.bash("need_state other").code).toBe(0);
    expect(machine.bash("need_state studio", { PULUMI_BACKEND_URL: "s3://bucket" }).code).toBe(0);
  });

  it("needs its passphrase before anything is built", () => {
    expect(machine.bash("need_passphrase studio").code).toBe(0);
    machine.write("Pulumi.studio.yaml", "encryptionsalt: v1:a:v1:b:c\nconfig: {}\n");
    const { code, out, calls } = machine.bash("need_passphrase studio");
    expect(code).toBe(1);
    expect(out).toBe(
      "laterbase: the secrets of stack studio need its passphrase, and there is no terminal to ask for it: " +
        "set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to the path of a file that holds it.\n",
    );
    expect(calls).toEqual([]);
    for (const name of ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"]) {
      expect(machine.bash("need_passphrase studio", { [name]: "/x" }).code).toBe(0);
    }
    expect(machine.bash("need_passphrase dev; need_passphrase none").code).toBe(0);
    const made = machine.bash('mkdir -p "$data_dir/passphrases"; need_passphrase studio').out;
    expect(made).toContain(
      ` If 'laterbase new' made the stack, put its file ${machine.home}/${data}/passphrases/studio back.\n`,
    );
  });
});
