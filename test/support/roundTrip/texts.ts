import fc from "fast-check";
import { finished, rights } from "./grants";
import { oddName, oddText, pick } from "./names";
import { literal, type Place, quoted } from "./place";
import type { Unit } from "./tables";

const common = { name: oddName, rights, pick, comment: fc.option(oddText, { nil: undefined }) };

/** A collation of each provider, and a table and an index that use it. */
export const collation: fc.Arbitrary<Unit> = fc
  .record({
    ...common,
    form: fc.constantFrom("libc", "icu", "nondeterministic", "rules", "builtin"),
  })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const table = place.name("sorted");
    const owner = quoted(place.role(wanted.rights.owner));
    const icu = "provider = icu, locale = 'de-u-co-phonebk'";
    const as = {
      libc: "lc_collate = 'C', lc_ctype = 'en_US.UTF-8'",
      icu,
      nondeterministic: "provider = icu, locale = 'und-u-ks-level2', deterministic = false",
      rules: place.major >= 16 ? `${icu}, rules = '&V << w <<< W'` : icu,
      builtin: place.major >= 17 ? "provider = builtin, locale = 'C.UTF-8'" : icu,
    }[wanted.form];
    return [
      `CREATE COLLATION ${name} (${as})`,
      `CREATE TABLE ${table} (t text COLLATE ${name} UNIQUE)`,
      `INSERT INTO ${table} VALUES ('b'), ('Ä'), ('ß')`,
      `ALTER TABLE ${table} OWNER TO ${owner}`,
      ...finished(place, "COLLATION", name, wanted.rights, wanted.comment),
    ];
  });

/** A text search parser, template, dictionary and configuration. */
export const textSearch: fc.Arbitrary<Unit> = fc
  .record({ ...common, stop: oddText, indexed: fc.boolean() })
  .map((wanted) => (place: Place) => {
    const [parser, template, dictionary, configuration] = [
      "parser",
      "template",
      "dictionary",
      "",
    ].map((what) => place.name(`${wanted.name}${what}`));
    const table = place.name("searched");
    return [
      `CREATE TEXT SEARCH PARSER ${parser} (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, HEADLINE = prsd_headline, LEXTYPES = prsd_lextype)`,
      `COMMENT ON TEXT SEARCH PARSER ${parser} IS 'a parser'`,
      `CREATE TEXT SEARCH TEMPLATE ${template} (INIT = dsimple_init, LEXIZE = dsimple_lexize)`,
      `CREATE TEXT SEARCH DICTIONARY ${dictionary} (TEMPLATE = ${template}, Accept = false)`,
      `CREATE TEXT SEARCH CONFIGURATION ${configuration} (PARSER = ${parser})`,
      `ALTER TEXT SEARCH CONFIGURATION ${configuration} ADD MAPPING FOR asciiword, word WITH ${dictionary}, pg_catalog.simple`,
      ...finished(place, "TEXT SEARCH DICTIONARY", dictionary!, wanted.rights, wanted.comment),
      ...finished(
        place,
        "TEXT SEARCH CONFIGURATION",
        configuration!,
        wanted.rights,
        wanted.comment,
      ),
      `CREATE TABLE ${table} (t text, v tsvector GENERATED ALWAYS AS (to_tsvector(${literal(configuration!)}, t)) STORED)`,
      `INSERT INTO ${table} (t) VALUES (${literal(wanted.stop)})`,
      ...(wanted.indexed
        ? [`CREATE INDEX ON ${table} USING gin (to_tsvector(${literal(configuration!)}, t))`]
        : []),
      `ALTER TABLE ${table} OWNER TO ${quoted(place.role(wanted.rights.owner))}`,
    ];
  });

/** A foreign data wrapper without code, a server with options, user mappings and foreign tables. */
export const foreign: fc.Arbitrary<Unit> = fc
  .record({ ...common, option: oddText, mapped: fc.boolean() })
  .map((wanted) => (place: Place) => {
    const wrapper = place.alone(`wrapper ${wanted.name}`);
    const server = place.alone(`server ${wanted.name}`);
    const table = place.name(wanted.name);
    const option = literal(wanted.option);
    return [
      `CREATE FOREIGN DATA WRAPPER ${wrapper} OPTIONS (debug 'true', "Odd option" ${option})`,
      `CREATE SERVER ${server} TYPE 'a''type' VERSION '1.0' FOREIGN DATA WRAPPER ${wrapper} OPTIONS (host ${option})`,
      // Options of a mapping hold passwords, so only a superuser can dump them.
      ...(wanted.mapped
        ? [
            `CREATE USER MAPPING FOR PUBLIC SERVER ${server}`,
            `CREATE USER MAPPING FOR ${quoted(place.role(wanted.pick))} SERVER ${server}`,
          ]
        : []),
      `CREATE FOREIGN TABLE ${table} (a int OPTIONS (column_name ${option}), b text NOT NULL DEFAULT 'x', CHECK (a > 0)) SERVER ${server} OPTIONS (table_name ${option})`,
      `ALTER FOREIGN TABLE ${table} OWNER TO ${quoted(place.role(wanted.rights.owner))}`,
      ...finished(place, "SERVER", server, { ...wanted.rights, owner: 0 }, wanted.comment),
      `GRANT USAGE ON FOREIGN SERVER ${server} TO ${quoted(place.role(wanted.pick))} WITH GRANT OPTION`,
      `GRANT USAGE ON FOREIGN DATA WRAPPER ${wrapper} TO ${quoted(place.role(wanted.pick))}`,
    ];
  });
