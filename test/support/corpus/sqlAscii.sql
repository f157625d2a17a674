-- A database in SQL_ASCII, with bytes that are no UTF-8.
-- create: ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'
CREATE TABLE t (t text); INSERT INTO t VALUES (E'caf\xe9'), (E'\xff\xfe'), ('ü');
