-- A database whose settings would stop or change sessions of ours.
CREATE TABLE t (a text, m money, d date); INSERT INTO t VALUES (E'a\\b', 12.5::numeric::money, '2024-01-02');
CREATE MATERIALIZED VIEW v AS SELECT '2024-06-01 23:30+00'::timestamptz::date AS day, E'\\x'::text AS t;
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$SELECT 'a\b'$$;
ALTER DATABASE :"db" SET default_transaction_isolation = 'serializable';
ALTER DATABASE :"db" SET default_transaction_read_only = on;
ALTER DATABASE :"db" SET default_transaction_deferrable = on;
ALTER DATABASE :"db" SET idle_in_transaction_session_timeout = '1ms';
ALTER DATABASE :"db" SET statement_timeout = '1ms'; ALTER DATABASE :"db" SET lock_timeout = '1ms';
ALTER DATABASE :"db" SET row_security = off; ALTER DATABASE :"db" SET session_replication_role = replica;
ALTER DATABASE :"db" SET standard_conforming_strings = off; ALTER DATABASE :"db" SET backslash_quote = off;
ALTER DATABASE :"db" SET search_path = '', "$user", "Odd, path"; ALTER DATABASE :"db" SET lc_messages = 'de_DE.UTF-8';
ALTER DATABASE :"db" SET bytea_output = escape; ALTER DATABASE :"db" SET extra_float_digits = -15;
ALTER DATABASE :"db" SET client_encoding = 'LATIN1'; ALTER DATABASE :"db" SET DateStyle = 'German'; ALTER DATABASE :"db" SET IntervalStyle = 'sql_standard';
ALTER DATABASE :"db" SET array_nulls = off; ALTER DATABASE :"db" SET quote_all_identifiers = on; ALTER DATABASE :"db" SET xmloption = document;
ALTER ROLE postgres IN DATABASE :"db" SET role = 'rt_alice'; ALTER ROLE rt_alice IN DATABASE :"db" SET work_mem = '77MB';
