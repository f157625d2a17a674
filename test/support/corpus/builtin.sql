-- A database of the builtin provider.
-- since: 17
-- create: ENCODING 'UTF8' LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'
CREATE TABLE t (t text PRIMARY KEY); INSERT INTO t VALUES ('Ä'), ('z');
