/**
 * What a hostile owner puts into a database: code wherever PostgreSQL runs some. Each trap writes to
 * the server's log who runs it, and who it is after it tried to become a superuser.
 */
export const hostileObjects = `
SET SESSION AUTHORIZATION mallory;
CREATE SCHEMA evil;
-- Says who runs it, and who it is after it tried to become a superuser.
CREATE FUNCTION evil.escape(kind text) RETURNS int LANGUAGE plpgsql VOLATILE AS $$
DECLARE began text := session_user || '/' || current_user;
BEGIN
  BEGIN EXECUTE 'RESET SESSION AUTHORIZATION'; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'RESET ROLE'; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'SET ROLE postgres'; EXCEPTION WHEN OTHERS THEN NULL; END;
  BEGIN EXECUTE 'ALTER ROLE mallory SUPERUSER'; EXCEPTION WHEN OTHERS THEN NULL; END;
  RAISE LOG 'TRAP % % became % superuser %', kind, began, current_user, current_setting('is_superuser');
  BEGIN EXECUTE 'SET ROLE mallory'; EXCEPTION WHEN OTHERS THEN NULL; END;
  RETURN 1;
END $$;
CREATE FUNCTION evil.trap(kind text) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN evil.escape(kind); END $$;
CREATE FUNCTION evil.ok(kind text, VARIADIC anyarray DEFAULT '{}'::int[]) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN evil.escape(kind) = 1; END $$;
CREATE DOMAIN evil.dom AS int CHECK (evil.trap('domain') = 1) CHECK (VALUE <> 99);
COMMENT ON CONSTRAINT dom_check ON DOMAIN evil.dom IS 'a check';
CREATE TYPE evil.pair AS (a evil.dom, b text);
-- Literals of these types are coerced when a statement is parsed.
CREATE VIEW evil.literal AS SELECT '(1,x)'::evil.pair AS p, '{1,2}'::evil.dom[] AS d;
CREATE TABLE evil.checks (n int PRIMARY KEY CHECK (evil.trap('check') = 1), d evil.dom DEFAULT 1,
  p evil.pair DEFAULT '(2,y)', g int GENERATED ALWAYS AS (n + evil.trap('generated')) STORED,
  x int DEFAULT evil.trap('default'));
INSERT INTO evil.checks (n) VALUES (1), (2);
CREATE TABLE evil.parted (n evil.dom, t text) PARTITION BY RANGE ((n + evil.trap('partition key')));
CREATE TABLE evil.part1 PARTITION OF evil.parted FOR VALUES FROM (0) TO (100);
CREATE TABLE evil.part2 PARTITION OF evil.parted FOR VALUES FROM (100) TO (200);
CREATE TABLE evil.listed (d evil.dom) PARTITION BY LIST (d);
CREATE TABLE evil.listed1 PARTITION OF evil.listed FOR VALUES IN (1, 2);
INSERT INTO evil.parted VALUES (1, 'a'), (120, 'b');
INSERT INTO evil.listed VALUES (1);
CREATE INDEX parted_n ON evil.parted ((n + evil.trap('index')), t);
CREATE INDEX checks_i ON evil.checks ((n + evil.trap('index'))) WHERE evil.ok('predicate') AND p = '(2,y)'::evil.pair;
CREATE MATERIALIZED VIEW evil.seen AS SELECT n, evil.trap('materialized view') AS t FROM evil.checks;
CREATE UNIQUE INDEX seen_i ON evil.seen ((n + evil.trap('index of materialized view')));
CREATE TYPE evil.color AS ENUM ('red', 'blue');
CREATE FUNCTION evil.color_text(evil.color) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM evil.escape('cast'); RETURN pg_catalog.substr(pg_catalog.enum_out($1)::pg_catalog.text, 1, 1); END $$;
CREATE CAST (evil.color AS text) WITH FUNCTION evil.color_text(evil.color) AS IMPLICIT;
CREATE TABLE evil.names (t text PRIMARY KEY); INSERT INTO evil.names VALUES ('r'), ('b');
CREATE TABLE evil.painted (c evil.color REFERENCES evil.names); INSERT INTO evil.painted VALUES ('red');
CREATE TABLE evil.late (n int); INSERT INTO evil.late VALUES (1);
CREATE FUNCTION evil.of_late(evil.late) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN evil.escape('late check') = 1; END $$;
ALTER TABLE evil.late ADD CONSTRAINT late_check CHECK (evil.of_late(late));
CREATE FUNCTION evil.fires() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.escape('trigger'); RETURN NEW; END $$;
CREATE TRIGGER fires BEFORE INSERT OR UPDATE ON evil.checks FOR EACH ROW EXECUTE FUNCTION evil.fires();
CREATE RULE ruled AS ON UPDATE TO evil.late DO ALSO SELECT evil.escape('rule');
CREATE POLICY pol ON evil.late USING (evil.ok('policy'));
ALTER TABLE evil.late ENABLE ROW LEVEL SECURITY; ALTER TABLE evil.late FORCE ROW LEVEL SECURITY;
CREATE AGGREGATE evil.agg (int) (SFUNC = int4pl, STYPE = int4, INITCOND = '0');
CREATE FUNCTION evil.with_default(p evil.pair DEFAULT '(3,z)') RETURNS int LANGUAGE sql AS 'SELECT 1';
RESET SESSION AUTHORIZATION;`;

/** A trap that ran. */
export interface Trap {
  kind: string;
  session: string;
  user: string;
  became: string;
  superuser: boolean;
}

/** The traps that ran, by the server's log. */
export function trapsIn(log: string): Trap[] {
  const line = /TRAP (.*?) (\S+)\/(\S+) became (\S+) superuser (on|off)/g;
  return [...log.matchAll(line)].map(([, kind = "", session = "", user = "", became = "", on]) => ({
    ...{ kind, session, user, became },
    superuser: on === "on",
  }));
}
