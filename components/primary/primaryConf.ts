import { socketFolder } from "../../contract/names";
import { renderServerConf } from "../kit/serverConf";

interface PrimaryConfArgs {
  /** max_connections. Default 100. A change restarts the primary. */
  maxConnections?: number | undefined;
  /** An IANA time zone. A change restarts the primary. */
  timeZone: string;
}

/** postgresql.conf of a managed primary. */
export function renderPrimaryConf({ maxConnections = 100, timeZone }: PrimaryConfArgs): string {
  return `${renderServerConf(timeZone)}unix_socket_directories = '${socketFolder("primary")}'
max_connections = ${maxConnections}
wal_level = replica
max_wal_senders = 10
max_replication_slots = 10
# A standby whose slot is made anew still finds the last minutes.
wal_keep_size = '512MB'
`;
}
