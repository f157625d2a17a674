/** The settings that a managed primary and every standby share. */
export function renderServerConf(timeZone: string): string {
  return `listen_addresses = '*'
port = 5432
password_encryption = 'scram-sha-256'
shared_buffers = '256MB'
# Between checkpoints a page is logged whole once: restoring 2 GB writes 1.8 GB of WAL so, 3 GB at 1GB.
max_wal_size = '4GB'
huge_pages = off
timezone = '${timeZone}'
log_timezone = '${timeZone}'
lc_messages = 'C'
`;
}
