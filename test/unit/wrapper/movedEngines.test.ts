import type { ResourceState, StepEvent } from "../../../scripts/wrapper/events";
import { movedEngines } from "../../../scripts/wrapper/movedEngines";

const state = (config: object): ResourceState => ({
  ...{ id: "", parent: "", custom: false, provider: "", protect: false, retainOnDelete: false },
  ...{ inputs: { config }, outputs: {} },
});
const step = (old: object | undefined, now: object): StepEvent => ({
  ...{ op: old ? "update" : "create", type: "laterbase:index:Laterbase", name: "laterbase" },
  urn: "urn:pulumi:prod::laterbase::laterbase:index:Laterbase::laterbase",
  ...{ keys: [], diffs: ["config"], detailedDiff: {}, new: state(now) },
  ...(old ? { old: state(old) } : {}),
});
/** A volume that is there already, or that the run makes. */
const volume = (name: string, isThere = true): StepEvent => ({
  ...step(undefined, {}),
  ...{ op: isThere ? "same" : "create", type: "docker:index/volume:Volume", name },
  urn: `urn:pulumi:prod::laterbase::docker:index/volume:Volume::${name}`,
  new: { ...state({}), inputs: { name } },
  ...(isThere ? { old: { ...state({}), inputs: { name } } } : {}),
});
const nas = "ssh://media@nas.local";
/** The engines by their addresses. One that is not here does not answer. */
const moved = async (
  old: object | undefined,
  now: object,
  engines: Record<string, string> = { "": "A", [nas]: "B" },
  stack = "prod",
  volumes: string[] = [],
  kept = ["primary", "first", "second"].map((name) => volume(`laterbase-${stack}-${name}-data`)),
) => {
  const found = await movedEngines([step(old, now), ...kept], stack, (host) => {
    const id = engines[host];
    return Promise.resolve(id === undefined ? undefined : { id, volumes });
  });
  return found.map(({ sentence }) => sentence);
};

it("refuses another engine for a stack that is there", async () => {
  const sentence =
    "laterbase:dockerHost is ssh://media@nas.local, and the stack is on the default engine: 'up' moves no stack, because its data stay where they are. " +
    "Put the old engine back. docs/tasks/move-to-another-host.md shows how a stack moves.";
  expect(await moved({}, { dockerHost: nas })).toEqual([sentence]);
  expect(await moved({}, { dockerHost: nas }, { "": "A" })).toEqual([sentence]);
  expect((await moved({ dockerHost: nas }, {}))[0]).toMatch(
    /^laterbase:dockerHost is the default engine, and the stack is on ssh:\/\/media@nas\.local: /,
  );
});

it("refuses another engine for a standby that is there", async () => {
  const of = (more: object) => ({ standbys: { second: { port: 5433, ...more } } });
  expect(await moved(of({}), of({ dockerHost: nas }))).toEqual([
    "The dockerHost of the standby \"second\" is ssh://media@nas.local, and it is on the default engine: 'up' moves no standby. " +
      "Put the old engine back, and add a standby with another name on the new one. " +
      "When that one has cloned, 'npm run laterbase -- forget second --stack prod' takes the old one out.",
  ]);
  expect(await moved(of({}), of({ dockerHost: nas }), { [nas]: "B" }, "dev")).toEqual([
    "The dockerHost of the standby \"second\" is ssh://media@nas.local, and it is on the default engine, which does not answer: 'up' moves no standby. " +
      "Put the old engine back. If its machine is gone for good, add a standby with another name on the new engine, " +
      "run 'npm run laterbase -- forget second --engine-gone', and then 'up'.",
  ]);
  expect(await moved(of({}), of({ port: 5434 }))).toEqual([]);
});

it("lets a new stack, a new standby and another address of the same engine be", async () => {
  expect(await moved(undefined, { dockerHost: nas })).toEqual([]);
  expect(await moved({ standbys: {} }, { standbys: { b: { dockerHost: nas } } })).toEqual([]);
  expect(await moved({}, { dockerHost: nas }, { "": "A", [nas]: "A" })).toEqual([]);
  expect(await moved({ dockerHost: nas }, { dockerHost: nas })).toEqual([]);
});

it("knows an engine whose old address does not answer any more by the volumes of the part", async () => {
  const of = (more: object) => ({ standbys: { second: { port: 5433, ...more } } });
  const there = { [nas]: "B" };
  const data = ["laterbase-prod-second-data"];
  const old = { dockerHost: "ssh://media@10.0.0.7" };
  expect(await moved(of(old), of({ dockerHost: nas }), there, "prod", data)).toEqual([]);
  expect(await moved(old, { dockerHost: nas }, there, "prod", data)).toEqual([]);
  // Volumes of another stack, or of another standby, show nothing.
  expect(await moved(old, { dockerHost: nas }, there, "prod", ["laterbase-pr-a"])).toHaveLength(1);
  const other = ["laterbase-prod-first-data"];
  expect(await moved(of(old), of({ dockerHost: nas }), there, "prod", other)).toHaveLength(1);
  // While the old one answers, it has the data.
  const both = { ...there, [old.dockerHost]: "A" };
  expect(await moved(of(old), of({ dockerHost: nas }), both, "prod", data)).toHaveLength(1);
});

it("lets an address be corrected at which nothing was ever made", async () => {
  const of = (more: object) => ({ standbys: { second: { port: 5433, ...more } } });
  const typo = { dockerHost: "ssh://media@nas.locl" };
  const made = [volume("laterbase-prod-primary-data"), volume("laterbase-prod-second-data", false)];
  const engines = { "": "A", [nas]: "B" };
  expect(await moved(of(typo), of({ dockerHost: nas }), engines, "prod", [], made)).toEqual([]);
  const none = [volume("laterbase-prod-primary-data", false)];
  expect(await moved({}, { dockerHost: nas }, engines, "prod", [], none)).toEqual([]);
});

it("says where neither engine answered, because then nobody knows whether it is a move", async () => {
  const steps = [step({}, { dockerHost: nas }), volume("laterbase-prod-primary-data")];
  const unseen = async (...answering: string[]) => {
    const found = await movedEngines(steps, "prod", (host) =>
      Promise.resolve(answering.includes(host) ? { id: host, volumes: [] } : undefined),
    );
    return found.map((one) => one.unseen);
  };
  expect([await unseen(), await unseen(""), await unseen(nas)]).toEqual([[true], [false], [false]]);
});
