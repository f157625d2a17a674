-- How psql gets into each database: a name is quoted for libpq and then for psql, which takes " for a
-- quote even in quotes. A limit of -2 marks a database that was half dropped.
SELECT format('\connect -reuse-previous=on ''%s''', replace(replace(replace(replace(
    format('dbname=''%s''', replace(replace(datname, '\', '\\'), '''', '\''')),
    '"', '""""'), '\', '\\'), '''', '\'''), E'\n', '\n'))
  FROM pg_database WHERE datallowconn AND datconnlimit <> -2 ORDER BY datname;
