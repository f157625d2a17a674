import type { Client } from "pg";
import type { Manifest } from "../../../contract/manifest";
import { lookAtRestored, subscriptionNotes } from "../../../scripts/agent/restore/restoredNotes";

it("knows the templates after a restore, and undoes nothing where the server cannot be asked", async () => {
  const manifest = { database: {}, source: { server: "primary" } } as Manifest;
  const look = (query: (text: string, values: unknown[]) => unknown) =>
    lookAtRestored({ query } as unknown as Client, { manifest, database: "app", kept: "app_old" });
  const rows = (_: string, [names]: unknown[]) => ({
    rows: [{ template: (names as string[])[1] }],
  });
  expect(await look(rows)).toEqual({ notes: [], templates: ["app_old"] });
  expect(await look(() => ({ rows: [] }))).toEqual({ notes: [] });
  expect(await look(() => Promise.reject(new Error("the connection broke")))).toEqual({
    notes: ['"app" could not be looked at any more: the connection broke.'],
  });
});

it("says that a restored subscription names the slot that the dumped database uses", () => {
  expect(subscriptionNotes([{ kind: "TABLE", name: "t" }])).toEqual([]);
  expect(subscriptionNotes([{ kind: "SUBSCRIPTION", name: 'a"b' }])).toEqual([
    'What it subscribes to is disabled, and names the slots of the dumped database at the publisher: "a""b". ' +
      "ALTER SUBSCRIPTION … SET (slot_name = NONE) must come before DROP SUBSCRIPTION, which would drop such a slot, " +
      "and both before DROP DATABASE.",
  ]);
});
