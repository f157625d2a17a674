import { MissingObjects } from "../../../scripts/agent/restore/missingObjects";
import type { PartRunner, RestoredDatabase } from "../../../scripts/agent/restore/partRunner";
import { SecondTry } from "../../../scripts/agent/restore/secondTry";
import type { Entry } from "../../../scripts/agent/dump/toc";

const view: Entry = {
  ...{ id: 7, kind: "MATERIALIZED VIEW DATA", section: "post-data", owner: "alice" },
  ...{ schema: "s", name: "v", tablespace: "", accessMethod: "", copy: "", needs: [] },
  definition: "REFRESH MATERIALIZED VIEW s.v",
};

it("makes what is tried again under the settings on which values depend", async () => {
  const asked: string[] = [];
  const query = (text: string) => {
    asked.push(text);
    return Promise.resolve({ rows: [] });
  };
  const session = { query, end: () => Promise.resolve() };
  const connect = jest.fn((..._where: unknown[]) => Promise.resolve(session));
  const role = { login: { connect } };
  // What is not known is left to the database, as in pg_restore's sessions.
  const values = { TimeZone: undefined, lc_time: "de_DE.UTF-8" };
  const restored = {
    ...{ client: session, role, trusted: [], entries: [view], database: "app", values },
    manifest: { database: { settings: [] } },
  };
  const runner = { as: (_part: unknown, work: (one: unknown) => unknown) => work(role) };
  const missing = new MissingObjects([view]);
  missing.note(new Map([[7, "function f() does not exist"]]));
  const { signal } = new AbortController();
  await new SecondTry(
    restored as unknown as RestoredDatabase,
    runner as unknown as PartRunner,
    missing,
    { turnOff: () => Promise.resolve() } as never,
    signal,
  ).run("refresh");
  expect(connect.mock.calls).toEqual([["app", signal, values]]);
  expect(asked).toEqual(expect.arrayContaining(['SET ROLE "alice"', view.definition]));
  expect(missing.entries()).toEqual([]);
});
