-- What can do harm although a standby would work.
\if :superuser
-- PostgreSQL 15 and newer record the version of a database's collation.
SELECT current_setting('server_version_num')::int >= 150000 AS versioned \gset
\if :versioned
\set stale 'SELECT datname, datcollversion, pg_database_collation_actual_version(oid) FROM pg_database WHERE datname NOT IN (''template0'', ''template1'') AND datcollversion <> pg_database_collation_actual_version(oid)'
\else
\set stale 'SELECT NULL::name, NULL::text, NULL::text WHERE false'
\endif
WITH args AS (
  SELECT current_setting('laterbase.args')::jsonb AS a),
settings AS (
  SELECT name, setting, coalesce(setting ~* '^(on|always)$', false) AS is_on FROM pg_settings),
facts AS (
  SELECT convert_from(decode(hex, 'hex'), 'UTF8')::jsonb AS f
    FROM unnest(string_to_array(current_setting('laterbase.facts'), ',')) hex WHERE hex <> ''),
databases AS (
  SELECT d.oid, format('"%s"', datname) AS name, pg_encoding_to_char(encoding) AS encoding
    FROM pg_database d WHERE datname NOT IN ('template0', 'template1')),
unseen AS (
  SELECT name, convert_from(decode(split_part(one, ':', 2), 'hex'), 'UTF8') AS why
    FROM unnest(string_to_array(current_setting('laterbase.unseen'), ',')) one
    JOIN databases ON oid::text = split_part(one, ':', 1)),
-- Networks outside the ranges that are reserved for private use.
open AS (
  SELECT string_agg(n, ', ') AS networks FROM args, jsonb_array_elements_text(a->'networks') n
   WHERE CASE n WHEN 'samenet' THEN false WHEN 'samehost' THEN false WHEN 'all' THEN true ELSE NOT EXISTS (
     SELECT FROM unnest('{127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,169.254.0.0/16,100.64.0.0/10,::1,fc00::/7,fe80::/10}'::inet[]) p
      WHERE n::inet <<= p) END),
-- Libraries that ALTER DATABASE and ALTER ROLE name: these settings come to the standby.
preloads AS (
  SELECT library, split_part(c, '=', 1) AS kind, CASE WHEN setrole = 0 THEN '' ELSE format('Logins of "%s"', pg_get_userbyid(setrole)) END
         || CASE WHEN setrole = 0 THEN 'Logins' ELSE '' END || coalesce(' to ' || name, '') AS place
    FROM pg_db_role_setting LEFT JOIN databases ON oid = setdatabase, unnest(setconfig) AS c,
         regexp_split_to_table(substr(c, strpos(c, '=') + 1), '[,"\s]+') AS library
   WHERE split_part(c, '=', 1) IN ('session_preload_libraries', 'local_preload_libraries') AND library <> ''),
strange_locales AS (
  SELECT one->>'database' AS datname, one->>'locale' AS locale
    FROM jsonb_array_elements(nullif(current_setting('laterbase.locales', true), '')::jsonb) one),
synchronous AS (
  SELECT string_agg(format('"%s"', one), ', ') AS ours, s.setting FROM settings s, args,
         jsonb_array_elements_text(a->'slots') slot, regexp_replace(slot, '^laterbase_(.*)_slot$', '\1') one
   WHERE s.name = 'synchronous_standby_names'
     AND (s.setting LIKE '%*%' OR lower(one) = ANY (regexp_split_to_array(lower(s.setting), '[^a-z0-9_]+')))
   GROUP BY s.setting),
-- The first minor release that no longer causes damage that a standby would copy, from the release notes.
minors (major, minor, damage) AS (
  VALUES (13, 14, 'GIN indexes by concurrent updates'), (14, 11, 'GIN indexes by concurrent updates and indexes built with CONCURRENTLY'),
         (15, 6, 'GIN indexes by concurrent updates'), (16, 2, 'GIN indexes by concurrent updates')),
version AS (
  SELECT v / 10000 AS major, v % 10000 AS minor FROM (SELECT current_setting('server_version_num')::int AS v) n),
findings (rank, id, finding, means, todo) AS (
  SELECT 1, 'unseen', format('Database %s could not be checked (%s)', string_agg(name, ', ' ORDER BY name), rtrim(why, '.')),
         'Its extensions and its text indexes are not known.', 'Let the superuser connect to it, and check again.' FROM unseen GROUP BY why
  UNION ALL
  SELECT 2, s.name, format('%s is off', s.name),
         'A crash or a power cut of the primary can damage its data beyond repair, and the standby copies the damage.',
         format('ALTER SYSTEM SET %s = on; SELECT pg_reload_conf();', s.name)
    FROM settings s WHERE s.name IN ('fsync', 'full_page_writes') AND NOT is_on
  UNION ALL
  SELECT 3, 'minor', format('PostgreSQL %s.%s is older than %s.%s', major, v.minor, major, m.minor),
         format('That release ended damage to %s; the standby copies what is damaged.', damage),
         format('Update PostgreSQL to the latest %s (the data stay) and reindex those afterwards.', major)
    FROM version v JOIN minors m USING (major) WHERE v.minor < m.minor
  UNION ALL
  SELECT 4, 'collation-version', format('Database "%s" was made with version %s of its collation, and the server has %s now', datname, stored, actual),
         'Text indexes may be wrong on the primary itself: lookups miss rows, and unique indexes accept duplicates.',
         format('REINDEX DATABASE %1$I; then ALTER DATABASE %1$I REFRESH COLLATION VERSION;', datname)
    FROM (:stale) v (datname, stored, actual)
  UNION ALL
  SELECT 5, 'synchronous', format('synchronous_standby_names is "%s" and counts %s in', setting, ours),
         'Every commit on the primary waits for the standby. While the standby is away, commits do not end.',
         'Name only those standbys there that commits have to wait for.' FROM synchronous
  UNION ALL
  SELECT 6, 'archive', CASE WHEN command = '' THEN 'archive_mode is on without an archive_command'
           ELSE format('archive_command fails since %s (%s times in all, last for %s)', to_char(last_failed_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), failed_count, last_failed_wal) END,
         'The primary keeps all of its WAL until it works; slotRetention does not limit that, and a full disk stops PostgreSQL.',
         'Correct archive_command (the server''s log says why it fails), or set archive_mode = off, which needs a restart.'
    FROM pg_stat_archiver, (SELECT string_agg(setting, '') AS command FROM settings WHERE name IN ('archive_command', 'archive_library')) c
   WHERE (SELECT is_on FROM settings WHERE name = 'archive_mode')
     AND (command = '' OR last_failed_time > coalesce(last_archived_time, '-infinity'))
  UNION ALL
  SELECT 7, 'disk', format('%s are free where pg_wal is, and slotRetention is %s', pg_size_pretty(free), a->>'size'),
         'A standby that is away long enough fills the primary''s disk, and a full disk stops PostgreSQL.',
         format('Set laterbase:primary.slotRetention to %s or less, or make room.', CASE WHEN free < 4294967296 THEN greatest(256, free / 2097152) || 'MB' ELSE free / 2147483648 || 'GB' END)
    FROM args, (SELECT nullif(current_setting('laterbase.free_kb', true), '')::bigint * 1024 AS free) d
   WHERE pg_size_bytes(a->>'size') > free / 2
  UNION ALL
  SELECT 8, 'listen', format('listen_addresses is "%s": only the server''s own machine reaches it', setting),
         'A standby on another machine cannot connect.',
         'ALTER SYSTEM SET listen_addresses = ''*''; and then restart PostgreSQL, unless something forwards the port.'
    FROM settings WHERE name = 'listen_addresses' AND setting !~ '[^\s,]' OR name = 'listen_addresses' AND NOT EXISTS (
      SELECT FROM regexp_split_to_table(setting, '[\s,]+') one WHERE one !~ '^(|localhost|127\..*|::1)$')
  UNION ALL
  SELECT 9, 'ssl', format('ssl is off, and standbys may connect from %s, which is not private', networks),
         'Anyone on the network path can read the data.',
         'Turn ssl on (server.crt, server.key, ssl = on, a reload), or use a VPN and name its network in laterbase:primary.allowFrom.'
    FROM open, settings WHERE name = 'ssl' AND NOT is_on AND networks IS NOT NULL
  UNION ALL
  SELECT 10, 'md5', format('%s of the roles that log in have md5 passwords (%s)', count(*), string_agg(format('"%s"', rolname), ', ' ORDER BY rolname)),
         'The hash alone is enough to log in, and a later PostgreSQL will refuse md5 passwords.',
         'Once every client knows SCRAM (libpq 10 or newer): set password_encryption = ''scram-sha-256'' and each password again.'
    FROM pg_authid WHERE rolcanlogin AND rolpassword LIKE 'md5%' HAVING count(*) > 0
  UNION ALL
  SELECT 11, 'extension', format('Extension "%s" (in %s) is not in the standby''s image', e, string_agg(name, ', ' ORDER BY name)),
         'Its data are copied, but what needs its functions fails on the standby. So do dumps of such a database from there.',
         'Run such queries on the primary, and set laterbase:dumps.source to primary.'
    FROM facts JOIN databases ON oid::text = f->>'oid', jsonb_array_elements_text(f->'extensions') e, args
   WHERE NOT a->'image'->'extensions' ? e GROUP BY e
  UNION ALL
  SELECT 11, 'library', format('Functions in %s are in the library "%s", which is not in the standby''s image', string_agg(name, ', ' ORDER BY name), l),
         'What calls them fails on the standby. So do dumps of a table whose values or indexes need them.',
         'Run such queries on the primary, and set laterbase:dumps.source to primary.'
    FROM facts JOIN databases ON oid::text = f->>'oid', jsonb_array_elements_text(f->'libraries') l, args
   WHERE l NOT LIKE '$libdir/%' OR NOT a->'image'->'libraries' ? regexp_replace(l, '^\$libdir/|\.(so|dylib|dll)$', '', 'g') GROUP BY l
  UNION ALL
  SELECT 11, 'preload', format('%s load "%s", and the standby''s image finds no library by a path', string_agg(DISTINCT place, ', '), library),
         'The standby refuses such logins, and dumps from there fail if they are among them.',
         format('Name the library without its path in %s, or set laterbase:dumps.source to primary.', string_agg(DISTINCT kind, ', '))
    FROM preloads WHERE library LIKE '%/%' GROUP BY library
  UNION ALL
  SELECT 11, 'locale-of-database', format('Database %s has the locale "%s", which the standby''s image does not know', string_agg(DISTINCT format('"%s"', datname), ', '), locale),
         'Nobody can connect to it on the standby, and it cannot be dumped from there.',
         'Make it again with a locale such as en_US.UTF-8, or set laterbase:dumps.source to primary.'
    FROM strange_locales WHERE datname <> 'template1' GROUP BY locale
  UNION ALL
  SELECT 11, 'pgadmin', 'There is no database "postgres" on the primary', 'pgAdmin connects to that one first.', 'CREATE DATABASE postgres;'
    FROM args WHERE a->'readers' ? 'pgAdmin' AND NOT EXISTS (SELECT FROM pg_database WHERE datname = 'postgres')
  UNION ALL
  SELECT 11, 'health', 'There is no database "postgres" on the primary', 'The monitor connects to that one only.', 'CREATE DATABASE postgres;'
    FROM args WHERE a->'readers' ? 'health' AND NOT EXISTS (SELECT FROM pg_database WHERE datname = 'postgres')
  UNION ALL
  -- It blocks while a standby's slot is not in use. A standby that streams may not be open yet.
  SELECT 11, 'savepoints', one->>'what', 'A standby that starts now, or streams and is not open yet, cannot open while it runs.',
         format('Wait for its end, or run %s', one->>'end')
    FROM jsonb_array_elements(current_setting('laterbase.crowded')::jsonb) one
   WHERE NOT current_setting('laterbase.blocks')::jsonb @> '[{"id": "savepoints"}]'
  UNION ALL
  SELECT 12, 'amcheck', 'The server lacks the extension amcheck',
         'The standby''s text indexes cannot be checked then.', 'Install PostgreSQL''s contrib package on the primary.'
    FROM args WHERE NOT (a->>'managed')::boolean AND NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'amcheck')
     AND EXISTS (SELECT FROM facts, jsonb_array_elements(f->'orders') o WHERE o->>'provider' = 'c')
  UNION ALL
  SELECT 13, 'encoding', format('%s: not encoded in UTF8', string_agg(format('%s (%s)', name, encoding), ', ' ORDER BY name)),
         'They are copied as they are and work; a dump needs a database of the same encoding, and SQL_ASCII may hold bytes that no client can show.',
         'Nothing for the standby; make new databases in UTF8.'
    FROM databases WHERE encoding <> 'UTF8' HAVING count(*) > 0
  UNION ALL
  SELECT 14, 'windows', 'The server runs on Windows, where pg_hba.conf cannot be written from here',
         'Up stops at the step hba until the standbys'' lines are there, and checks them.',
         format(E'Put these lines at the top of %s, then SELECT pg_reload_conf();\x1e%s', current_setting('hba_file'), replace(rtrim(a->>'block', E'\n'), E'\n', E'\x1e'))
    FROM args WHERE version() ~* 'visual c|msvc|mingw|windows'
     AND NOT EXISTS (SELECT FROM pg_hba_file_rules WHERE a->>'role' = ANY (user_name)))
SELECT set_config('laterbase.warnings', (SELECT coalesce(jsonb_agg(jsonb_build_object(
    'level', 'warn', 'id', id, 'finding', translate(finding, E'\n\r', '  '), 'means', means,
    'todo', translate(todo, E'\n\r\x1e', E'  \n')) ORDER BY rank, finding), '[]')
  FROM findings)::text, false) \g /dev/null
\endif
