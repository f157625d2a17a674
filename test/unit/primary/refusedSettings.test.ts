import { refusedSettings } from "../../../scripts/primary/observe/refusedSettings";

// What PostgreSQL refuses, a trial shows with real images: extensions/newImage.test.ts.
const name = { project: "laterbase", stack: "dev" };
const settings = { work_mem: "abc" };
const dead = { dockerHost: "tcp://127.0.0.1:1" };

it.each([
  ["an external primary", { kind: "external", version: 17 }],
  ["a primary without settings", { kind: "managed", version: 17 }],
  ["an engine that does not answer", { kind: "managed", version: 17, settings }],
])("says nothing of %s, and asks no engine that is not there", async (_what, primary) => {
  expect(await refusedSettings({ ...dead, primary }, name, "image")).toEqual([]);
});
