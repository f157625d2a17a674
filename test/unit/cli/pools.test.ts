import { readCsv, rowsOf } from "../../../scripts/pooler/csv";
import { readPools } from "../../../scripts/pooler/pools";
import { poolTable } from "../../../scripts/cli/status/poolText";

const head =
  "database,user,cl_active,cl_waiting,cl_new_column,sv_active,sv_idle,sv_used,maxwait,maxwait_us,pool_mode";
const printed = [
  head,
  "app,alice,3,2,9,1,4,1,7,500000,transaction",
  '"we""ird,\nname",bob,1,0,0,0,0,0,0,0,session',
  "pgbouncer,pgbouncer,1,0,0,0,0,0,0,0,statement",
  "laterbase,config",
  "key,value,default,changeable",
  "max_client_conn,1000,100,yes",
  "",
].join("\n");

it("reads records as psql writes them", () => {
  expect(readCsv('a,"b ""c""\n,d"\n,\n')).toEqual([
    ["a", 'b "c"\n,d'],
    ["", ""],
  ]);
  expect(readCsv("a,b")).toEqual([["a", "b"]]);
  expect(readCsv("")).toEqual([]);
  expect(rowsOf([["a", "b"], ["1"]])).toEqual([{ a: "1", b: "" }]);
});

it("reads the pools of every release, and not PgBouncer's own", () => {
  expect(readPools(printed)).toEqual({
    ...{ paused: false, mostClients: 1000 },
    pools: [
      {
        database: "app",
        user: "alice",
        mode: "transaction",
        clients: { active: 3, waiting: 2 },
        servers: { active: 1, idle: 4, used: 1 },
        maxWait: 7.5,
      },
      {
        database: 'we"ird,\nname',
        user: "bob",
        mode: "session",
        clients: { active: 1, waiting: 0 },
        servers: { active: 0, idle: 0, used: 0 },
        maxWait: 0,
      },
    ],
  });
  expect(readPools(`laterbase,paused\n${printed}`)?.paused).toBe(true);
  expect(readPools(`${head}\n`)).toEqual({ paused: false, mostClients: null, pools: [] });
  expect(readPools("")).toBeUndefined();
  expect(readPools("laterbase,paused\n")).toBeUndefined();
});

it("shows names with escapes", () => {
  expect(poolTable(readPools(printed)!)).toBe(
    [
      "POOL           USER   MODE         CLIENTS  WAITING  LONGEST WAIT  SERVERS  IDLE",
      "app            alice  transaction  3        2        7.5 s         1        5",
      'we"ird,\\nname  bob    session      1        0                      0        0',
    ].join("\n"),
  );
  expect(poolTable({ unknown: "PgBouncer does not answer." })).toBe(
    "POOL\nunknown: PgBouncer does not answer.",
  );
});
