import { join } from "node:path";
import { ask, DevMachine } from "../../support/unit/devMachine";

// The user's own values of stack dev, over the checkout's Pulumi.dev.yaml.
let machine: DevMachine;
beforeEach(() => {
  machine = new DevMachine();
});
afterEach(() => machine.remove());

const own = () => machine.bash("need_state dev; say_own_keys").out;
const config = () => machine.merged()["config"];
const blocks = (port: number, more = "") =>
  machine.tracked(
    `  laterbase:pooler:\n    port: ${port}\n    maxClients: ${port}\n${more}` +
      `  laterbase:standbys:\n    - name: standby\n      port: ${port}\n`,
  );

it("takes later edits of the same block, and says which keys are the user's", () => {
  blocks(1);
  expect(own()).toBe("");
  machine.set((config) => {
    config["laterbase:pooler"].port = 6500;
    config["laterbase:standbys"][0].port = 8010;
    config["laterbase:primary"] = { superuser: { password: { secure: "v1:x" } } };
  });
  blocks(2, "    mode: session\n");
  expect(own()).toBe(
    "laterbase: from Pulumi.dev.yaml, except for your own values: laterbase:pooler.port, " +
      "laterbase:standbys[standby].port, laterbase:primary.superuser.password. " +
      "'npm run pulumi -- config rm --path <key>' goes back to the file's value.\n",
  );
  expect(config()).toEqual({
    "laterbase:pooler": { port: 6500, maxClients: 2, mode: "session" },
    "laterbase:standbys": [{ name: "standby", port: 8010 }],
    "laterbase:primary": { superuser: { password: { secure: "v1:x" } } },
  });
  // Said at each run, without another merge.
  const again = machine.bash("need_state dev; say_own_keys");
  expect(again.out).toContain("laterbase:pooler.port");
  expect(again.calls.join("\n")).not.toContain("stackFile.mjs");
});

it("a value that is removed again is the file's, and a key of the file can be removed", () => {
  blocks(1);
  machine.bash(ask);
  machine.set((config) => (config["laterbase:pooler"].port = 6500));
  machine.bash(ask);
  machine.set((config) => delete config["laterbase:pooler"].port);
  expect(own()).toBe("");
  expect(config()).toMatchObject({ "laterbase:pooler": { port: 1, maxClients: 1 } });
  machine.set((config) => delete config["laterbase:pooler"]);
  expect(own()).toContain("your own values: laterbase:pooler (removed).");
  blocks(3);
  machine.bash(ask);
  expect(config()).toEqual({ "laterbase:standbys": [{ name: "standby", port: 3 }] });
});

it("a value of a block that is gone from the file is dropped, and that is said", () => {
  blocks(1);
  machine.bash(ask);
  machine.set((config) => (config["laterbase:standbys"][0].port = 8010));
  machine.tracked("  laterbase:standbys:\n    - name: other\n      port: 5\n");
  expect(own()).toBe(
    "laterbase: your own value of laterbase:standbys[standby].port is dropped: Pulumi.dev.yaml has no such block any more.\n",
  );
  expect(config()).toEqual({ "laterbase:standbys": [{ name: "other", port: 5 }] });
  expect(own()).toBe("");
});

it("a value stays the user's when the file happens to have the same, and when the kept file is lost", () => {
  blocks(1);
  machine.bash(ask);
  machine.set((config) => (config["laterbase:pooler"].port = 2));
  blocks(2);
  machine.bash('need_state dev; rm "$data_dir/Pulumi.dev.yaml"');
  blocks(3);
  expect(own()).toContain("laterbase:pooler.port");
  expect(config()).toMatchObject({ "laterbase:pooler": { port: 2, maxClients: 3 } });
});

it("a file that is no YAML is named, and nothing is changed", () => {
  blocks(1);
  machine.bash(ask);
  const before = machine.merged();
  machine.tracked("  - {");
  const { code, out } = machine.bash(ask);
  expect(code).toBe(1);
  expect(out).toMatch(
    /^laterbase: \S+\/Pulumi.dev.yaml cannot be read as YAML: .+\.\nlaterbase: Pulumi.dev.yaml could not be merged into /,
  );
  expect(machine.merged()).toEqual(before);
});

it.each([
  [
    "laterbase:backups: {}",
    "has laterbase:backups at its top level, where it is unknown (did you mean laterbase:backups, indented below config?)",
  ],
  [
    "dumps: {}",
    "has dumps at its top level, where it is unknown (did you mean laterbase:dumps, indented below config?)",
  ],
  [
    "encryptionSalt: v1",
    "has encryptionSalt at its top level, where it is unknown (did you mean encryptionsalt?)",
  ],
  ["  dumps: {}", "has dumps below config, where it is unknown (did you mean laterbase:dumps?)"],
])("a key that nothing would read is refused: %s", (line, sentence) => {
  machine.write("Pulumi.dev.yaml", `config:\n  laterbase:pooler: {}\n${line}\n`);
  const { code, out } = machine.bash(ask);
  const file = join(machine.checkout, "Pulumi.dev.yaml");
  expect([code, out.split("\n")[0]]).toEqual([1, `laterbase: ${file} ${sentence}.`]);
});

it("a place of its own for YAML's anchors is no key", () => {
  machine.write(
    "Pulumi.dev.yaml",
    "x-size: &size 2\nconfig:\n  laterbase:pooler: { port: *size }\n",
  );
  expect(machine.bash(ask).code).toBe(0);
});

it("sentences say where a value may have been set, and never name the merged copy", () => {
  const named = () => machine.bash('need_state dev; echo "$LATERBASE_STACK_FILE_NAME"').out.trim();
  blocks(1);
  expect(named()).toBe("Pulumi.dev.yaml");
  machine.set((config) => (config["laterbase:pooler"].port = 2));
  const both = "Pulumi.dev.yaml, or by 'npm run pulumi -- config set'";
  // The second one reads the note of the first.
  expect([named(), named()]).toEqual([both, both]);
});
