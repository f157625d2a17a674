import {
  leastSettings,
  serverSettings,
} from "../../../../../scripts/agent/pgBackRest/drill/settings";
import { markSql } from "../../../../../scripts/agent/pgBackRest/drill/marker";
import { sessionOptions } from "../../../../../contract/sessionSettings";
import { reading } from "../../../../../scripts/agent/pgBackRest/drill/sessions";
import { roomProblem } from "../../../../../scripts/agent/pgBackRest/drill/room";

const args = {
  ...{ major: 17, stanza: "main", repository: 2, timeline: 3, target: "0/5000098" },
  least: { max_connections: "200", track_commit_timestamp: "on" },
};

it("configures a server that has no network, archives nothing and loads nothing", () => {
  const lines = serverSettings(args).trimEnd().split("\n");
  expect(lines).toEqual([
    "data_directory = '/var/lib/postgresql/drill/data'",
    "hba_file = '/var/lib/postgresql/drill/conf/pg_hba.conf'",
    "ident_file = '/var/lib/postgresql/drill/conf/pg_ident.conf'",
    "external_pid_file = ''",
    "cluster_name = 'laterbase drill'",
    "listen_addresses = ''",
    "port = '5432'",
    "unix_socket_directories = '/var/lib/postgresql/drill/socket'",
    "unix_socket_permissions = '0700'",
    "ssl = 'off'",
    "archive_mode = 'off'",
    "archive_command = ''",
    "archive_cleanup_command = ''",
    "recovery_end_command = ''",
    "primary_conninfo = ''",
    "primary_slot_name = ''",
    "restore_command = 'pgbackrest --stanza=main --repo=2 --pg1-path=/var/lib/postgresql/drill/data " +
      "--lock-path=/var/lib/postgresql/drill/locks --archive-async --spool-path=/var/lib/postgresql/drill/spool " +
      '--log-level-file=off archive-get %f "%p"\'',
    "recovery_target_lsn = '0/5000098'",
    "recovery_target_inclusive = 'off'",
    "recovery_target_timeline = '3'",
    "recovery_target_action = 'pause'",
    "hot_standby = 'on'",
    "wal_level = 'replica'",
    "shared_preload_libraries = ''",
    "session_preload_libraries = ''",
    "local_preload_libraries = ''",
    "dynamic_library_path = '$libdir'",
    "max_logical_replication_workers = '0'",
    "autovacuum = 'off'",
    "autovacuum_freeze_max_age = '2000000000'",
    "fsync = 'off'",
    "full_page_writes = 'off'",
    "synchronous_commit = 'off'",
    "restart_after_crash = 'off'",
    "logging_collector = 'off'",
    "log_destination = 'stderr'",
    "log_statement = 'none'",
    "shared_buffers = '128MB'",
    "maintenance_work_mem = '64MB'",
    "max_parallel_workers = '0'",
    "huge_pages = 'off'",
    "jit = 'off'",
    "max_wal_size = '512MB'",
    "checkpoint_timeout = '1h'",
    "lc_messages = 'C'",
    "log_timezone = 'UTC'",
    "summarize_wal = 'off'",
    "max_connections = '200'",
    "track_commit_timestamp = 'on'",
  ]);
  // The setting came with 17, and an older server refuses it.
  expect(serverSettings({ ...args, major: 13 })).not.toContain("summarize_wal");
});

const control = `pg_control version number:            1700
max_connections setting:              100
max_worker_processes setting:         8
max_wal_senders setting:              10
max_prepared_xacts setting:           0
max_locks_per_xact setting:           64
track_commit_timestamp setting:       off
`;

it("takes the higher one of what the data need and what the primary has by now", () => {
  const primary = {
    max_connections: "300",
    max_worker_processes: "4",
    track_commit_timestamp: "on",
  };
  expect(leastSettings(control, primary)).toEqual({
    max_connections: "300",
    max_worker_processes: "8",
    max_wal_senders: "10",
    max_prepared_transactions: "0",
    max_locks_per_transaction: "64",
    track_commit_timestamp: "on",
  });
  expect(leastSettings(control, {})).toMatchObject({
    max_connections: "100",
    track_commit_timestamp: "off",
  });
});

it("writes one restore point on the primary, and ends the segment where it must be on the disk", () => {
  expect(markSql("laterbase drill 1a2b3c4d", false)).toBe(`
SELECT lsn::text,
       pg_catalog.to_char(pg_catalog.clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
       pg_catalog.substr(pg_catalog.pg_walfile_name(lsn), 1, 8) AS timeline
       
  FROM pg_catalog.pg_create_restore_point('laterbase drill 1a2b3c4d') AS lsn`);
  expect(markSql("x", true)).toContain(", pg_catalog.pg_switch_wal()::text AS ended");
});

it("prints money alike on both servers, whatever the primary's settings are", () => {
  const options = sessionOptions({ major: 17, superuser: true, with: reading });
  expect(options).toContain("lc_monetary=C");
});

it("says both figures where there is no room", () => {
  const needed = 3_335_544_320;
  // A tenth of the disk stays free, at least 1 GB and at most 10 GB.
  for (const [size, reserve] of [
    [5e9, 1e9],
    [40e9, 4e9],
    [500e9, 10e9],
  ] as const) {
    expect(roomProblem(needed, { size, free: needed + reserve })).toBeUndefined();
    expect(roomProblem(needed, { size, free: needed + reserve - 1 })).toEqual(expect.any(String));
  }
  expect(roomProblem(needed, { size: 20e9, free: 1_200_000_000 })).toBe(
    "The drill needs 3.3 GB for the restored data and their WAL, and leaves 2.0 GB free. " +
      "The disk of its volume has 1.2 GB free.",
  );
});
