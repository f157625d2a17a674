-- Tables in which a query for their rows would call or plan code of a user.
CREATE SCHEMA ext; CREATE EXTENSION unaccent SCHEMA ext;
CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT ext.unaccent('ext.unaccent', $1)$$;
CREATE TABLE a (t text); INSERT INTO a VALUES ('é'), ('E'); CREATE INDEX ON a (plain(t));
SELECT current_setting('server_version_num')::int >= 140000 AS expressions \gset
\if :expressions
CREATE STATISTICS st (mcv) ON t, (plain(t)) FROM a;
\endif
CREATE TYPE pair AS (a int, b text); CREATE FUNCTION boom(pair) RETURNS text LANGUAGE plpgsql AS $$BEGIN RAISE 'called'; END$$; CREATE CAST (pair AS text) WITH FUNCTION boom(pair) AS IMPLICIT;
CREATE TABLE b (p pair, q pair[]); INSERT INTO b VALUES ((1, 'x'), ARRAY[(2, 'y')::pair]);
CREATE DOMAIN d AS pair CHECK ((VALUE).a > 0); CREATE TABLE c (x d); INSERT INTO c VALUES ((1, 'x'));
ALTER TABLE a ENABLE ROW LEVEL SECURITY; ALTER TABLE a FORCE ROW LEVEL SECURITY; CREATE POLICY p ON a USING (plain(t) = 'E');
CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE TABLE e (m mood, r int4range, j jsonb, x xml); INSERT INTO e VALUES ('glad', '[1,3)', '{"a":1}', '<a/>');
CREATE TABLE lonely (); INSERT INTO lonely DEFAULT VALUES; INSERT INTO lonely DEFAULT VALUES;
ALTER TABLE b OWNER TO rt_alice; ALTER TABLE c OWNER TO rt_alice; ALTER TABLE a OWNER TO "rt Böb";
