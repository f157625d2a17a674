import { drillPaths } from "../../../../contract/pgBackRest";
import { controlled } from "../../../../contract/pgControl";

/** What the settings of a drill's server depend on. */
export interface ServerArgs {
  major: number;
  stanza: string;
  repository: number;
  timeline: number;
  /** Replay stops before the first record at it or behind it. */
  target: string;
  /** What the WAL needs, by the names of the settings: from the restored pg_control and from the primary. */
  least: Readonly<Record<string, string>>;
}

/**
 * The whole configuration of a drill's server. The restored files postgresql.conf, pg_hba.conf and pg_ident.conf are not
 * read, and postgresql.auto.conf is emptied: nothing that was set on the primary takes part. It has no network, archives
 * nothing, loads no library, starts no worker of an extension, and follows no publication.
 */
export function serverSettings(args: ServerArgs): string {
  const { major, target, timeline } = args;
  const settings: [string, string][] = [
    ["data_directory", drillPaths.data],
    ["hba_file", `${drillPaths.conf}/pg_hba.conf`],
    ["ident_file", `${drillPaths.conf}/pg_ident.conf`],
    ["external_pid_file", ""],
    ["cluster_name", "laterbase drill"],
    ["listen_addresses", ""],
    ["port", "5432"],
    ["unix_socket_directories", drillPaths.socket],
    ["unix_socket_permissions", "0700"],
    ["ssl", "off"],
    ["archive_mode", "off"],
    ["archive_command", ""],
    ["archive_cleanup_command", ""],
    ["recovery_end_command", ""],
    ["primary_conninfo", ""],
    ["primary_slot_name", ""],
    ["restore_command", restoreCommand(args)],
    ["recovery_target_lsn", target],
    // The target is the end of a record, so the next one is not replayed.
    ["recovery_target_inclusive", "off"],
    ["recovery_target_timeline", String(timeline)],
    // So that it can be looked at before anything else is written.
    ["recovery_target_action", "pause"],
    ["hot_standby", "on"],
    ["wal_level", "replica"],
    ["shared_preload_libraries", ""],
    ["session_preload_libraries", ""],
    ["local_preload_libraries", ""],
    ["dynamic_library_path", "$libdir"],
    ["max_logical_replication_workers", "0"],
    ["autovacuum", "off"],
    ["autovacuum_freeze_max_age", "2000000000"],
    // It is thrown away, so nothing has to survive a crash.
    ["fsync", "off"],
    ["full_page_writes", "off"],
    ["synchronous_commit", "off"],
    ["restart_after_crash", "off"],
    ["logging_collector", "off"],
    ["log_destination", "stderr"],
    ["log_statement", "none"],
    ["shared_buffers", "128MB"],
    ["maintenance_work_mem", "64MB"],
    ["max_parallel_workers", "0"],
    ["huge_pages", "off"],
    ["jit", "off"],
    ["max_wal_size", "512MB"],
    ["checkpoint_timeout", "1h"],
    ["lc_messages", "C"],
    ["log_timezone", "UTC"],
    ...(major >= 17 ? [["summarize_wal", "off"] as [string, string]] : []),
    ...Object.entries(args.least),
  ];
  return settings.map(([name, value]) => `${name} = ${quotedValue(value)}\n`).join("");
}

/** Only the servers' own user is let in, as the superuser. */
export const drillHba = "local all postgres peer map=drill\n";
export const drillIdent = "drill postgres postgres\n";

const quotedValue = (value: string) => `'${value.replace(/\\/g, "\\\\").replace(/'/g, "''")}'`;

/** The options that keep pgBackRest of a drill apart from every other command of it. */
export const ownPlaces = [
  `--pg1-path=${drillPaths.data}`,
  `--lock-path=${drillPaths.locks}`,
] as const;

/** PostgreSQL replaces %f and %p. Segments are fetched ahead, several at a time. */
const restoreCommand = ({ stanza, repository }: ServerArgs) =>
  [
    ...["pgbackrest", `--stanza=${stanza}`, `--repo=${repository}`, ...ownPlaces],
    ...["--archive-async", `--spool-path=${drillPaths.spool}`, "--log-level-file=off"],
    'archive-get %f "%p"',
  ].join(" ");

/** The settings that must be at least those that the WAL was written with, with the highest value of each. */
export function leastSettings(
  control: string,
  primary: Readonly<Record<string, string>>,
): Record<string, string> {
  const least = controlled("least").flatMap(({ name, line }) => {
    const written = line === undefined ? undefined : controlValue(control, line);
    const known = [written, primary[name]].flatMap((one) => (one === undefined ? [] : [one]));
    const [first] = known;
    if (first === undefined) return [];
    if (known.some((one) => !/^\d+$/.test(one))) {
      return [[name, known.includes("on") ? "on" : "off"] as const];
    }
    return [[name, String(Math.max(...known.map(Number)))] as const];
  });
  return Object.fromEntries(least);
}

/** The value of a line that pg_controldata prints. */
export function controlValue(control: string, line: string): string | undefined {
  const found = control.split("\n").find((one) => one.startsWith(`${line}:`));
  return found?.slice(line.length + 1).trim();
}
