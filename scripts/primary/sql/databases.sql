-- How psql gets into each database, and for an undoing into those alone that the record names: a
-- name is quoted for libpq and then for psql, which takes " for a quote even in quotes. A limit of -2
-- marks a database that was half dropped.
SELECT format('\connect -reuse-previous=on ''%s''', replace(replace(replace(replace(
    format('dbname=''%s''', replace(replace(datname, '\', '\\'), '''', '\''')),
    '"', '""""'), '\', '\\'), '''', '\'''), E'\n', '\n'))
  FROM pg_database
 WHERE datallowconn AND datconnlimit <> -2 AND (current_setting('laterbase.mode') <> 'remove' OR EXISTS (
   SELECT FROM pg_roles r CROSS JOIN LATERAL shobj_description(r.oid, 'pg_authid') AS note
    WHERE rolname = current_setting('laterbase.args')::jsonb->>'role'
      AND CASE WHEN note LIKE '{%"laterbase"%' THEN note::jsonb->'amcheck' ? pg_database.oid::text END))
 ORDER BY datname;
