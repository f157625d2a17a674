/**
 * What is asked of a primary, by the name of the fact: expressions that give JSON. Each is whole by itself, so that one
 * that fails or takes too long takes no other with it. Names are PostgreSQL's own, and the sessions find no others.
 */
export const primarySql = {
  server: `json_build_object(
    'version', current_setting('server_version'),
    'startedAt', pg_postmaster_start_time(),
    'inRecovery', pg_is_in_recovery(),
    'connections', json_build_object(
      'used', (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()),
      'most', current_setting('max_connections')::int))`,
  slots: `(SELECT coalesce(json_agg(json_build_object(
      'name', slot_name, 'active', active, 'status', wal_status,
      'bytes', greatest(0, pg_wal_lsn_diff(position, restart_lsn)),
      'limit', CASE WHEN allowed.bytes >= 0 THEN allowed.bytes END) ORDER BY slot_name), '[]')
    FROM pg_replication_slots,
      (SELECT pg_size_bytes(current_setting('max_slot_wal_keep_size')) AS bytes) AS allowed,
      (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS position) AS now)`,
  replicas: `(SELECT coalesce(json_agg(json_build_object(
      'slot', slot_name, 'state', state,
      'bytes', greatest(0, pg_wal_lsn_diff(position, replay_lsn)),
      'seconds', CASE WHEN replay_lsn >= position THEN 0 ELSE extract(epoch FROM replay_lag) END)), '[]')
    FROM pg_stat_replication LEFT JOIN pg_replication_slots ON active_pid = pid,
      (SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS position) AS now)`,
  archiver: `(SELECT CASE WHEN current_setting('archive_mode') <> 'off' THEN json_build_object(
      'archived', archived_count, 'failed', failed_count, 'lastArchivedAt', last_archived_time,
      'lastFailedAt', last_failed_time, 'lastArchivedWal', last_archived_wal,
      'lastFailedWal', last_failed_wal) END
    FROM pg_stat_archiver)`,
  running: `(SELECT coalesce(json_agg(json_build_object(
      'what', what, 'database', datname, 'since', since, 'percent', percent) ORDER BY since), '[]')
    FROM (
      SELECT 'query' AS what, datname, query_start AS since, NULL::int AS percent FROM pg_stat_activity
        WHERE state = 'active' AND backend_type = 'client backend' AND query_start < now() - interval '1 minute'
          AND pid <> pg_backend_pid()
      UNION ALL
      SELECT 'open transaction', datname, xact_start, NULL FROM pg_stat_activity
        WHERE state LIKE 'idle in transaction%' AND xact_start < now() - interval '5 minutes'
      UNION ALL
      SELECT 'vacuum', v.datname, xact_start, (100 * heap_blks_scanned / nullif(heap_blks_total, 0))::int
        FROM pg_stat_progress_vacuum v JOIN pg_stat_activity USING (pid)
      UNION ALL
      SELECT 'create index', c.datname, xact_start, (100 * blocks_done / nullif(blocks_total, 0))::int
        FROM pg_stat_progress_create_index c JOIN pg_stat_activity USING (pid)
      UNION ALL
      SELECT 'base backup', NULL, backend_start, (100 * backup_streamed / nullif(backup_total, 0))::int
        FROM pg_stat_progress_basebackup JOIN pg_stat_activity USING (pid)
    ) AS work)`,
  databases: `(SELECT coalesce(json_agg(json_build_object(
      'name', datname, 'bytes', pg_database_size(oid),
      'clients', (SELECT count(*) FROM pg_stat_activity a
        WHERE a.datid = d.oid AND backend_type = 'client backend' AND pid <> pg_backend_pid())) ORDER BY datname), '[]')
    FROM pg_database d WHERE datallowconn AND datname NOT IN ('template0', 'template1'))`,
} as const;

/** What only the monitor asks of a primary. `status` takes it from the monitor. */
export const identitySql = `json_build_object(
    'systemIdentifier', (SELECT system_identifier::text FROM pg_control_system()),
    'timeline', CASE WHEN pg_is_in_recovery()
      THEN coalesce((SELECT received_tli FROM pg_stat_wal_receiver), (SELECT timeline_id FROM pg_control_checkpoint()))
      ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END,
    'clock', clock_timestamp())`;

/** The oldest transaction id that is not frozen. PostgreSQL refuses new ones three million before the end (13: one million). */
export const transactionAgeSql = `(SELECT json_build_object(
      'age', age(datfrozenxid), 'database', datname,
      'limit', 2147483647 - CASE WHEN current_setting('server_version_num')::int < 140000 THEN 1000000 ELSE 3000000 END)
    FROM pg_database ORDER BY age(datfrozenxid) DESC, datname LIMIT 1)`;

/** All of it as one statement, for a session that asks one question. */
export function asOne(names: readonly (keyof typeof primarySql)[]): string {
  return `SELECT json_build_object(${names.map((name) => `'${name}', ${primarySql[name]}`).join(",\n")})`;
}

/** A statement each, for psql. */
export function asSeveral(): string {
  return Object.entries(primarySql)
    .map(([name, sql]) => `SELECT json_build_object('${name}', ${sql});\n`)
    .join("");
}

/** What is asked of a standby. */
export const standbyFact = `json_build_object(
    'inRecovery', pg_is_in_recovery(),
    'paused', CASE WHEN pg_is_in_recovery() THEN pg_is_wal_replay_paused() ELSE false END,
    'streaming', EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming'),
    'replayAge', extract(epoch FROM now() - pg_last_xact_replay_timestamp()))`;

/** The same as a statement for psql. */
export const standbySql = `SELECT ${standbyFact};\n`;
