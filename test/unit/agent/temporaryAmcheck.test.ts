import type { Client } from "pg";
import { snapshotWithoutAmcheck } from "../../../scripts/agent/dump/temporaryAmcheck";

/** The database has the OID 16400, and a role that streams has this note. */
function take(note: string | null) {
  const query = (text: string) => ({
    rows: text.includes("pg_export_snapshot")
      ? [{ id: "snapshot" }]
      : [{ note, database: "16400" }],
  });
  // A wait for the next look ends at once.
  const signal = AbortSignal.abort(new Error("it waits"));
  return snapshotWithoutAmcheck({ query } as unknown as Client, signal);
}

const ours = { laterbase: 1, owner: "dev" };

it("waits while `up` checks a standby's text indexes in this database", async () => {
  const note = JSON.stringify({ ...ours, amcheck: { 16400: { standby: true } } });
  await expect(take(note)).rejects.toThrow("abort");
});

test.each([
  ["without a note", null],
  ["of a check in another database", JSON.stringify({ ...ours, amcheck: { 16401: {} } })],
  ["of a stack without a check", JSON.stringify(ours)],
  ["that is not of ours", JSON.stringify({ amcheck: { 16400: {} } })],
  ["that looks like one of ours and is no JSON", '{"laterbase" of our old server}'],
  ["that is JSON and no object", "null"],
])("dumps at once where a role has a note %s", async (_, note) => {
  expect(await take(note)).toBe("snapshot");
});
