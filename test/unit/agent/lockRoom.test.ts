import { lockProblem } from "../../../scripts/agent/dump/lockRoom";

/** A server with PostgreSQL's defaults. */
const defaults = { each: 64, processes: 121, others: 20 };

it("lets a dump begin that leaves room for the locks of clients", () => {
  expect(lockProblem({ ...defaults, tables: 2001 }, "primary")).toBeUndefined();
  // 64 x 121 x 1.25 = 9680, of which 20 are taken and 150 are for what is not a table.
  expect(lockProblem({ ...defaults, tables: 9510 }, "primary")).toBeUndefined();
});

it("names the setting and a value for it, in one sentence, before anything is locked", () => {
  expect(lockProblem({ ...defaults, tables: 9511 }, "primary")).toBe(
    "pg_dump has to lock 9511 tables at the same time, and the primary would have no room left for the locks of its clients: " +
      "set max_locks_per_transaction to at least 128 on it and restart it (it is 64 now).",
  );
  expect(lockProblem({ ...defaults, tables: 50_000 }, "standby")).toBe(
    "pg_dump has to lock 50000 tables at the same time, and the standby would have no room left for the locks of its clients: " +
      "set max_locks_per_transaction to at least 448 on the primary, restart it, then the standby (it is 64 now).",
  );
});

it("accepts the value that it names", () => {
  for (const tables of [9511, 50_000, 123_456]) {
    const [, wanted] = /at least (\d+)/.exec(lockProblem({ ...defaults, tables }, "primary")!)!;
    expect(lockProblem({ ...defaults, tables, each: Number(wanted) }, "primary")).toBeUndefined();
  }
});

it("counts what others hold", () => {
  expect(lockProblem({ ...defaults, tables: 2001, others: 8000 }, "primary")).toContain(
    "at least 128",
  );
});
