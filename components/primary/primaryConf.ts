import { socketFolder } from "../../contract/names";
import { pgBackRestPaths } from "../../contract/pgBackRest";
import type { Parameters } from "../../contract/serverSettings";
import { renderServerConf, renderSettings, type ServerConfArgs } from "../kit/serverConf";

interface PrimaryConfArgs extends ServerConfArgs {
  /** max_connections. Default 100. A change restarts the primary. */
  maxConnections?: number | undefined;
  /** How many standbys there are. Default 0. More than five of them raise limits, which restarts the primary. */
  standbys?: number | undefined;
  /** `settings`. Default: none. A change restarts the primary, or has it read them again. */
  settings?: Parameters | undefined;
}

/** A clone uses one for the backup and one for its WAL. The preflight asks for as many free ones. */
const sendersOfClone = 2;

/** postgresql.conf of a managed primary. */
export function renderPrimaryConf({
  maxConnections = 100,
  standbys = 0,
  settings,
  ...server
}: PrimaryConfArgs): string {
  return `${renderServerConf(server)}unix_socket_directories = '${socketFolder("primary")}'
max_connections = ${maxConnections}
wal_level = replica
max_wal_senders = ${Math.max(10, sendersOfClone * standbys)}
max_replication_slots = ${Math.max(10, standbys)}
# A standby whose slot is made anew still finds the last minutes.
wal_keep_size = '512MB'
# Only a restart changes the mode, so it is always on. Whether and how WAL is archived comes by a reload. Until then
# WAL waits where the primary has archived before.
archive_mode = on
archive_command = 'test ! -e ${pgBackRestPaths.archives}'
include_if_exists = '${pgBackRestPaths.archiveConf}'
${renderSettings("primary", settings)}`;
}
