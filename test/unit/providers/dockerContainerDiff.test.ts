import type Docker from "dockerode";
import { container } from "../../../scripts/providers/docker/container";
import { newState, readState } from "../../../scripts/providers/docker/containerState";
import type { Props } from "../../../scripts/providers/protocol/provider";
import { UNKNOWN } from "../../../scripts/providers/protocol/values";
import { inputs, inspected } from "../../support/unit/dockerFixtures";

const kind = container(() => {
  throw new Error("a diff asks no engine");
});

/** The decision about a change of these inputs, when the engine says what it said before. */
function decide(change: Props, drift?: (info: Docker.ContainerInspectInfo) => void) {
  const info = inspected();
  drift?.(info);
  const state = readState(info, newState(inputs()));
  return kind.diff({ inputs: inputs(), state }, { ...inputs(), ...change });
}

it("sees no difference right after a creation", () => {
  expect(decide({})).toMatchObject({ changes: false, diffs: [], replaces: [] });
});

describe("a container whose creation failed", () => {
  const olds = { inputs: inputs(), state: newState(inputs()) };

  it("is replaced", () => {
    expect(kind.diff(olds, inputs())).toMatchObject({
      diffs: ["entrypoints", "networkDatas"],
      replaces: ["entrypoints"],
    });
  });

  it("is updated when the image decides nothing", () => {
    const all = { ...inputs(), entrypoints: ["/bin/sh"] };
    const state = newState(all);
    expect(kind.diff({ inputs: all, state }, all)).toMatchObject({
      diffs: ["networkDatas"],
      replaces: [],
    });
  });
});

describe("cases measured with the official provider", () => {
  it.each<[string, Props]>([
    ["ports", { ports: [{ internal: 5432, external: 18009, ip: "127.0.0.1", protocol: "tcp" }] }],
    ["labels", { labels: [{ label: "laterbase.role", value: "primary" }] }],
    ["envs", { envs: ["TZ=UTC", "A=2"] }],
    ["uploads", { uploads: [{ file: "/etc/x", content: "other", permissions: "0400" }] }],
    ["command", { command: ["standby", "now"] }],
    ["image", { image: "laterbase/postgres:17-ffffffffffff" }],
    ["shmSize", { shmSize: 128 }],
    ["ulimits", { ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }] }],
    ["capabilities", { capabilities: { drops: ["ALL"] } }],
    ["networksAdvanced", { networksAdvanced: [{ name: "laterbase-dev", aliases: ["other"] }] }],
    ["stopTimeout", { stopTimeout: 90 }],
    ["logOpts", { logOpts: { "max-size": "20m" } }],
    ["user", { user: "root" }],
    ["volumes", { volumes: [{ containerPath: "/data", volumeName: "other" }] }],
    ["hostname", { hostname: "other" }],
    ["sysctls", { sysctls: { "net.core.somaxconn": "512" } }],
    ["securityOpts", { securityOpts: ["no-new-privileges:false"] }],
    ["name", { name: "other" }],
  ])("%s replaces", (key, change) => {
    const decision = decide(change);
    expect(decision.diffs).toEqual([key]);
    expect(decision.replaces).toEqual([key]);
    expect(decision.deleteBeforeReplace).toBe(true);
  });

  it.each<[string, Props]>([
    ["memory", { memory: 1024 }],
    ["memorySwap", { memorySwap: 1024 }],
    ["restart", { restart: "always" }],
    ["cpuShares", { cpuShares: 512 }],
    ["destroyGraceSeconds", { destroyGraceSeconds: 90 }],
    ["waitTimeout", { waitTimeout: 90 }],
    // These three do nothing on the engine: the program makes them replace by replaceOnChanges.
    ["healthcheck", { healthcheck: { tests: ["CMD", "false"], interval: "2s" } }],
    ["tmpfs", { tmpfs: { "/tmp": "size=2m" } }],
    ["init", { init: false }],
  ])("%s updates in place", (key, change) => {
    expect(decide(change)).toMatchObject({ changes: true, diffs: [key], replaces: [] });
  });
});

describe("forms with the same meaning", () => {
  it.each<[string, Props]>([
    ["the order of the environment", { envs: ["A=1", "TZ=UTC"] }],
    [
      "the order of the aliases",
      { networksAdvanced: [{ name: "laterbase-dev", aliases: ["primary", "db"] }] },
    ],
    ["a duration in another form", { healthcheck: { ...healthcheck(), timeout: "60s" } }],
    ["a default that is written out", { healthcheck: { ...healthcheck(), startPeriod: "0s" } }],
    ["short names of capabilities", { capabilities: { drops: ["all"], adds: ["chown"] } }],
    [
      "a port without its default protocol",
      { ports: [{ internal: 5432, external: 18008, ip: "127.0.0.1" }] },
    ],
    ["a port that the engine may choose", { ports: [{ internal: 5432, ip: "127.0.0.1" }] }],
    ["an upload that says it is not executable", { uploads: [{ ...upload(), executable: false }] }],
    ["leaving out what the engine then chooses", { hostname: undefined, stopSignal: undefined }],
    ["an empty user", { user: "" }],
  ])("%s is no change", (_name, change) => {
    expect(decide(change).diffs).toEqual([]);
  });

  function healthcheck(): Props {
    return inputs().healthcheck as Props;
  }

  function upload(): Props {
    return (inputs().uploads as Props[])[0] as Props;
  }
});

describe("drift", () => {
  it("replaces a stopped container that publishes ports", () => {
    const decision = decide({}, stop);
    expect(decision.diffs.sort()).toEqual(["mustRun", "ports"]);
    expect(decision.replaces).toEqual(["ports"]);
  });

  it("starts a stopped container without ports", () => {
    const info = inspected();
    stop(info);
    const without = { ...inputs(), ports: undefined };
    const state = readState(info, newState(without));
    expect(kind.diff({ inputs: without, state }, without)).toMatchObject({
      diffs: ["mustRun"],
      replaces: [],
    });
  });

  it("accepts a stopped container that need not run", () => {
    const info = inspected();
    stop(info);
    const idle = { ...inputs(), mustRun: false };
    const state = readState(info, newState(idle));
    expect(kind.diff({ inputs: idle, state }, idle).changes).toBe(false);
  });

  it("sets back a limit that was changed by hand", () => {
    const decision = decide({}, (info) => (info.HostConfig.Memory = 64 * 1024 * 1024));
    expect(decision).toMatchObject({ diffs: ["memory"], replaces: [] });
  });

  function stop(info: Docker.ContainerInspectInfo): void {
    info.State.Running = false;
    info.NetworkSettings.Ports = {};
  }
});

it("treats an unknown value as changed", () => {
  expect(decide({ image: UNKNOWN }).replaces).toEqual(["image"]);
  expect(decide({ networksAdvanced: [{ name: UNKNOWN }] }).replaces).toEqual(["networksAdvanced"]);
});
