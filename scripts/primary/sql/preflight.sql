SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = current_user \gset
\if :superuser
WITH args AS (
  SELECT current_setting('laterbase.args')::jsonb AS a),
server AS (
  SELECT current_setting('server_version_num')::int / 10000 AS major,
         pg_is_in_recovery() AS standby,
         current_setting('data_directory') AS data),
settings AS (
  SELECT name, setting, source,
         (SELECT f.setting FROM pg_file_settings f WHERE f.name = s.name ORDER BY seqno DESC LIMIT 1) AS filed
    FROM pg_settings s),
records AS (
  SELECT rolname, CASE WHEN note LIKE '{%"laterbase"%' THEN note::jsonb END AS o FROM (
    SELECT rolname, shobj_description(oid, 'pg_authid') AS note FROM pg_roles) r),
slots AS (
  SELECT slot_name::text AS slot, (SELECT o->>'owner' FROM records WHERE o->'slots' ? slot_name::text LIMIT 1) AS holder
    FROM pg_replication_slots),
-- A clone uses two connections (the backup and its WAL); what is ours already is not counted twice.
need AS (
  SELECT 'max_wal_senders' AS name, 2 * (a->>'standbys')::int AS ours,
         (SELECT count(*) FROM pg_stat_replication WHERE usename <> a->>'role')::int AS theirs FROM args
  UNION ALL
  SELECT 'max_replication_slots', (a->>'standbys')::int,
         (SELECT count(*) FROM slots WHERE NOT a->'slots' ? slot)::int FROM args),
-- What the server keeps for superusers and, from PostgreSQL 16 on, for roles that may use it.
reserved AS (
  SELECT coalesce(sum(setting::int), 0)::int AS n FROM settings
   WHERE name IN ('superuser_reserved_connections', 'reserved_connections')),
-- What only a restart can change: setting, the value to set.
restart AS (
  SELECT 'wal_level' AS name, 'replica' AS value,
         format('wal_level is "%s", and a standby needs at least "replica"', setting) AS why
    FROM settings WHERE name = 'wal_level' AND setting = 'minimal'
  UNION ALL
  SELECT n.name, greatest(10, ours + theirs)::text,
         format('%s is %s with %s in use by others, and %s free ones are needed', n.name, setting, theirs, ours)
    FROM need n JOIN settings s USING (name) WHERE setting::int < ours + theirs
  UNION ALL
  SELECT name, ((a->>'pooled')::int + 10 + n)::text,
         format('%s is %s with %s of them reserved, and the pooler''s %s and 10 for others need %s (or smaller pools, by laterbase:pooler.poolSize)',
           name, setting, n, a->>'pooled', (a->>'pooled')::int + 10 + n)
    FROM args, reserved, settings
   WHERE name = 'max_connections' AND (a->>'pooled')::int > 0 AND setting::int < (a->>'pooled')::int + 10 + n),
findings AS (
  SELECT 2 AS rank, format('The server is PostgreSQL %s, but laterbase:primary.version says %s.', major, a->>'version') AS finding
    FROM server, args WHERE major <> (a->>'version')::int
  UNION ALL
  SELECT 2, format('PostgreSQL %s is too old: 13 is the oldest that Laterbase works with.', major) FROM server WHERE major < 13
  UNION ALL
  SELECT 3, 'The server is itself a standby: name its primary instead.' FROM server WHERE standby
  UNION ALL
  SELECT 4, CASE
      WHEN s.source = 'command line' THEN format('%s: it is given on the server''s command line, so change it there to %s and restart PostgreSQL (nothing was changed yet).', why, value)
      WHEN s.filed IS DISTINCT FROM s.setting AND s.filed IS NOT NULL AND CASE name
          WHEN 'wal_level' THEN s.filed IN ('replica', 'logical') ELSE s.filed ~ '^\d+$' AND s.filed::bigint >= value::int END
        THEN format('%s: it is set to "%s" already and waits for a restart of PostgreSQL (pg_ctl restart -D ''%s'' -m fast, or as your system does it).', why, s.filed, data)
      ELSE format('%s: run ALTER SYSTEM SET %s = ''%s''; and then restart PostgreSQL (pg_ctl restart -D ''%s'' -m fast, or as your system does it); nothing was changed yet.', why, name, value, data) END
    FROM restart JOIN settings s USING (name), server
  UNION ALL
  SELECT 5, format('max_slot_wal_keep_size is given on the server''s command line (%s MB): remove it there and restart PostgreSQL.', setting)
    FROM settings WHERE name = 'max_slot_wal_keep_size' AND source = 'command line'
  UNION ALL
  SELECT 6, CASE WHEN o IS NULL
      THEN format('Role "%s" is on the primary already and was not made by Laterbase: drop or rename it first.', rolname)
      ELSE format('Role "%s" on the primary belongs to %s, not to %s: it is left alone.', rolname, o->>'owner', a->>'owner') END
    FROM records, args WHERE rolname IN (a->>'role', a->>'dumpRole') AND o->>'owner' IS DISTINCT FROM a->>'owner'
      AND NOT (o IS NULL AND current_setting('laterbase.mode') = 'mend')
  UNION ALL
  SELECT 7, CASE WHEN holder IS NULL
      THEN format('Slot "%s" is on the primary already and was not made by Laterbase: drop it (SELECT pg_drop_replication_slot(%L)) or give the standby another name.', slot, slot)
      ELSE format('Slot "%s" on the primary belongs to %s, not to %s: give the standby another name.', slot, holder, a->>'owner') END
    FROM slots, args WHERE a->'slots' ? slot AND holder IS DISTINCT FROM a->>'owner'
      AND NOT (holder IS NULL AND current_setting('laterbase.mode') = 'mend')
  UNION ALL
  SELECT 8, format('The server has no language plpgsql in database "%s": run CREATE EXTENSION plpgsql there.', current_database())
    WHERE NOT EXISTS (SELECT FROM pg_language WHERE lanname = 'plpgsql'))
SELECT '- ' || finding FROM (SELECT finding FROM findings ORDER BY rank, finding) f
UNION ALL
SELECT format('PostgreSQL %s is ready for %s standby(s).', current_setting('server_version'), a->>'standbys')
  FROM args WHERE NOT EXISTS (SELECT FROM findings);
SELECT format('- pg_hba.conf has a mistake in line %s (%s): mend it first.', line_number, error)
  FROM pg_hba_file_rules WHERE error IS NOT NULL;
\else
SELECT format('- %s is not a superuser: pg_hba.conf and the settings need one.', quote_ident(current_user));
\endif
