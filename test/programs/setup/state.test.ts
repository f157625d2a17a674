import { statSync } from "node:fs";
import { join } from "node:path";
import { ask, data, DevMachine } from "../../support/unit/devMachine";
import { Machine } from "../../support/unit/machine";

describe("the state of stack dev", () => {
  let machine: DevMachine;
  beforeEach(() => {
    machine = new DevMachine();
  });
  afterEach(() => machine.remove());

  const merged = () => machine.merged();

  it("is made outside the checkout, with a passphrase that only its owner reads, once", () => {
    machine.tracked("  laterbase:a: 1\n");
    const { out, code } = machine.bash(ask);
    expect(code).toBe(0);
    const home = join(machine.home, data);
    expect(out).toBe(`file://${home}/state\n--config-file ${home}/Pulumi.dev.yaml\n`);
    expect(statSync(join(home, "passphrase")).mode & 0o777).toBe(0o600);
    expect(machine.read(`${data}/passphrase`).length).toBeGreaterThan(40);
    expect(merged()).toEqual({ config: { "laterbase:a": 1 }, encryptionsalt: "v1:salt" });
    expect(machine.bash("cat Pulumi.dev.yaml; ls").out).not.toMatch(/salt|passphrase/);

    const passphrase = machine.read(`${data}/passphrase`);
    // It looks at the state, and reads no YAML again.
    const { calls } = machine.bash(ask);
    expect(calls.map((call) => call.replace(/^node \S+\//, ""))).toEqual([
      expect.stringMatching(/^pulumiState.mjs check laterbase dev /),
    ]);
    expect(machine.read(`${data}/passphrase`)).toBe(passphrase);
  });

  it("takes what changes in the checkout's file, and keeps what the user set and the salt", () => {
    machine.tracked("  laterbase:a: 1\n  laterbase:b: 1\n  laterbase:c: 1\n");
    machine.bash(ask);
    machine.keep(
      "encryptionsalt: v1:salt\nconfig:\n  laterbase:a: 1\n  laterbase:b: 2\n  laterbase:secret: { secure: v1:x }\n",
    );
    expect(machine.bash(ask).code).toBe(0);
    expect(merged()["config"]).toEqual({
      "laterbase:a": 1,
      "laterbase:b": 2,
      "laterbase:secret": { secure: "v1:x" },
    });
    machine.tracked("  laterbase:a: 5\n  laterbase:b: 5\n  laterbase:c: 1\n  laterbase:d: [new]\n");
    machine.bash(ask);
    expect(merged()).toEqual({
      config: {
        "laterbase:a": 5,
        "laterbase:b": 2,
        "laterbase:d": ["new"],
        "laterbase:secret": { secure: "v1:x" },
      },
      encryptionsalt: "v1:salt",
    });
    machine.tracked("  laterbase:a: 6\n");
    machine.bash(ask);
    expect(merged()["config"]).toMatchObject({ "laterbase:a": 6, "laterbase:b": 2 });
    expect(merged()["config"]).not.toHaveProperty("laterbase:d");
  });

  it("gives a stack that was removed its old salt back, so that kept secrets stay readable", () => {
    machine.bash(ask);
    machine.keep("encryptionsalt: v1:old\nconfig: {}\n");
    machine.bash('rm -r "$data_dir/state/.pulumi"');
    machine.bash(ask);
    expect(merged()["encryptionsalt"]).toBe("v1:old");
  });

  it("says what Pulumi says when the stack cannot be made", () => {
    machine.stub("pulumi", "echo 'error: disk full'; exit 255");
    const { code, out } = machine.bash(ask);
    expect(code).toBe(1);
    expect(out).toMatch(/error: disk full\nlaterbase: stack dev could not be made/);
  });

  it("serves stack dev only: another stack has the user's own backend", () => {
    const { out } = machine.bash(
      'need_state prod; echo "${PULUMI_BACKEND_URL:-theirs} ${#config_args[@]}"',
    );
    expect(out).toBe("theirs 0\n");
    expect(machine.has(data)).toBe(false);
  });

  it("forgets the lock of a run that is dead, and no other", () => {
    machine.bash(ask);
    const locks = `"$data_dir/state/.pulumi/locks/organization/laterbase/dev"`;
    const lock = (name: string, pid: string, host = "$(hostname)") =>
      `printf '{"pid":%s,"hostname":"%s"}' ${pid} "${host}" >${locks}/${name}.json;`;
    const script = `mkdir -p ${locks}; ${lock("dead", "999999")} ${lock("far", "999999", "elsewhere")}
      (exec -a pulumi sleep 5) & ${lock("alive", "$!")} sleep 0.2; drop_dead_lock; kill $!; ls ${locks}`;
    machine.stub("ps", `[ "\${!#}" = 999999 ] || echo pulumi`);
    const { out } = machine.bash(script);
    expect(out).toContain("removing the lock of a run that has ended (process 999999)");
    expect(out.split("\n").filter((line) => line.endsWith(".json"))).toEqual([
      "alive.json",
      "far.json",
    ]);
  });
});

describe("the engines and suites of a stack", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.remove());

  it("are read from its file, once for each content", () => {
    machine.write(
      "Pulumi.prod.yaml",
      `config:
  laterbase:dockerHost: ssh://me@nas
  laterbase:primary: { kind: external, version: 13 }
  laterbase:standbys: [{ name: a }, { name: b, dockerHost: ssh://me@attic }]
  laterbase:duplicati: { passphrase: { secure: v1:abc }, port: 8200 }
  other:key: 1
`,
    );
    const { out } = machine.bash("needs_of prod");
    const plain = [
      ["dockerHost"],
      ["primary", "kind"],
      ["primary", "version"],
      ["standbys", 0, "name"],
      ["standbys", 1, "name"],
      ["standbys", 1, "dockerHost"],
      ["duplicati", "port"],
    ];
    expect(out).toBe(
      `engine ssh://me@nas\nengine ssh://me@attic\nsuite bullseye\nplain ${JSON.stringify(plain)}\n`,
    );
    const again = machine.bash("needs_of prod");
    expect(again.out).toBe(out);
    expect(again.calls).toEqual([]);
  });

  it.each([
    [13, "bullseye"],
    [14, "bullseye"],
    [15, "bookworm"],
    [16, "bookworm"],
    [17, "trixie"],
    [18, "trixie"],
  ])("PostgreSQL %i is built on %s", (version, suite) => {
    machine.write(
      "Pulumi.a.yaml",
      `config: { "laterbase:primary": { kind: managed, version: ${version} } }`,
    );
    expect(machine.bash("needs_of a | grep -v ^plain").out).toBe(`engine \nsuite ${suite}\n`);
  });

  it.each(["dumps", "backups", "pooler", "pgAdmin"])(
    "%s stand on trixie whatever the primary's major",
    (key) => {
      machine.write(
        "Pulumi.a.yaml",
        `config: { "laterbase:primary": { kind: managed, version: 13 }, "laterbase:${key}": {} }`,
      );
      expect(machine.bash("needs_of a | grep -v ^plain").out).toBe(
        "engine \nsuite bullseye\nsuite trixie\n",
      );
    },
  );

  it("name an object store, which set-up builds where its image cannot be pulled", () => {
    machine.write(
      "Pulumi.a.yaml",
      'config: { "laterbase:primary": { kind: managed, version: 13 }, "laterbase:objectStore": { port: 7070 } }',
    );
    expect(machine.bash("needs_of a | grep -v ^plain").out).toBe(
      "engine \nsuite bullseye\nsuite trixie\nservice objectStore\n",
    );
  });

  it("say that engines pull the images of ours, and build none", () => {
    machine.write(
      "Pulumi.a.yaml",
      'config: { "laterbase:primary": { version: 17 }, "laterbase:images": { registry: r.example.com, tag: "1" } }',
    );
    expect(machine.bash("needs_of a | grep -v ^plain").out).toBe(
      "engine \nsuite trixie\nimages pushed\n",
    );
  });

  it("of a stack without a file are an error that names it", () => {
    const { code, out } = machine.bash("needs_of nowhere");
    expect(code).toBe(1);
    expect(out).toContain("there is no stack file Pulumi.nowhere.yaml");
  });
});

describe("two set-ups at once", () => {
  it("wait for each other, and do not wait for a dead one", () => {
    const machine = new Machine();
    const { out } = machine.bash(
      `: >said; take_turn; bash -c '. scripts/setup/setup.sh; take_turn; echo mine' >said 2>&1 &
      until grep -q waiting said; do sleep 0.1; done; end_turn; wait; cat said`,
    );
    expect(out).toMatch(/waiting for another set-up \(process \d+\)\nmine\n$/);
    const dead = machine.bash(
      'mkdir -p "$cache_dir/setup.lock"; echo 999999 >"$cache_dir/setup.lock/pid"; take_turn; echo mine',
    );
    expect(dead.out).toBe("mine\n");
    const reused = machine.bash(
      'sleep 9 & mkdir -p "$cache_dir/setup.lock"; echo $! >"$cache_dir/setup.lock/pid"; take_turn; kill $!; echo mine',
    );
    expect(reused.out).toBe("mine\n");
    machine.remove();
  });
});
