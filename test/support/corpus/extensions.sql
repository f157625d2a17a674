-- Extensions with tables of configuration, changed rights, and objects that use them.
CREATE SCHEMA "Ext x"; CREATE EXTENSION hstore SCHEMA "Ext x"; CREATE EXTENSION citext SCHEMA "Ext x"; CREATE EXTENSION pg_trgm SCHEMA "Ext x"; CREATE EXTENSION ltree; CREATE EXTENSION btree_gist; CREATE EXTENSION cube; CREATE EXTENSION earthdistance; CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION postgres_fdw; CREATE EXTENSION pg_stat_statements;
CREATE TABLE t (h "Ext x".hstore, c "Ext x".citext UNIQUE, l ltree, p point, EXCLUDE USING gist (l WITH =)); INSERT INTO t VALUES ('a=>1', 'Ä', 'a.b', '(1,2)');
CREATE INDEX ON t USING gin (h); CREATE INDEX ON t USING gin (c "Ext x".gin_trgm_ops); CREATE INDEX ON t USING gist (l); CREATE TABLE places (at earth, CHECK (at IS NOT NULL)); INSERT INTO places VALUES (ll_to_earth(47, 8));
CREATE TABLE conf (n int); INSERT INTO conf VALUES (1); REVOKE ALL ON FUNCTION uuid_nil() FROM PUBLIC; GRANT EXECUTE ON FUNCTION uuid_nil() TO rt_alice; COMMENT ON EXTENSION cube IS 'changed';
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'nowhere', dbname 'x'); CREATE FOREIGN TABLE far_t (a int) SERVER far; ALTER SERVER far OWNER TO rt_alice;
