import type Docker from "dockerode";
import { createStep } from "../../../scripts/engine/createStep";

/** An engine that has these containers of steps. It keeps what it was told. */
function engineWith(ages: Record<string, number>, list = true) {
  const removed: string[] = [];
  const asked: unknown[] = [];
  const now = 1_800_000_000;
  const engine = {
    createContainer: (options: object) => {
      asked.push(options);
      return Promise.resolve({ id: "own" });
    },
    listContainers: (options: object) => {
      asked.push(options);
      if (!list) return Promise.reject(new Error("no answer"));
      const all = Object.entries({ own: 0, ...ages });
      return Promise.resolve(all.map(([Id, age]) => ({ Id, Created: now - age })));
    },
    getContainer: (id: string) => ({
      remove: () => {
        removed.push(id);
        return id === "busy" ? Promise.reject(new Error("in use")) : Promise.resolve();
      },
    }),
  };
  return { engine: engine as unknown as Docker, removed, asked };
}

it("removes what killed runs left, and leaves what another run has just made", async () => {
  const { engine, removed, asked } = engineWith({ old: 3600, minute: 61, new: 60, ahead: -5 });
  const made = await createStep(engine, { Image: "postgres" });
  expect(made.id).toBe("own");
  expect(removed).toEqual(["old", "minute"]);
  const label = { "laterbase.role": "step" };
  expect(asked).toEqual([
    { Image: "postgres", Healthcheck: { Test: ["NONE"] }, Labels: label },
    {
      all: true,
      filters: { label: ["laterbase.role=step"], status: ["created", "exited", "dead"] },
    },
  ]);
});

it("goes on when one cannot be removed, or the engine does not list them", async () => {
  const busy = engineWith({ busy: 100, old: 100 });
  expect((await createStep(busy.engine, {})).id).toBe("own");
  expect(busy.removed).toEqual(["busy", "old"]);
  const silent = engineWith({ old: 100 }, false);
  expect((await createStep(silent.engine, {})).id).toBe("own");
  expect(silent.removed).toEqual([]);
});
