import {
  hiddenSecret,
  type Operation,
  type ResourceState,
  type StepEvent,
} from "../../../../scripts/wrapper/events";
import { asText, changeLines } from "../../../../scripts/wrapper/words";

// Single steps that no change of a stack file makes.
const root = "urn:pulumi:t::laterbase::laterbase:index:Laterbase::laterbase";
const standby =
  "urn:pulumi:t::laterbase::laterbase:index:Laterbase$laterbase:index:Standby::standby";

const state = (inputs: Record<string, unknown> = {}, parent = standby): ResourceState => ({
  ...{ id: "x", parent, custom: true, provider: "", protect: false, retainOnDelete: false },
  ...{ inputs, outputs: {} },
});

function step(op: Operation, type: string, name: string, more: Partial<StepEvent> = {}): StepEvent {
  return {
    ...{ op, type, name, urn: `urn:pulumi:t::laterbase::${type}::${name}` },
    ...{ keys: [], diffs: [], detailedDiff: {} },
    ...(op === "create" ? {} : { old: state() }),
    ...(op === "delete" ? {} : { new: state() }),
    ...more,
  };
}

const container = "docker:index/container:Container";
const words = (...steps: StepEvent[]) => asText(changeLines(steps));

it("says that a container was removed by somebody, and is made again", () => {
  expect(words(step("create", container, "standby-container"))).toBe(
    "standby: its container is gone: container made again, data stay\n",
  );
});

it("says that a container is stopped, not that its ports differ", () => {
  const diffs = ["mustRun", "ports"];
  expect(words(step("replace", container, "standby-container", { diffs, keys: ["ports"] }))).toBe(
    "standby: it is stopped: container made anew, data stay, readers reconnect, about 5 s\n",
  );
});

it("warns that a volume with data is not there", () => {
  const text = words(step("create", "docker:index/volume:Volume", "standby-data"));
  expect(text).toBe("standby: its volume is gone: volume standby-data made anew, EMPTY\n");
});

it("takes the three steps of a replacement for one change", () => {
  const diffs = ["image"];
  const before = state({ image: "a:1" });
  const both = { old: before, new: state({ image: "a:2" }), diffs };
  expect(
    words(
      step("delete-replaced", container, "standby-container", { old: before }),
      step("replace", container, "standby-container", both),
      step("create-replacement", container, "standby-container", both),
    ),
  ).toBe(
    "standby: image a:1 → a:2: container made anew, data stay, readers reconnect, about 5 s\n",
  );
});

it("applies a limit in place", () => {
  const limit = (memory: number) => state({ memory, memorySwap: memory });
  const both = { old: limit(2048), new: limit(4096), diffs: ["memory"] };
  expect(words(step("update", container, "standby-container", both))).toBe(
    "standby: memory 2048 → 4096 MB: container changed in place, nothing restarts\n",
  );
});

it("has a plain line for what it does not know, with the keys and no secret", () => {
  const unknown = step("update", "aws:s3/bucket:Bucket", "archive\u001b[31m", {
    old: state({ region: "a", key: hiddenSecret }, root),
    new: state({ region: "b", key: hiddenSecret }, root),
    diffs: ["region", "key"],
  });
  expect(words(unknown)).toBe(
    "engine: Bucket archive\\x1b[31m: changed in place, region a → b, key changed\n",
  );
});

it("is not silent about what only looks, when there is nothing else", () => {
  const parent = `${root.replace("Laterbase::laterbase", "PreparedPrimary::preparation")}`;
  const same = state({ stdin: hiddenSecret }, parent);
  const looks = step("update", "command:local:Command", "preparation-preflight", {
    ...{ old: same, new: same, diffs: ["stdin"] },
  });
  expect(words(looks)).toBe(
    "primary: Command preparation-preflight: changed in place, input changed\n",
  );
});

it("says that the state of an older release records the configuration from now on", () => {
  const first = step("update", "laterbase:index:Laterbase", "laterbase", {
    old: state({}, ""),
    new: state({ config: { timeZone: "Etc/UTC" } }, ""),
  });
  expect(words(first)).toBe("stack: the state records the configuration: nothing restarts\n");
  const port = step("replace", container, "standby-container", {
    old: state({ ports: [{ external: 8009, ip: "127.0.0.1" }] }),
    new: state({ ports: [{ external: 8010, ip: "127.0.0.1" }] }),
    diffs: ["ports"],
  });
  expect(words(first, port)).toBe(
    "standby: port 8009 → 8010: container made anew, data stay, readers reconnect, about 5 s\n",
  );
});

it("says what a key does that has no rule of its own", () => {
  const record = (config: object) => state({ config }, "");
  const keys = (from: object, to: object) =>
    step("update", "laterbase:index:Laterbase", "laterbase", {
      old: record(from),
      new: record(to),
    });
  const remade = step("replace", container, "standby-container", { diffs: ["uploads"] });
  const [from, to] = [{ standbys: { standby: {} } }, { standbys: { standby: { memory: "4GB" } } }];
  expect(words(keys(from, to), remade)).toBe(
    "standby: memory not set → 4GB: container made anew, data stay, readers reconnect, about 5 s\n",
  );
  expect(words(keys({ future: { port: 1 } }, { future: { port: 2 } }))).toBe(
    "stack: future.port 1 → 2: nothing restarts\n",
  );
});

it("announces the one restart that an older stack gets, and why", () => {
  const primary = (...paths: string[]): ResourceState => ({
    ...state({ volumes: paths.map((containerPath) => ({ containerPath })) }),
    parent: standby.replace("Standby::standby", "Primary::primary"),
  });
  const remade = (old: ResourceState, now: ResourceState) =>
    words(step("replace", container, "primary-container", { old, new: now, diffs: ["volumes"] }));
  const note =
    "archive_mode is on from now on, so that backups are switched on and off without a restart";
  const [before, after] = [
    primary("/run/pg/primary"),
    primary("/run/pg/primary", "/etc/pgbackrest"),
  ];
  expect(remade(before, after)).toBe(
    `primary: mounts changed: container made anew, data stay, every client reconnects, about 10 s, ${note}\n`,
  );
  expect(remade(after, after)).not.toContain("archive_mode");
});

it("says that a run by hand builds images in the place of those of a pipeline", () => {
  const config = { images: { registry: "registry.example.com/p", tag: "3f2a9c1" } };
  const type = "laterbase:index:Laterbase";
  const both = { old: state({ config }, ""), new: state({ config: {} }, ""), urn: root };
  expect(words(step("update", type, "laterbase", both))).toBe(
    "stack: images { registry: registry.example.com/p, tag: 3f2a9c1 } → not set: nothing restarts, this run builds its own images, to keep those of a pipeline put laterbase:images into the stack file\n",
  );
});

it("says of no new step that it repairs what somebody changed", () => {
  const now = state({ environment: { LATERBASE_DRIFT: "the primary has no data (seen now)" } });
  const text = words(step("create", "command:local:Command", "preparation-role", { new: now }));
  expect(text).not.toContain("no data");
  const again = step("update", "command:local:Command", "preparation-role", { new: now });
  expect(words({ ...again, diffs: ["environment"] })).toContain("the primary has no data");
});

it("says once what leads several steps of the primary to run again", () => {
  const why = "the primary's container is gone (seen now)";
  const steps = ["preparation-role", "preparation-slot-standby"].map((name) => ({
    ...step("update", "command:local:Command", name, {
      new: state({ environment: { LATERBASE_DRIFT: why } }),
    }),
    diffs: ["environment"],
  }));
  expect(words(...steps)).toBe(`primary: ${why}: the steps that prepare it run again\n`);
});
