import { Readable } from "node:stream";
import tar from "tar-stream";
import type { Box } from "./imageLab";

/**
 * Objects of an owner whose definitions or rows need the database's search_path: pg_dump cannot write
 * them so that they are made under another one. And three that cannot be made at all.
 */
export const spoiltObjects = (major: number) => `
CREATE SCHEMA app AUTHORIZATION spoiler; CREATE EXTENSION cube; CREATE EXTENSION earthdistance;
CREATE EXTENSION one_place;
INSERT INTO one_place.job VALUES (1);
ALTER DATABASE spoilt SET search_path TO app, public, su;
SET SESSION AUTHORIZATION spoiler; SET search_path TO app, public;
CREATE FUNCTION allowed(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 > 0; END';
CREATE FUNCTION ok(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN allowed($1); END';
CREATE TABLE checked (n int CHECK (ok(n)), t text); INSERT INTO checked VALUES (1, E'é\\t\\\\'), (2, NULL);
CREATE TABLE generated (n int, g bool GENERATED ALWAYS AS (ok(n)) STORED); INSERT INTO generated VALUES (1);
CREATE TABLE parted (n int) PARTITION BY RANGE ((ok(n)::int));
CREATE TABLE parted1 PARTITION OF parted FOR VALUES FROM (0) TO (5); INSERT INTO parted VALUES (1);
CREATE DOMAIN dom AS int CHECK (ok(VALUE)); CREATE TABLE doms (d dom); INSERT INTO doms VALUES (3);
-- An index of PostgreSQL 17 is made under a search_path of its own, unless the table is empty.
CREATE TABLE indexed (n int); CREATE INDEX indexed_ok ON indexed (ok(n)) WHERE ok(n);
INSERT INTO indexed VALUES (1), (2);
CREATE TABLE places (lat float8, lng float8); CREATE INDEX places_i ON places USING gist (ll_to_earth(lat, lng));
INSERT INTO places VALUES (1, 2);
CREATE VIEW compares AS SELECT '1'::cube IS DISTINCT FROM '2'::cube AS d, nullif('1'::cube, '2'::cube) AS n;
CREATE VIEW on_it AS SELECT d FROM compares; COMMENT ON VIEW on_it IS 'a view';
CREATE TABLE cubes (a cube, b cube, CHECK (a IS DISTINCT FROM b)); INSERT INTO cubes VALUES ('1', '2');
CREATE POLICY pol ON cubes USING (a IS DISTINCT FROM b);
CREATE FUNCTION defaults(a cube DEFAULT nullif('1'::cube, '2'::cube)) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.n := NEW.n + 1; RETURN NEW; END';
CREATE TABLE fired (n int CHECK (ok(n)), c cube); INSERT INTO fired VALUES (1, '1');
CREATE TRIGGER fires BEFORE INSERT ON fired FOR EACH ROW WHEN (NEW.c IS DISTINCT FROM '5'::cube)
  EXECUTE FUNCTION fires();
${major < 17 ? "CREATE MATERIALIZED VIEW seen AS SELECT ok(n) FROM checked; CREATE INDEX ON seen ((ok::text));" : ""}
-- What cannot be made in any other place.
CREATE VIEW itself AS SELECT 1 AS n; CREATE OR REPLACE VIEW itself AS SELECT n FROM itself;
CREATE FUNCTION here() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN
  IF current_database() <> 'spoilt' THEN RAISE EXCEPTION E'not\\nhere \\x1b[2J'; END IF; RETURN true; END $$;
CREATE TABLE only_here (n int PRIMARY KEY CHECK (here())); INSERT INTO only_here VALUES (1), (2);
CREATE TABLE refers (n int REFERENCES only_here); INSERT INTO refers VALUES (1);
RESET SESSION AUTHORIZATION;
-- The same of a superuser. That search_path holds code of others, so no superuser works under it.
CREATE SCHEMA su; SET search_path TO su;
CREATE FUNCTION ours(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1 > 0; END';
CREATE FUNCTION calls(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN ours($1); END';
CREATE TABLE superusers (n int CHECK (calls(n))); INSERT INTO superusers VALUES (1);`;

/** Puts an extension on a server that can be made in the database "spoilt" only, as pg_cron can in one. */
export async function installOnePlace(primary: Box, major: number): Promise<void> {
  const pack = tar.pack();
  const [control, sql] = [
    "default_version = '1'\nrelocatable = false\nschema = one_place\n",
    `DO $$ BEGIN IF current_database() <> 'spoilt' THEN
       RAISE EXCEPTION 'can only create extension in database spoilt' USING ERRCODE = '0A000';
     END IF; END $$;
     CREATE TABLE one_place.job (n int); SELECT pg_catalog.pg_extension_config_dump('one_place.job', '');`,
  ];
  pack.entry({ name: "one_place.control" }, control);
  pack.entry({ name: "one_place--1.sql" }, sql);
  pack.finalize();
  await primary.container.putArchive(Readable.from(pack), {
    path: `/usr/share/postgresql/${major}/extension`,
  });
}
