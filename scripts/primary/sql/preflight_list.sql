-- The databases to visit, with names quoted for a connection string. A name with a control character is
-- omitted: a line break would make two lines of it.
\f '\037'
SELECT oid, '''' || replace(replace(datname, '\', '\\'), '''', '\''') || ''''
  FROM pg_database
 WHERE datallowconn AND NOT datistemplate AND datconnlimit <> -2 AND datname !~ '[[:cntrl:]]'
   AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
 ORDER BY datname;
