-- A database in LATIN1, with letters in names, comments, code and rows.
-- create: ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'
CREATE TABLE "Straße" ("größe" text); INSERT INTO "Straße" VALUES ('café'), (E'\u00ff');
COMMENT ON TABLE "Straße" IS 'ß'; CREATE FUNCTION "ü"() RETURNS text LANGUAGE sql AS $$SELECT 'ö'$$; SELECT lo_from_bytea(9, '\xe4ff00');
