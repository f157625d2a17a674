-- The databases to connect to; to remove, only those that the record names. A connection limit of -2 marks a
-- database whose drop was interrupted. A name travels as the hexadecimal digits of its bytes.
SELECT pg_catalog.encode(pg_catalog.replace(datname::text, '\', '\\')::bytea, 'hex')
  FROM pg_catalog.pg_database
 WHERE datallowconn AND datconnlimit <> -2 AND (current_setting('laterbase.mode') <> 'remove' OR EXISTS (
   SELECT FROM pg_roles r CROSS JOIN LATERAL shobj_description(r.oid, 'pg_authid') AS note
    WHERE rolname = current_setting('laterbase.args')::jsonb->>'role'
      AND CASE WHEN note ~ current_setting('laterbase.record') THEN note::jsonb->'amcheck' ? pg_database.oid::text END))
 ORDER BY datname;
