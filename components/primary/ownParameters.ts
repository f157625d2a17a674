/**
 * Why a parameter cannot be set by `primary.settings`, and what to use: for a sentence that begins with its key. The
 * names are in lower case; PostgreSQL takes any.
 */
export function whyNot(name: string): string | undefined {
  const lower = name.toLowerCase();
  return own[lower] ?? families.find(([family]) => family.test(lower))?.[1];
}

const use = (key: string) => `must not be set here; use laterbase:${key}`;
const ours = (why: string) => `must not be set, because ${why}`;

const log = ours(
  "a server's log is its container's, and Laterbase reads it; `docker logs` shows it",
);
const place = ours("the container decides where files and sockets are");
const follows = ours("Laterbase decides what a standby follows and how data are recovered");
const loses = ours("with another value than PostgreSQL's default a crash or a bad disk loses data");
const encrypted = ours("Laterbase has no certificates for its servers");
const directive = ours("it is no parameter: it includes another file");

const own: Readonly<Record<string, string>> = {
  port: use("primary.port"),
  listen_addresses: use("bindAddress"),
  max_connections: use("primary.maxConnections"),
  superuser_reserved_connections: ours(
    "the pooler's sizes count with PostgreSQL's 3; use laterbase:primary.maxConnections",
  ),
  reserved_connections: ours(
    "the pooler's sizes count with PostgreSQL's 0; use laterbase:primary.maxConnections",
  ),
  shared_buffers: use("primary.memory"),
  huge_pages: ours("the limit of laterbase:primary.memory does not count huge pages"),
  timezone: use("timeZone"),
  log_timezone: use("timeZone"),
  hba_file: use("primary.allowFrom"),
  max_slot_wal_keep_size: use("primary.slotRetention"),
  idle_replication_slot_timeout: use("primary.slotRetention"),
  archive_timeout: use("backups.archiveTimeout"),
  archive_mode: use("backups"),
  archive_command: use("backups"),
  archive_library: use("backups"),
  archive_cleanup_command: use("backups"),
  wal_keep_size: ours("Laterbase keeps 512MB of WAL for a standby whose slot is made anew"),
  wal_level: ours("standbys and backups need `replica`"),
  max_wal_senders: ours("Laterbase sets it by the number of standbys"),
  max_replication_slots: ours("Laterbase sets it by the number of standbys"),
  hot_standby: ours("the standbys answer reads"),
  primary_conninfo: follows,
  primary_slot_name: follows,
  restore_command: follows,
  promote_trigger_file: follows,
  sync_replication_slots: follows,
  cluster_name: ours("a standby's own name is there"),
  dynamic_library_path: ours("a standby looks for libraries in a folder of its own, too"),
  allow_alter_system: ours("Laterbase sets the limit of the slots by ALTER SYSTEM"),
  db_user_namespace: ours("it changes the names of roles"),
  password_encryption: ours("passwords are stored as scram-sha-256"),
  lc_messages: log,
  fsync: loses,
  full_page_writes: loses,
  data_sync_retry: loses,
  zero_damaged_pages: loses,
  ignore_checksum_failure: loses,
  ignore_system_indexes: loses,
  ignore_invalid_pages: loses,
  data_directory: place,
  config_file: place,
  ident_file: place,
  external_pid_file: place,
  include: directive,
  include_dir: directive,
  include_if_exists: directive,
};

/** The parameters that Laterbase sets or needs as they are, by their names in lower case. */
export const ownParameters: readonly string[] = Object.keys(own);

const families: readonly (readonly [RegExp, string])[] = [
  [/^recovery_(target|end_command|min_apply_delay)/, follows],
  [/^unix_socket_/, place],
  [/^ssl($|_)/, encrypted],
  [
    /^(logging_collector|log_(destination|directory|file.*|rotation_.*|truncate_on_rotation|min_messages|line_prefix))$/,
    log,
  ],
  [/^(syslog_|event_source$)/, log],
];
