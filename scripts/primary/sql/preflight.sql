-- What makes a standby impossible. Each finding is one sentence that says what it means and what to do.
SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = current_user \gset
\if :superuser
-- PostgreSQL 15 and newer know WAL of extensions.
SELECT current_setting('server_version_num')::int >= 150000 AS has_managers \gset
\if :has_managers
\set managers 'SELECT rm_name FROM pg_get_wal_resource_managers() WHERE NOT rm_builtin'
\else
\set managers 'SELECT NULL::text WHERE false'
\endif
-- The locales of databases that the standby's image does not know, as its C library reads their names: case and
-- punctuation of the encoding do not count.
SELECT set_config('laterbase.locales', (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('database', datname, 'locale', locale)), '[]')
  FROM (SELECT current_setting('laterbase.args')::jsonb->'image'->'locales' AS known) k, pg_database,
       unnest(ARRAY[datcollate, datctype]) AS locale, regexp_match(locale, '^([^.@]*)(?:\.([^@]*))?(@.*)?$') AS part,
       lower(regexp_replace(coalesce(part[2], ''), '[^A-Za-z0-9]', '', 'g')) AS charset
 WHERE NOT known ? (coalesce(part[1], '') || CASE WHEN charset = '' THEN ''
         WHEN charset ~ '^\d+$' THEN '.iso' || charset ELSE '.' || charset END || coalesce(part[3], '')))::text, false) \g /dev/null
-- Each savepoint that has written holds a lock on its own number. With more than 64 of them, the primary no
-- longer lists them one by one, and a standby cannot know what its queries may see.
SELECT set_config('laterbase.crowded', (SELECT coalesce(jsonb_agg(jsonb_build_object('end', format('SELECT pg_terminate_backend(%s);', pid),
    'what', format('Process %s of "%s" in database "%s" has a transaction with %s savepoints, open for %s', pid, usename, datname, savepoints,
      date_trunc('second', clock_timestamp() - xact_start)))), '[]')
  FROM pg_stat_activity JOIN (
    SELECT pid, count(*) - 1 AS savepoints FROM pg_locks
     WHERE locktype = 'transactionid' AND mode = 'ExclusiveLock' AND granted GROUP BY pid) held USING (pid)
 WHERE savepoints > 64 AND clock_timestamp() - xact_start > interval '10 s')::text, false) \g /dev/null
WITH args AS (
  SELECT current_setting('laterbase.args')::jsonb AS a),
server AS (
  SELECT current_setting('server_version_num')::int / 10000 AS major,
         pg_is_in_recovery() AS standby,
         current_setting('data_directory') AS data),
settings AS (
  SELECT name, s.setting, source, f.setting AS filed FROM pg_settings s LEFT JOIN (
    SELECT DISTINCT ON (name) name, setting FROM pg_file_settings ORDER BY name, seqno DESC) f USING (name)),
records AS (
  SELECT rolname, CASE WHEN note ~ current_setting('laterbase.record') THEN CASE
      WHEN note::jsonb->>'owner' = a->>'former' THEN jsonb_set(note::jsonb, '{owner}', a->'owner') ELSE note::jsonb END END AS o
    FROM args, (SELECT rolname, shobj_description(oid, 'pg_authid') AS note FROM pg_roles) r),
slots AS (
  SELECT slot_name::text AS slot, (SELECT o->>'owner' FROM records WHERE o->'slots' ? slot_name::text LIMIT 1) AS holder
    FROM pg_replication_slots),
-- A clone uses two connections, one for the backup and one for its WAL. Our own are not counted twice.
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
-- Bytes 8 to 11 of pg_control are a small number. The place of its zeros shows the byte order. Another major than
-- the image's has another build anyway, and its own finding.
build AS (
  SELECT key, value AS theirs, a->'image'->'build'->key AS ours
    FROM args, server, (SELECT to_jsonb(i) || to_jsonb(s) AS made FROM pg_control_init() i, pg_control_system() s) c,
         jsonb_each(made || jsonb_build_object('little_endian', get_byte(pg_read_binary_file('global/pg_control', 8, 4), 3) = 0))
   WHERE a->'image'->'build' ? key AND major = (a->>'version')::int),
locales AS (
  SELECT one->>'database' AS datname, one->>'locale' AS locale
    FROM jsonb_array_elements(current_setting('laterbase.locales')::jsonb) one),
files AS (
  SELECT left(line, 1) AS kind, string_agg(substr(line, 3), ', ' ORDER BY line) AS names
    FROM jsonb_array_elements_text(coalesce(nullif(current_setting('laterbase.files', true), ''), '[]')::jsonb) line, server
   -- From PostgreSQL 17 on, a base backup leaves these out.
   WHERE NOT (major >= 17 AND line LIKE '%/.DS_Store') GROUP BY 1),
places AS (
  SELECT spcname AS name, pg_tablespace_location(oid) AS place, a->'tablespaces'->>spcname::text AS known,
         (a->>'managed')::boolean AS managed
    FROM pg_tablespace, args WHERE pg_tablespace_location(oid) ~ '^(/|[A-Za-z]:)'),
findings AS (
  SELECT 2 AS rank, 'version' AS id, format('The server is PostgreSQL %s, but laterbase:primary.version says %s.', major, a->>'version') AS finding
    FROM server, args WHERE major <> (a->>'version')::int
  UNION ALL
  SELECT 2, 'too-old', format('PostgreSQL %s is too old: 13 is the oldest that Laterbase works with.', major) FROM server WHERE major < 13
  UNION ALL
  SELECT 3, 'standby', 'The server is itself a standby: name its primary instead.' FROM server WHERE standby
  UNION ALL
  SELECT 3, 'build', format('The server was built with %s = %s, and the standby''s image with %s: a standby cannot read such data.', key, theirs, ours)
    FROM build WHERE theirs <> ours
  UNION ALL
  SELECT 3, 'locale', format('The server was made with the locale "%s", which the standby''s image does not know, so a standby could not open its databases: make a server with a locale such as en_US.UTF-8 and restore a dump there.', locale)
    FROM locales WHERE datname = 'template1'
  UNION ALL
  SELECT 3, 'resource-manager', format('The server writes WAL by the extension "%s", which the standby''s image does not have, so a standby stops at the first such record: remove it from shared_preload_libraries, and restart PostgreSQL.', rm_name)
    FROM (:managers) m (rm_name)
  UNION ALL
  SELECT 3, 'unreadable', format('The server''s own user cannot read %s in its data directory, so every copy of it fails: in %s, give them to that user (chown), or move them elsewhere.', names, data)
    FROM files, server WHERE kind = 'u'
  UNION ALL
  SELECT 3, 'foreign-files', format('Files of other programs are among the data, and every copy of a server with checksums fails there: in %s, delete %s.', data, names)
    FROM files, server WHERE kind = 's' AND major < 17 AND current_setting('data_checksums')::boolean
  UNION ALL
  SELECT 3, 'database', format(a->'refusals'->>'database', one.key, one.value, known)
    FROM args, jsonb_each_text(a->'databases') one, (
      SELECT string_agg(format('"%s"', datname), ', ' ORDER BY datname) AS known FROM pg_database WHERE datname NOT IN ('template0', 'template1')) d
   WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = one.key)
  UNION ALL
  SELECT 3, 'postgres', 'There is no database "postgres" on the primary, where the pooler looks up passwords: run CREATE DATABASE postgres;'
    FROM args WHERE (a->>'pooled')::int > 0 AND NOT EXISTS (SELECT FROM pg_database WHERE datname = 'postgres')
  UNION ALL
  SELECT 3, 'tablespace', CASE
      WHEN managed THEN format('Tablespace "%s" is in %s, and the standby of a managed primary has no place for it: move what is in it to pg_default and drop it.', name, place)
      WHEN known IS NULL THEN format('Tablespace "%s" is in %s: name it in laterbase:primary.tablespaces, such as { %s: %s }, so that the standby keeps its files elsewhere.', name, place, name, place)
      ELSE format('Tablespace "%s" is in %s, but laterbase:primary.tablespaces says %s: put it right there.', name, place, known) END
    FROM places WHERE managed OR known IS DISTINCT FROM place
  UNION ALL
  SELECT 4, 'restart', CASE
      WHEN s.source = 'command line' THEN format('%s: the server''s command line sets it, so change it there to %s and restart PostgreSQL (nothing was changed yet).', why, value)
      WHEN s.filed IS DISTINCT FROM s.setting AND s.filed IS NOT NULL AND CASE name
          WHEN 'wal_level' THEN s.filed IN ('replica', 'logical') ELSE s.filed ~ '^\d+$' AND s.filed::bigint >= value::int END
        THEN format('%s: it is set to "%s" already and waits for a restart of PostgreSQL (pg_ctl restart -D ''%s'' -m fast, or as your system does it).', why, s.filed, data)
      ELSE format('%s: run ALTER SYSTEM SET %s = ''%s''; and then restart PostgreSQL (pg_ctl restart -D ''%s'' -m fast, or as your system does it); nothing was changed yet.', why, name, value, data) END
    FROM restart JOIN settings s USING (name), server
  UNION ALL
  SELECT 5, 'command-line', format('max_slot_wal_keep_size is given on the server''s command line (%s MB): remove it there and restart PostgreSQL.', setting)
    FROM settings WHERE name = 'max_slot_wal_keep_size' AND source = 'command line'
  UNION ALL
  SELECT 5, 'alter-system', format('allow_alter_system is off, so max_slot_wal_keep_size cannot be set: put max_slot_wal_keep_size = ''%s'' into the server''s configuration and reload it, or allow ALTER SYSTEM.', a->>'size')
    FROM args, settings s JOIN settings k ON k.name = 'max_slot_wal_keep_size'
   WHERE s.name = 'allow_alter_system' AND s.setting = 'off' AND k.setting::bigint <> ceil(pg_size_bytes(a->>'size') / 1048576.0)
  UNION ALL
  SELECT 6, 'role', format(a->'refusals'->>CASE WHEN o IS NULL THEN 'roleOfOthers' WHEN split_part(o->>'owner', '#', 1) = split_part(a->>'owner', '#', 1)
      THEN 'roleOfEarlier' ELSE 'roleOfStack' END, rolname, o->>'owner', a->>'owner', split_part(o->>'owner', '#', 2))
    FROM records, args WHERE (rolname = a->>'role' OR rolname IN (SELECT value->>'role' FROM jsonb_each(a->'readers')))
      AND o->>'owner' IS DISTINCT FROM a->>'owner'
      -- The replication role's finding is about all that its owner made.
      AND NOT (rolname <> a->>'role' AND EXISTS (
        SELECT FROM records main WHERE main.rolname = a->>'role' AND main.o->>'owner' = records.o->>'owner'))
      AND NOT (o IS NULL AND current_setting('laterbase.mode') = 'repair')
  UNION ALL
  SELECT 7, 'slot', format(a->'refusals'->>CASE WHEN holder IS NULL THEN 'slotOfOthers' ELSE 'slotOfStack' END, slot, holder, a->>'owner')
    FROM slots, args WHERE a->'slots' ? slot AND holder IS DISTINCT FROM a->>'owner'
      AND NOT (holder IS NULL AND current_setting('laterbase.mode') = 'repair')
      AND NOT coalesce(split_part(holder, '#', 1) = split_part(a->>'owner', '#', 1), false)
  UNION ALL
  SELECT 7, 'savepoints', format('%s, and no standby can open while it runs: wait for its end, or run %s', one->>'what', one->>'end')
    FROM args, jsonb_array_elements(current_setting('laterbase.crowded')::jsonb) one WHERE EXISTS (
      SELECT FROM jsonb_array_elements_text(a->'slots') slot
       WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = slot AND active))
  UNION ALL
  SELECT 8, 'plpgsql', format('The server has no language plpgsql in database "%s": run CREATE EXTENSION plpgsql there.', current_database())
    WHERE NOT EXISTS (SELECT FROM pg_language WHERE lanname = 'plpgsql')
  UNION ALL
  SELECT 9, 'hba', format('pg_hba.conf has a mistake in line %s (%s): correct it first.', line_number, error)
    FROM pg_hba_file_rules WHERE error IS NOT NULL)
\else
WITH findings AS (
  SELECT 1 AS rank, 'superuser' AS id,
         format('%1$s is not a superuser, which pg_hba.conf and the settings need: name one in laterbase:primary.superuser, or have one run ALTER ROLE %1$s SUPERUSER; nothing was changed yet.', quote_ident(current_user)) AS finding)
\endif
SELECT set_config('laterbase.blocks', (SELECT coalesce(jsonb_agg(
    jsonb_build_object('level', 'block', 'id', id, 'finding', finding, 'means', '', 'todo', '') ORDER BY rank, finding), '[]')
  FROM findings)::text, false) \g /dev/null
