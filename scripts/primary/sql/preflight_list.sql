-- The databases to visit: the number of each, and its name as the hexadecimal digits of its bytes. Another
-- major than the one that was configured is refused anyway, and our sessions have no settings for it.
SELECT oid, pg_catalog.encode(pg_catalog.replace(datname::text, '\', '\\')::bytea, 'hex')
  FROM pg_catalog.pg_database
 WHERE datallowconn AND datname NOT IN ('template0', 'template1') AND datconnlimit <> -2
   AND (SELECT rolsuper FROM pg_roles WHERE rolname = session_user)
   AND current_setting('server_version_num')::int / 10000 = (current_setting('laterbase.args')::jsonb->>'version')::int
 ORDER BY datname;
