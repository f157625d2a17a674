import { dataFolder, type ServerKind } from "./names";
import { controlled } from "./pgControl";

/** Parameters of postgresql.conf, as the server reads them: a text for each name. */
export type Parameters = Readonly<Record<string, string>>;

/**
 * The file of the parameters that a reload puts in force. It is beside the data, so a new container of the same
 * server starts with it.
 */
export const reloadedFile = (kind: ServerKind): string => `${dataFolder(kind)}/settings.conf`;

/**
 * The parameters that only a start of the server puts in force, of every major from 13 to 18. A test compares the list
 * with the servers of our images.
 */
const atStart = new Set(
  `archive_mode autovacuum_freeze_max_age autovacuum_max_workers autovacuum_multixact_freeze_max_age
  autovacuum_worker_slots bonjour bonjour_name cluster_name commit_timestamp_buffers config_file data_directory
  data_sync_retry debug_io_direct dynamic_shared_memory_type event_source external_pid_file hba_file hot_standby
  huge_page_size huge_pages ident_file ignore_invalid_pages io_max_combine_limit io_max_concurrency io_method
  jit_provider listen_addresses logging_collector max_active_replication_origins max_connections
  max_files_per_process max_locks_per_transaction max_logical_replication_workers max_notify_queue_pages
  max_pred_locks_per_transaction max_prepared_transactions max_replication_slots max_wal_senders
  max_worker_processes min_dynamic_shared_memory multixact_member_buffers multixact_offset_buffers notify_buffers
  old_snapshot_threshold port recovery_target recovery_target_action recovery_target_inclusive recovery_target_lsn
  recovery_target_name recovery_target_time recovery_target_timeline recovery_target_xid reserved_connections
  restore_command serializable_buffers shared_buffers shared_memory_type shared_preload_libraries
  subtransaction_buffers superuser_reserved_connections trace_connection_negotiation track_activity_query_size
  track_commit_timestamp transaction_buffers unix_socket_directories unix_socket_group unix_socket_permissions
  wal_buffers wal_decode_buffer_size wal_level wal_log_hints`.split(/\s+/),
);

/**
 * Whether a parameter needs a restart. One of an extension has a dot in its name, and only the extension knows: it
 * counts as one that does.
 */
export const needsRestart = (name: string): boolean =>
  name.includes(".") || atStart.has(name.toLowerCase());

/** Whether a standby takes a parameter from its primary by itself: with less than the primary has, its replay stops. */
export const isTakenOver = (name: string): boolean =>
  controlled("least").some((one) => one.name === name.toLowerCase());

/**
 * The parameters that a server of a kind has of those of the primary. A standby has all of them, because it answers
 * reads now and may take the primary's place later: without those that it takes over by itself, and without the one
 * that would have its clients wait for another standby.
 */
export function parametersOf(kind: ServerKind, all: Parameters): Parameters {
  if (kind === "primary") return all;
  return pick(
    all,
    (name) => !isTakenOver(name) && name.toLowerCase() !== "synchronous_standby_names",
  );
}

/** Those that need a restart, or those that do not. */
export const ofTurn = (all: Parameters, turn: "restart" | "reload"): Parameters =>
  pick(all, (name) => needsRestart(name) === (turn === "restart"));

function pick(all: Parameters, wanted: (name: string) => boolean): Parameters {
  return Object.fromEntries(Object.entries(all).filter(([name]) => wanted(name)));
}

/**
 * Parameters as lines of postgresql.conf. A value is quoted, whatever it is: it is never read as another line.
 *
 * @throws Error for a name or value that no line can hold; the schema refuses both before
 */
export function renderParameters(all: Parameters): string {
  return Object.entries(all)
    .map(([name, value]) => {
      // eslint-disable-next-line no-control-regex -- a line break would begin another line
      if (!parameterName.test(name) || /[\x00-\x1f\x7f]/.test(value)) {
        throw new Error(`the parameter ${JSON.stringify(name)} cannot be written`);
      }
      return `${name} = '${value.replace(/\\/g, "\\\\").replace(/'/g, "''")}'\n`;
    })
    .join("");
}

/** The name of a parameter, or of one of an extension. */
export const parameterName = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_$]*)*$/;

/** What `scripts/steps/serverSettings.ts` reads from standard input, as JSON. */
export interface ServerSettingsInput {
  kind: ServerKind;
  /** The container's id. Another container gets the file again, because its volume may be another one. */
  id: string;
  /** What a reload puts in force. */
  reload: Parameters;
  /** The names of those that the server has since its start. */
  atStart: readonly string[];
}

/** What `scripts/steps/settingsCheck.ts` reads from standard input, as JSON. */
export interface SettingsCheckInput {
  /** The image that the servers get. The engine has it. */
  image: string;
  major: number;
  settings: Parameters;
}
