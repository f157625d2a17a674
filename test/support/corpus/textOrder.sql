-- Full text, collations, casts, operators, aggregates and access methods of a user.
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false); CREATE TABLE t (t text COLLATE ci UNIQUE); INSERT INTO t VALUES ('a'), ('B');
CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = pg_catalog.simple, STOPWORDS = 'english'); CREATE TEXT SEARCH CONFIGURATION c (COPY = pg_catalog.english); ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR asciiword WITH d; CREATE TABLE ts (b text, v tsvector GENERATED ALWAYS AS (to_tsvector('c', b)) STORED); INSERT INTO ts VALUES ('the Cats');
CREATE FUNCTION cat(text, text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1 || $2'; CREATE OPERATOR @++ (LEFTARG = text, RIGHTARG = text, FUNCTION = cat); CREATE AGGREGATE joined(text) (SFUNC = cat, STYPE = text, INITCOND = ''); CREATE VIEW v AS SELECT joined(t) AS j, min(t OPERATOR(public.@++) 'x') AS k FROM t;
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE am (n int) USING heap2; INSERT INTO am VALUES (1); CREATE CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TYPE color AS ENUM ('red'); CREATE FUNCTION c2i(color) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; CREATE CAST (color AS int) WITH FUNCTION c2i(color) AS ASSIGNMENT;
CREATE PUBLICATION pub FOR ALL TABLES;
