import type { ServerKind } from "../../contract/names";
import {
  ofTurn,
  type Parameters,
  parametersOf,
  reloadedFile,
  renderParameters,
} from "../../contract/serverSettings";
import { usualMaxWal } from "../../contract/walSize";
import { serverMemory } from "./serverMemory";

/** What postgresql.conf depends on, whatever the server is. */
export interface ServerConfArgs {
  /** An IANA time zone. A change restarts the server. */
  timeZone: string;
  /** `memory` of the server. Default: 2GB, with buffers of 256MB. A change restarts it. */
  memory?: string | undefined;
}

/** The settings that a managed primary and every standby share. */
export function renderServerConf({ timeZone, memory }: ServerConfArgs): string {
  return `listen_addresses = '*'
port = 5432
password_encryption = 'scram-sha-256'
${serverMemory(memory).conf}# Between checkpoints a page is logged whole once: restoring 2 GB writes 1.8 GB of WAL so, 3 GB at 1GB.
max_wal_size = '${usualMaxWal / 1024}GB'
huge_pages = off
timezone = '${timeZone}'
log_timezone = '${timeZone}'
lc_messages = 'C'
`;
}

/** The end of postgresql.conf: what `primary.settings` sets. What a reload puts in force is in a file of its own. */
export function renderSettings(kind: ServerKind, settings: Parameters | undefined): string {
  if (settings === undefined) return "";
  const restart = ofTurn(parametersOf(kind, settings), "restart");
  return `# laterbase:primary.settings
${renderParameters(restart)}include_if_exists = '${reloadedFile(kind)}'
`;
}
