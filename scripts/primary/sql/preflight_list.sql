-- The databases to visit, their names quoted for a connection string. A name with a line break in it
-- is left out: it would be two lines here.
\f '\037'
SELECT oid, '''' || replace(replace(datname, '\', '\\'), '''', '\''') || ''''
  FROM pg_database
 WHERE datallowconn AND NOT datistemplate AND datconnlimit <> -2 AND datname !~ '[[:cntrl:]]'
   AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
 ORDER BY datname;
