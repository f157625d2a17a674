-- What a dump names as left out: unlogged and foreign tables, and views that were never filled.
CREATE UNLOGGED TABLE u (n int PRIMARY KEY); INSERT INTO u VALUES (1);
CREATE UNLOGGED TABLE p (n int) ; CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE f (n int) SERVER s;
CREATE MATERIALIZED VIEW m AS SELECT n FROM u WITH NO DATA; CREATE TABLE t AS SELECT 1 AS n;
CREATE EXTENSION file_fdw; CREATE SERVER files FOREIGN DATA WRAPPER file_fdw; CREATE FOREIGN TABLE passwd (line text) SERVER files OPTIONS (filename '/etc/passwd', format 'text', delimiter E'\x01');
