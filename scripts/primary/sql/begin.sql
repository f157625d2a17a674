-- The start packet holds the settings of this session (contract/sessionSettings.ts), so no setting of the
-- database, the role or the server changes what these scripts do. `late` has those that a server refused.
\if :{?late}
SELECT pg_catalog.set_config(name, value, false)
  FROM pg_catalog.json_each_text(:'late') AS wanted(name, value) JOIN pg_catalog.pg_settings USING (name)
 WHERE context = 'user' OR pg_catalog.current_setting('is_superuser') = 'on' \g /dev/null
\endif
-- Each file tests for itself that a note is ours, because a function for that would have to be created, and
-- the checks change nothing on a primary. Only a comment that matches `record` is read as JSON: others may have
-- written any text.
-- psql does not put variables into DO blocks, so they travel as settings of this session. A database may have
-- settings of the same names.
SELECT pg_catalog.set_config('laterbase.' || name, '', false)
  FROM pg_catalog.unnest(ARRAY['said', 'oid', 'alter', 'facts', 'unseen', 'free_kb', 'files', 'locales', 'crowded', 'blocks', 'warnings', 'notes']) AS name \g /dev/null
SELECT pg_catalog.set_config('laterbase.record', :'record', false) \g /dev/null
SELECT pg_catalog.set_config('laterbase.args', :'args', false), pg_catalog.set_config('laterbase.mode', :'mode', false) \g /dev/null
