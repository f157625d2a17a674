import type Docker from "dockerode";
import { removeLeftover } from "../../../scripts/providers/docker/leftover";

const labels = { "laterbase.stack": "dev", "laterbase.role": "standby" };
const inputs = {
  name: "laterbase-dev-standby",
  labels: Object.entries(labels).map(([label, value]) => ({ label, value })),
  networksAdvanced: [{ name: "laterbase-dev" }],
};

interface There {
  labels?: Record<string, string>;
  status?: string;
  network?: string;
}

/** An engine with the network n-1 and one container, which notes what is done to it. */
function engineWith(there: There | undefined) {
  const done: unknown[] = [];
  const missing = Promise.reject(Object.assign(new Error("no such thing"), { statusCode: 404 }));
  missing.catch(() => undefined);
  const engine = {
    getContainer: (name: string) => ({
      inspect: () =>
        there
          ? Promise.resolve({
              Config: { Labels: there.labels ?? labels, StopTimeout: 60 },
              State: { Status: there.status ?? "running" },
              NetworkSettings: { Networks: { any: { NetworkID: there.network ?? "n-1" } } },
            })
          : missing,
      stop: (options: object) => Promise.resolve(done.push(["stop", name, options])),
      remove: (options: object) => Promise.resolve(done.push(["remove", name, options])),
    }),
    getNetwork: (name: string) => ({
      inspect: () => (name === "laterbase-dev" ? Promise.resolve({ Id: "n-1" }) : missing),
    }),
  };
  return { engine: engine as unknown as Docker, done };
}

const removed = [
  ["stop", "laterbase-dev-standby", { t: 60 }],
  ["remove", "laterbase-dev-standby", { force: true, v: false }],
];

it.each<[string, There]>([
  ["runs in this stack's network", {}],
  ["was never started, in whatever network", { status: "created", network: "" }],
])("removes a container of this stack that %s, and no volume", async (_what, there) => {
  const { engine, done } = engineWith(there);
  expect(await removeLeftover(engine, inputs)).toBe(true);
  expect(done).toEqual(removed);
});

it.each<[string, There, object]>([
  ["of another stack", { labels: { ...labels, "laterbase.stack": "prod" } }, inputs],
  ["of another role", { labels: { ...labels, "laterbase.role": "primary" } }, inputs],
  ["without our labels", { labels: {} }, inputs],
  ["of a stack of the same name, in its own network", { network: "n-2" }, inputs],
  ["where the wanted one has no labels", { labels: {} }, { ...inputs, labels: undefined }],
  ["where the wanted one joins no network", {}, { ...inputs, networksAdvanced: [] }],
])("leaves a container %s alone", async (_what, there, wanted) => {
  const { engine, done } = engineWith(there);
  expect([await removeLeftover(engine, wanted as never), done]).toEqual([false, []]);
});

it("needs to do nothing for a container that has gone meanwhile", async () => {
  expect(await removeLeftover(engineWith(undefined).engine, inputs)).toBe(true);
});
