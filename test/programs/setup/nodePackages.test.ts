import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Machine } from "../../support/unit/machine";

describe("node packages", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
    machine.stub("curl", "exit 0");
    machine.stub(
      "npm",
      'if [ "$1" = config ]; then echo https://registry.example/; else echo "$@" >>"$HOME/npm"; fi',
    );
  });
  afterEach(() => machine.remove());

  const stale = () => machine.write("node_modules/.laterbase-lock", "of another lock file");

  it("installs exactly the lock file, without scripts, and then never again", () => {
    stale();
    expect(machine.bash("need_node_packages").code).toBe(0);
    expect(machine.read("npm")).toMatch(/^ci --ignore-scripts .*--prefer-offline\n$/);
    expect(machine.bash("need_node_packages").calls).toEqual(["node --version"]);
    machine.write("package-lock.json", '{ "changed": true }');
    machine.bash("need_node_packages");
    expect(machine.read("npm").split("\n")).toHaveLength(3);
  });

  it("takes what the user installed after the lock file last changed", () => {
    expect(machine.bash("need_node_packages").calls).toEqual(["node --version"]);
  });

  it("does not wait for a registry that does not answer", () => {
    stale();
    machine.stub("curl", "exit 28");
    machine.stub("npm", '[ "$1" = config ] && echo https://registry.example/ || exit 1');
    const { code, out, calls } = machine.bash("need_node_packages");
    expect(code).toBe(1);
    expect(calls.join("\n")).toMatch(/npm ci .*--offline/);
    expect(out).toContain("the npm registry https://registry.example/ does not answer");
  });

  it("shows the last words of what failed", () => {
    stale();
    machine.stub(
      "npm",
      '[ "$1" = config ] && echo https://registry.example/ || { echo "no space left"; exit 1; }',
    );
    const { code, out } = machine.bash("need_node_packages");
    expect(code).toBe(1);
    expect(out).toContain("no space left");
    expect(out).toContain("'npm ci' failed");
  });
});

describe("long steps", () => {
  it("show that they live, and leave no process behind", () => {
    const machine = new Machine();
    writeFileSync(join(machine.folder, "bin/slow"), "#!/bin/bash\necho at work\nsleep 2.5\n", {
      mode: 0o755,
    });
    const { out, code } = machine.bash('long "a long step" slow', { LATERBASE_TICK: "0.2" });
    expect(code).toBe(0);
    // Of about twelve lines; a busy machine may skip some, and some seconds with them.
    const shown = out.match(/^ {2}a long step: \d s {2}at work$/gm) ?? [];
    expect(shown.length).toBeGreaterThanOrEqual(2);
    expect(shown.at(-1)).not.toBe(shown[0]);
    machine.remove();
  });
});
