import {
  isTakenOver,
  needsRestart,
  ofTurn,
  parametersOf,
  reloadedFile,
  renderParameters,
} from "../../../contract/serverSettings";

const all = {
  work_mem: "64MB",
  max_worker_processes: "12",
  wal_buffers: "16MB",
  synchronous_standby_names: "standby",
  "pg_stat_statements.max": "5000",
};

it("knows which ones need a restart, whatever their case; those of extensions count as such", () => {
  expect(ofTurn(all, "reload")).toEqual({
    work_mem: "64MB",
    synchronous_standby_names: "standby",
  });
  expect(Object.keys(ofTurn(all, "restart"))).toEqual([
    ...["max_worker_processes", "wal_buffers", "pg_stat_statements.max"],
  ]);
  expect(["Wal_Buffers", "TimeZone", "DateStyle", "app.tenant"].map(needsRestart)).toEqual([
    ...[true, false, false, true],
  ]);
});

it("leaves to a standby what it takes over from its primary, and no other standby to wait for", () => {
  expect(parametersOf("primary", all)).toEqual(all);
  expect(parametersOf("standby", all)).toEqual({
    work_mem: "64MB",
    wal_buffers: "16MB",
    "pg_stat_statements.max": "5000",
  });
  const taken = ["max_connections", "MAX_WORKER_PROCESSES", "track_commit_timestamp"];
  expect(taken.map(isTakenOver)).toEqual([true, true, true]);
  expect(isTakenOver("wal_buffers")).toBe(false);
});

it("quotes every value, so that none is read as another line", () => {
  expect(
    renderParameters({ search_path: `"$user", 'a\\b'`, DateStyle: "ISO, DMY", empty: "" }),
  ).toBe(`search_path = '"$user", ''a\\\\b'''\nDateStyle = 'ISO, DMY'\nempty = ''\n`);
});

it.each([
  ["a line break", { work_mem: "1MB'\narchive_mode = 'off" }],
  ["another control character", { work_mem: "1MB\u0000" }],
  ["a name with a space", { "work_mem = 1\nport": "1" }],
  ["a name with a quote", { "a'b": "1" }],
])("writes nothing for %s", (_, parameters: Record<string, string>) => {
  expect(() => renderParameters(parameters)).toThrow(/^the parameter ".*" cannot be written$/);
});

it("keeps what a reload puts in force beside the data", () => {
  expect([reloadedFile("primary"), reloadedFile("standby")]).toEqual([
    "/var/lib/postgresql/primary/settings.conf",
    "/var/lib/postgresql/standby/settings.conf",
  ]);
});
