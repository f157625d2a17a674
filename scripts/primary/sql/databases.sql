-- The psql commands that connect to each database; to remove, only to those that the record names. A name is
-- quoted for libpq and then for psql, which reads " as a quote even inside quotes. A connection limit of -2
-- marks a database whose drop was interrupted.
SELECT format('\connect -reuse-previous=on ''%s''', replace(replace(replace(replace(
    format('dbname=''%s''', replace(replace(datname, '\', '\\'), '''', '\''')),
    '"', '""""'), '\', '\\'), '''', '\'''), E'\n', '\n'))
  FROM pg_database
 WHERE datallowconn AND datconnlimit <> -2 AND (current_setting('laterbase.mode') <> 'remove' OR EXISTS (
   SELECT FROM pg_roles r CROSS JOIN LATERAL shobj_description(r.oid, 'pg_authid') AS note
    WHERE rolname = current_setting('laterbase.args')::jsonb->>'role'
      AND CASE WHEN note LIKE '{%"laterbase"%' THEN note::jsonb->'amcheck' ? pg_database.oid::text END))
 ORDER BY datname;
