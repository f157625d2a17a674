import { remoteImage } from "../../../scripts/providers/docker/remoteImage";
import type { Props } from "../../../scripts/providers/protocol/provider";

const kind = remoteImage(() => {
  throw new Error("a diff asks no engine");
});
const inputs = { name: "a:1", build: { context: "images/a", buildArgs: { BASE: "b" } } };

function decide(state: Props, news: Props) {
  return kind.diff({ inputs, state }, news);
}

it.each<[string, Props]>([
  ["the name", { name: "a:2" }],
  ["the context's path", { build: { ...inputs.build, context: "images/b" } }],
  ["a build argument", { build: { ...inputs.build, buildArgs: { BASE: "c" } } }],
  ["a trigger", { triggers: { hash: "1" } }],
])("is replaced for another value of %s", (_name, change) => {
  expect(decide(inputs, { ...inputs, ...change }).replaces).toEqual([Object.keys(change)[0]]);
});

it("is updated by a change of keepLocally", () => {
  expect(decide(inputs, { ...inputs, keepLocally: true })).toMatchObject({
    diffs: ["keepLocally"],
    replaces: [],
  });
});

it("equals what the official provider stores in the state", () => {
  const kept = { remove: true, dockerfile: "Dockerfile", useLegacyBuilder: false, memory: 0 };
  const state = { ...inputs, build: { ...inputs.build, ...kept, label: {}, squash: false } };
  expect(decide(state, inputs).changes).toBe(false);
});
