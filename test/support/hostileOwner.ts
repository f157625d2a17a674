/** A role without SUPERUSER that owns databases. */
export const owner = "mallory";

/** Everything that a name can hold against a shell, psql, a connection string or a terminal. */
export const hostileName = 'it\'s "x" \\ %s $(>/tmp/p)`>/tmp/p`\n>/tmp/p #\u001b[31m\u202e';

const quoted = (name: string) => `"${name.replace(/"/g, '""')}"`;

/** The databases of {@link owner}, made by the superuser. */
export const databasesSql = (names: readonly string[]) => [
  `CREATE ROLE ${owner} LOGIN`,
  // A role with CREATEROLE can write any comment on its own roles.
  "CREATE ROLE scribbled",
  `COMMENT ON ROLE scribbled IS '{"laterbase" is no JSON'`,
  ...names.map((name) => `CREATE DATABASE ${quoted(name)} OWNER ${owner}`),
];

/**
 * What runs in the owner's name from here on: each trap writes to the server's log, which no rollback
 * takes back, who runs it. An event trigger is a superuser's, but its function is the owner's.
 */
export const trapsSql = (major: number) => `
CREATE SCHEMA evil AUTHORIZATION ${owner};
CREATE EXTENSION IF NOT EXISTS plpgsql;
SET SESSION AUTHORIZATION ${owner};
SET search_path = evil, pg_catalog;
CREATE FUNCTION evil.trap(what pg_catalog.text) RETURNS void LANGUAGE plpgsql AS $trap$
DECLARE super pg_catalog.bool;
BEGIN
  SELECT rolsuper INTO super FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) CURRENT_USER;
  RAISE LOG 'TRAP % | % | % | %', what, CURRENT_USER, SESSION_USER, super;
END $trap$;

-- Functions in front of PostgreSQL's own.
CREATE FUNCTION evil.set_config(text, text, bool) RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('set_config'); RETURN pg_catalog.set_config($1, $2, $3); END $$;
CREATE FUNCTION evil.current_setting(text) RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('current_setting'); RETURN pg_catalog.current_setting($1); END $$;
CREATE FUNCTION evil.format(text, name, name) RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('format'); RETURN pg_catalog.format($1, $2, $3); END $$;
CREATE FUNCTION evil.quote_ident(name) RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('quote_ident'); RETURN pg_catalog.quote_ident($1::text); END $$;
CREATE FUNCTION evil.starts_with(text, text) RETURNS bool LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('starts_with'); RETURN pg_catalog.starts_with($1, $2); END $$;
CREATE FUNCTION evil.pg_relation_size(oid) RETURNS bigint LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('pg_relation_size'); RETURN 1; END $$;
CREATE FUNCTION evil.to_jsonb(anyelement) RETURNS jsonb LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('to_jsonb'); RETURN pg_catalog.to_jsonb($1); END $$;
CREATE FUNCTION evil.shobj_description(oid, name) RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('shobj_description'); RETURN pg_catalog.shobj_description($1, $2); END $$;
CREATE FUNCTION evil.pg_is_in_recovery() RETURNS bool LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('pg_is_in_recovery'); RETURN pg_catalog.pg_is_in_recovery(); END $$;
CREATE FUNCTION evil.pg_reload_conf() RETURNS bool LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('pg_reload_conf'); RETURN true; END $$;
CREATE FUNCTION evil.bt_index_check(oid, bool) RETURNS void LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('bt_index_check'); END $$;
CREATE FUNCTION evil.bt_index_check(regclass, bool) RETURNS void LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('bt_index_check'); END $$;

-- An operator and an aggregate in front of PostgreSQL's own.
CREATE FUNCTION evil.same(name, name) RETURNS bool LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('operator ='); RETURN $1 OPERATOR(pg_catalog.=) $2; END $$;
CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = name, FUNCTION = evil.same);
CREATE FUNCTION evil.add(bigint, numeric) RETURNS bigint LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('aggregate sum'); RETURN 0; END $$;
CREATE AGGREGATE evil.sum(numeric) (SFUNC = evil.add, STYPE = bigint, INITCOND = '0');

-- Types with casts, an operator and checks.
CREATE TYPE evil.mood AS ENUM ('good', 'bad');
CREATE TYPE evil.pair AS (a int, b text);
CREATE FUNCTION evil.diff(evil.mood, evil.mood) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM evil.trap('subtype_diff'); RETURN 0; END $$;
CREATE TYPE evil.span AS RANGE (SUBTYPE = evil.mood, SUBTYPE_DIFF = evil.diff);
CREATE FUNCTION evil.checked(text) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM evil.trap('domain check'); RETURN true; END $$;
CREATE DOMAIN evil.word AS text CHECK (evil.checked(VALUE));
${["mood", "pair", "span", "mood[]"]
  .map((type, index) => {
    const body = (to: string, value: string) =>
      `RETURNS ${to} LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.trap('cast to ${to}'); RETURN ${value}; END $$`;
    return `CREATE FUNCTION evil.text${index}(evil.${type}) ${body("text", "'hidden'")};
CREATE CAST (evil.${type} AS text) WITH FUNCTION evil.text${index}(evil.${type}) AS IMPLICIT;
CREATE FUNCTION evil.json${index}(evil.${type}) ${body("json", "'1'")};
CREATE CAST (evil.${type} AS json) WITH FUNCTION evil.json${index}(evil.${type}) AS IMPLICIT;`;
  })
  .join("\n")}

-- A table with everything that can run code.
CREATE FUNCTION evil.key(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM evil.trap('index expression'); RETURN $1; END $$;
-- The planner of any query on the table computes what is constant in its indexes and statistics.
CREATE FUNCTION evil.folded(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM evil.trap('folded'); RETURN $1; END $$;
CREATE FUNCTION evil.made(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
  $$ BEGIN PERFORM evil.trap('generated column'); RETURN $1; END $$;
CREATE FUNCTION evil.given() RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('default'); RETURN 'x'; END $$;
CREATE FUNCTION evil.fired() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('trigger'); RETURN NEW; END $$;
CREATE FUNCTION evil.allowed(text) RETURNS bool LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('policy'); RETURN true; END $$;
CREATE FUNCTION evil.seen(text) RETURNS text LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('view'); RETURN $1; END $$;
CREATE TABLE evil.${quoted(hostileName)} (${quoted(hostileName)} int);
CREATE TABLE evil.things (
  ${quoted("a\n\"'\\$(touch /tmp/p)")} text DEFAULT evil.given(),
  mood evil.mood, pair evil.pair, span evil.span, moods evil.mood[], word evil.word,
  made text GENERATED ALWAYS AS (evil.made('x')) STORED);
CREATE INDEX ${quoted(`i\n| 1 | 'x"$(touch /tmp/p)`)} ON evil.things (evil.key(made));
CREATE INDEX plain ON evil.things (made);
CREATE INDEX folds ON evil.things ((made || evil.folded('x'))) WHERE made <> evil.folded('z');
${major >= 14 ? "CREATE STATISTICS evil.folds_too ON (made || evil.folded('y')), made FROM evil.things;" : ""}
CREATE INDEX spans ON evil.things USING gist (span);
CREATE TRIGGER fires BEFORE INSERT OR UPDATE ON evil.things FOR EACH ROW EXECUTE FUNCTION evil.fired();
INSERT INTO evil.things (mood, pair, span, moods, word)
  SELECT 'good'::mood, ROW(1, NULL)::pair, '[good,bad]'::span, '{good,NULL}'::mood[], 'w'::word
    FROM generate_series(1, 50);
CREATE VIEW evil.looks AS SELECT evil.seen(made) AS made FROM evil.things;
CREATE MATERIALIZED VIEW evil.keeps AS SELECT evil.seen(made) AS made FROM evil.things;
CREATE RULE rewrites AS ON INSERT TO evil.looks DO INSTEAD SELECT evil.seen('rule');
ALTER TABLE evil.things ENABLE ROW LEVEL SECURITY;
ALTER TABLE evil.things FORCE ROW LEVEL SECURITY;
CREATE POLICY lets ON evil.things USING (evil.allowed(made));
CREATE FUNCTION evil.event() RETURNS event_trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM evil.trap('event trigger'); END $$;
RESET SESSION AUTHORIZATION;
CREATE EVENT TRIGGER begins ON ddl_command_start EXECUTE FUNCTION evil.event();
CREATE EVENT TRIGGER ends ON ddl_command_end EXECUTE FUNCTION evil.event();
ALTER EVENT TRIGGER begins ENABLE ALWAYS;
${major >= 17 ? "CREATE EVENT TRIGGER enters ON login EXECUTE FUNCTION evil.event(); ALTER EVENT TRIGGER enters ENABLE ALWAYS;" : ""}
`;

/** Settings that bring the owner's code in front of PostgreSQL's. */
export const enticements = ["search_path = evil, pg_catalog", "check_function_bodies = off"];

/** Settings with which a session that does not state its own could do little. */
export const hindrances = [
  `role = ${owner}`,
  `session_authorization = ${owner}`,
  "default_transaction_read_only = on",
  "default_transaction_isolation = 'serializable'",
  "statement_timeout = '1ms'",
  "lock_timeout = '1ms'",
  "DateStyle = 'SQL, DMY'",
  "IntervalStyle = 'sql_standard'",
  "standard_conforming_strings = off",
  "exit_on_error = on",
  "plpgsql.extra_errors = 'all'",
  "row_security = off",
  "laterbase.oid = '10'",
  "laterbase.args = '{}'",
];

/** Settings of a database that its owner may make. They come last: they hold for the owner's sessions, too. */
export const settingsSql = (database: string, settings: readonly string[]) =>
  settings.map((setting) => `ALTER DATABASE ${quoted(database)} SET ${setting}`);

/** Who ran a trap. */
export interface Sprung {
  trap: string;
  user: string;
  session: string;
  superuser: boolean;
}

/** The traps that a server's log says were sprung, each once. */
export function sprung(log: string): Sprung[] {
  const lines = new Set(log.match(/TRAP [^|\n]+ \| [^|\n]+ \| [^|\n]+ \| [tf]/g) ?? []);
  return [...lines].map((line) => {
    const [trap = "", user = "", session = "", superuser] = line.slice(5).split(" | ");
    return { trap, user, session, superuser: superuser === "t" };
  });
}
