import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Machine } from "../../support/unit/machine";

const ask =
  'need_providers; echo "$providers_report"; echo "$PULUMI_HOME"; echo "as ${PULUMI_CREDENTIALS_PATH:-}"';

describe("provider plugins", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
    machine.stub("curl", "exit 28");
    machine.stub("pulumi", "exit 1");
    machine.write("scripts/providers/docker/main.ts", "one");
  });
  afterEach(() => machine.remove());

  const install = (...names: string[]) => {
    for (const name of names) {
      const folder = join(machine.home, ".pulumi/plugins", `resource-${name}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `pulumi-resource-${name.split("-")[0]}`), "");
      chmodSync(join(folder, `pulumi-resource-${name.split("-")[0]}`), 0o755);
    }
  };
  const all = ["docker-v5.2.0", "command-v1.2.1", "random-v4.21.1"];

  it("are the user's when they are there in exactly the packages' versions", () => {
    install(...all);
    const { out, calls } = machine.bash(ask);
    expect(out).toBe(`providers: official\n${machine.home}/.pulumi\nas \n`);
    expect(calls).toEqual([]);
  });

  it.each([[["docker-v5.1.0", "command-v1.2.1", "random-v4.21.1"]], [["docker-v5.2.0"]]])(
    "%j are not enough: the embedded ones are built, in a home of their own",
    (plugins) => {
      install(...plugins);
      const { out, calls } = machine.bash(ask);
      expect(out).toContain("providers: embedded (official plugins not reachable)\n");
      expect(out).toMatch(
        new RegExp(
          `${machine.home}/.cache/laterbase/pulumi-home/[0-9a-f]{12}\nas ${machine.home}/.pulumi`,
        ),
      );
      expect(calls.join("\n")).toContain("build.mjs");
    },
  );

  it("are downloaded where the network allows it", () => {
    machine.stub("curl", "exit 0");
    machine.stub(
      "pulumi",
      'mkdir -p "$PULUMI_HOME/plugins/resource-$4-v$5"; touch "$PULUMI_HOME/plugins/resource-$4-v$5/pulumi-resource-$4"; chmod +x "$PULUMI_HOME/plugins/resource-$4-v$5/pulumi-resource-$4"',
    );
    const { out, calls } = machine.bash(ask);
    expect(out).toContain("providers: official, downloaded\n");
    expect(calls.filter((call) => call.startsWith("pulumi"))).toEqual([
      "pulumi plugin install resource docker 5.2.0",
      "pulumi plugin install resource command 1.2.1",
      "pulumi plugin install resource random 4.21.1",
    ]);
    expect(machine.bash(ask).calls).toEqual([]);
  });

  it("of our own are built once for each content of their sources, and no probe is repeated", () => {
    const first = machine.bash(ask).out;
    const again = machine.bash(ask);
    expect(again.out).toContain("embedded");
    expect(again.calls).toEqual([]);
    machine.write("scripts/providers/docker/main.ts", "two");
    const changed = machine.bash(ask);
    expect(changed.calls.join("\n")).toContain("build.mjs");
    expect(changed.out.split("\n")[2]).not.toBe(first.split("\n")[2]);
  });

  it("of our own have a home in which the CLI keeps no log of a run, also where it has kept some", () => {
    const logs = `${ask}; ls -ld "$PULUMI_HOME/logs"; cat "$PULUMI_HOME/logs"`;
    expect(machine.bash(logs).out).toMatch(/\n-\S+ .*\/logs\n$/);
    machine.bash(`${ask}; cd "$PULUMI_HOME"; rm logs; mkdir logs; echo secret >logs/pulumi-1.log`);
    expect(machine.bash(logs).out).toMatch(/\n-\S+ .*\/logs\n$/);
  });

  it("are the embedded ones when those are asked for, though the official are there", () => {
    install(...all);
    const { out } = machine.bash(ask, { LATERBASE_PROVIDERS: "embedded" });
    expect(out).toContain("providers: embedded (LATERBASE_PROVIDERS)");
  });

  it("are an error, no silent fallback, when the official are asked for and cannot be had", () => {
    machine.bash(ask);
    const { code, out, calls } = machine.bash(ask, { LATERBASE_PROVIDERS: "official" });
    expect(code).toBe(1);
    expect(out).toContain("LATERBASE_PROVIDERS=official");
    expect(out).toContain("docker 5.2.0 command 1.2.1 random 4.21.1");
    expect(calls.join("\n")).not.toContain("build.mjs");
  });

  it("are named official or embedded, nothing else", () => {
    const { code, out } = machine.bash(ask, { LATERBASE_PROVIDERS: "offical" });
    expect(code).toBe(1);
    expect(out).toContain(
      "LATERBASE_PROVIDERS=offical is invalid: set it to official or embedded, or leave it unset.",
    );
  });

  it("keep the user's own Pulumi home and login, also in a script that a script starts", () => {
    const home = join(machine.folder, "elsewhere");
    const script = `${ask}; bash -c '. scripts/setup/setup.sh; ${ask.replace(/'/g, "")}'`;
    const { out } = machine.bash(script, { PULUMI_HOME: home });
    const lines = out.split("\n").filter((line) => line.startsWith("as "));
    expect(lines).toEqual([`as ${home}`, `as ${home}`]);
  });

  it("that were built by halves are not published", () => {
    machine.write("node_modules/@pulumi/random/package.json", '{\n  "version": "9.9.9"\n}\n');
    const { code, out } = machine.bash(ask);
    expect(code).toBe(1);
    expect(out).toContain("the embedded providers could not be built");
    expect(machine.bash("ls $cache_dir/pulumi-home").out).not.toMatch(/^[0-9a-f]{12}$/m);
  });
});
