-- What is good to know.
\if :superuser
WITH args AS (
  SELECT current_setting('laterbase.args')::jsonb AS a),
settings AS (
  SELECT name, setting FROM pg_settings),
facts AS (
  SELECT convert_from(decode(hex, 'hex'), 'UTF8')::jsonb AS f
    FROM unnest(string_to_array(current_setting('laterbase.facts'), ',')) hex WHERE hex <> ''),
orders AS (
  SELECT o->>'provider' AS provider, o->>'locale' AS locale, max(o->>'version') AS version,
         sum((o->>'indexes')::int) AS indexes, sum((o->>'others')::int) AS others, count(*) AS databases
    FROM facts, jsonb_array_elements(f->'orders') o GROUP BY 1, 2),
library AS (
  SELECT (SELECT pg_collation_actual_version(oid) FROM pg_collation
           WHERE collprovider = 'c' AND collcollate NOT IN ('C', 'POSIX') AND collcollate NOT LIKE 'C.%' LIMIT 1) AS version),
mac AS (
  SELECT substring(version() FROM ' on ([^, ]*-apple-[^, ]*)') AS kind,
         (SELECT setting FROM settings WHERE name = 'wal_sync_method') AS method
   WHERE version() ~ '-apple-' OR current_setting('data_directory') ~ '^/(Library|Users|Applications|opt/homebrew)/'),
disk AS (
  SELECT nullif(current_setting('laterbase.free_kb', true), '')::bigint * 1024 AS free),
findings (rank, id, finding, means, todo) AS (
  SELECT 1, 'mac', format('The primary is a Mac%s', ' (' || kind || ')'),
         'While it sleeps, the standby waits; when it wakes, the standby goes on, as long as slotRetention has kept its WAL. The standby runs on settings of its own, so those that only a Mac knows do no harm. A Mac sorts text in another order than Linux: the standby sorts as the Mac does, and is checked.',
         CASE WHEN method = 'fsync_writethrough' THEN 'wal_sync_method = fsync_writethrough is right. ' WHEN kind IS NULL THEN ''
           ELSE format('wal_sync_method is %s, and a power cut can then lose what the disk''s cache still has: set fsync_writethrough. ', method) END
         || 'To have dumps on time, keep it awake: System Settings, Energy, "Prevent automatic sleeping".' FROM mac
  UNION ALL
  SELECT 2, 'order', format('Text is sorted as %s by %s, version %s: %s in %s, %s of them not btree', locale,
           CASE provider WHEN 'i' THEN 'ICU' ELSE 'the C library' END, coalesce(o.version, CASE provider WHEN 'c' THEN l.version END, 'unknown'),
           indexes || CASE indexes WHEN 1 THEN ' index' ELSE ' indexes' END, databases || CASE databases WHEN 1 THEN ' database' ELSE ' databases' END, others),
         'If the standby sorts text in another way, lookups by such an index miss rows, and no error says so. The name of a locale proves nothing.',
         'Nothing: up asks the server how it sorts some words, has the standby sort them the same way, and has amcheck check every btree there after each clone. laterbase-health then says verified, or that the standby is a source of dumps only, which hold every row in any case.'
    FROM orders o, library l, args WHERE provider IN ('c', 'i') AND NOT (a->>'managed')::boolean
  UNION ALL
  SELECT 3, 'disk', format('%s are free where pg_wal is', pg_size_pretty(free)),
         format('A standby that is away may hold %s of WAL there (laterbase:primary.slotRetention), a little more between checkpoints.', a->>'size'),
         format('Nothing; up to %s would leave half of it free.', CASE WHEN free < 4294967296 THEN greatest(256, free / 2097152) || 'MB' ELSE free / 2147483648 || 'GB' END)
    FROM args, disk WHERE pg_size_bytes(a->>'size') <= free / 2
  UNION ALL
  SELECT 4, 'archive', format('archive_mode is %s', m.setting),
         'Archiving goes on as before, and the standby leaves it alone. While archive_command fails, the primary keeps all of its WAL.', 'Nothing.'
    FROM settings m WHERE m.name = 'archive_mode' AND m.setting <> 'off'
     -- A warning about it says more.
     AND NOT current_setting('laterbase.warnings')::jsonb @> '[{"id": "archive"}]'
  UNION ALL
  SELECT 5, 'minimum-settings', format('A standby needs at least %s', string_agg(format('%s = %s', name, setting), ', ' ORDER BY name)),
         'It takes these from the primary whenever it starts; when one is raised here, the standby restarts by itself.', 'Nothing.'
    FROM settings, args WHERE a->'image'->'least' ? name
  UNION ALL
  SELECT 6, 'checksums', 'data_checksums is off', 'Damage on the disk goes unnoticed, on the primary and in every copy of it.',
         'pg_checksums --enable, once, while PostgreSQL is stopped.' FROM settings WHERE name = 'data_checksums' AND setting = 'off'
  UNION ALL
  SELECT 7, 'libraries', format('shared_preload_libraries is "%s"', setting),
         'The standby runs on settings of its own and loads none of them.', 'Nothing.'
    FROM settings WHERE name = 'shared_preload_libraries' AND setting <> '')
SELECT set_config('laterbase.notes', (SELECT coalesce(jsonb_agg(jsonb_build_object(
    'level', 'note', 'id', id, 'finding', translate(finding, E'\n\r', '  '), 'means', means, 'todo', todo) ORDER BY rank, finding), '[]')
  FROM findings)::text, false) \g /dev/null
\endif
