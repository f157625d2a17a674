-- A database of ICU with rules.
-- since: 16
-- create: ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en' ICU_RULES '&V << w <<< W' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'
CREATE TABLE t (t text PRIMARY KEY); INSERT INTO t VALUES ('v'), ('W'), ('w'), ('x');
