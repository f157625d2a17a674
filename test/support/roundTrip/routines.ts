import fc from "fast-check";
import { finished, rights } from "./grants";
import { oddName, oddText, pick } from "./names";
import { literal, type Place, quoted } from "./place";
import type { Unit } from "./tables";

const common = { name: oddName, rights, pick, comment: fc.option(oddText, { nil: undefined }) };

/** Functions of several languages, with all options. */
export const routine: fc.Arbitrary<Unit> = fc
  .record({
    ...common,
    text: oddText,
    form: fc.constantFrom(
      "sql",
      "body",
      "plpgsql",
      "table",
      "variadic",
      "window",
      "procedure",
      "internal",
    ),
    volatility: fc.constantFrom("IMMUTABLE", "STABLE", "VOLATILE"),
    definer: fc.boolean(),
    leakproof: fc.boolean(),
    set: fc.constantFrom(
      "",
      `SET search_path = pg_catalog, "$user", "Odd, schema"`,
      "SET work_mem = '77MB'",
      "SET DateStyle = 'SQL, DMY'",
    ),
  })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const argument = place.alone("Argument");
    const options = [
      wanted.volatility,
      wanted.definer ? "SECURITY DEFINER" : "",
      wanted.leakproof ? "LEAKPROOF" : "",
      "STRICT COST 7 PARALLEL SAFE",
      wanted.set,
    ].join(" ");
    const text = literal(wanted.text);
    const [signature, made] = {
      sql: [
        `${name}(int, text)`,
        `CREATE FUNCTION ${name}(int, ${argument} text DEFAULT ${text}) RETURNS text LANGUAGE sql ${options} AS ${literal(`SELECT ${text} || $2`)}`,
      ],
      body: [
        `${name}(int)`,
        place.major >= 14
          ? `CREATE FUNCTION ${name}(int) RETURNS text LANGUAGE sql ${options} RETURN ${text}::text || $1`
          : `CREATE FUNCTION ${name}(int) RETURNS text LANGUAGE sql ${options} AS 'SELECT $1::text'`,
      ],
      plpgsql: [
        `${name}(text)`,
        `CREATE FUNCTION ${name}(INOUT ${argument} text) LANGUAGE plpgsql ${options} AS ${literal(`DECLARE x text := ${text}; -- ${wanted.text.replace(/[\r\n]/g, " ")}\nBEGIN RETURN; END`)}`,
      ],
      table: [
        `${name}(int[])`,
        `CREATE FUNCTION ${name}(int[]) RETURNS TABLE (a int, "B c" text) LANGUAGE sql ${options} ROWS 33 AS 'SELECT 1, NULL::text'`,
      ],
      variadic: [
        `${name}("any")`,
        `CREATE FUNCTION ${name}(VARIADIC "any") RETURNS text LANGUAGE internal ${options} AS 'text_concat'`,
      ],
      window: [
        `${name}()`,
        `CREATE FUNCTION ${name}() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number'`,
      ],
      procedure: [
        `${name}(int, text)`,
        `CREATE PROCEDURE ${name}(int, INOUT ${argument} text) LANGUAGE plpgsql ${wanted.definer ? "SECURITY DEFINER" : ""} ${wanted.set} AS 'BEGIN NULL; END'`,
      ],
      internal: [
        `${name}(float8)`,
        `CREATE FUNCTION ${name}(float8) RETURNS float8 LANGUAGE internal ${options} SUPPORT pg_catalog.textlike_support AS 'dsqrt'`,
      ],
    }[wanted.form] as [string, string];
    const kind = wanted.form === "procedure" ? "PROCEDURE" : "FUNCTION";
    return [made, ...finished(place, kind, signature, wanted.rights, wanted.comment, kind)];
  });

/** Aggregates: an ordinary one with all options, an ordered set, and a moving one. */
export const aggregate: fc.Arbitrary<Unit> = fc
  .record({ ...common, form: fc.constantFrom("plain", "ordered", "moving", "variadic") })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const [signature, made] = {
      plain: [
        `${name}(int)`,
        `CREATE AGGREGATE ${name}(int) (SFUNC = int4pl, STYPE = int, INITCOND = '5', COMBINEFUNC = int4pl, PARALLEL = SAFE)`,
      ],
      ordered: [
        `${name}(float8 ORDER BY float8)`,
        `CREATE AGGREGATE ${name}(float8 ORDER BY float8) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_cont_float8_final, FINALFUNC_EXTRA)`.replace(
          ", FINALFUNC_EXTRA",
          "",
        ),
      ],
      moving: [
        `${name}(int8)`,
        `CREATE AGGREGATE ${name}(int8) (SFUNC = int8pl, STYPE = int8, MSFUNC = int8pl, MINVFUNC = int8mi, MSTYPE = int8, SORTOP = <, INITCOND = '0', MINITCOND = '0')`,
      ],
      variadic: [
        `${name}(VARIADIC "any")`,
        `CREATE AGGREGATE ${name}(VARIADIC "any") (SFUNC = ${place.name("transition")}, STYPE = int)`,
      ],
    }[wanted.form] as [string, string];
    const transition = /SFUNC = (.*), STYPE = int\)$/s.exec(made)?.[1];
    const first =
      wanted.form === "variadic"
        ? [
            `CREATE FUNCTION ${transition}(int, VARIADIC "any") RETURNS int LANGUAGE internal IMMUTABLE AS 'int4um'`,
          ]
        : [];
    return [
      ...first,
      made,
      ...finished(place, "AGGREGATE", signature, wanted.rights, wanted.comment),
      ...aggregateAcl(place, signature),
    ];
  });

function aggregateAcl(place: Place, signature: string): string[] {
  const plain = signature
    .replace(" ORDER BY float8", ", float8")
    .replace("float8, float8", "float8, float8");
  return [`GRANT EXECUTE ON FUNCTION ${plain} TO ${quoted(place.role(1))}`];
}

/** An operator of its own with a class, a family, and an index that uses it. */
export const operators: fc.Arbitrary<Unit> = fc
  .record({
    ...common,
    symbol: fc.constantFrom("===", "<<<>>>", "@#@", "~~~~*"),
    loose: fc.boolean(),
  })
  .map((wanted) => (place: Place) => {
    const { schema } = place;
    const owner = quoted(place.role(wanted.rights.owner));
    const code = place.name(wanted.name);
    const compare = place.name("comparison");
    const family = place.name("Family");
    const made = place.name("Class");
    const table = place.name("uses a class");
    const operator = (symbol: string) => `${schema}.${symbol}`;
    const { symbol } = wanted;
    if (place.alone(`operator ${schema} ${symbol}`).endsWith('2"')) return [];
    return [
      `CREATE FUNCTION ${code}(int, int) RETURNS bool LANGUAGE internal IMMUTABLE STRICT AS 'int4eq'`,
      `CREATE FUNCTION ${compare}(int, int) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'btint4cmp'`,
      `CREATE OPERATOR ${operator(symbol)} (LEFTARG = int, RIGHTARG = int, FUNCTION = ${code}, COMMUTATOR = ${`OPERATOR(${operator(symbol)})`}, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES)`,
      `COMMENT ON OPERATOR ${operator(symbol)} (int, int) IS ${literal(wanted.comment ?? "an operator")}`,
      `ALTER OPERATOR ${operator(symbol)} (int, int) OWNER TO ${owner}`,
      `CREATE OPERATOR FAMILY ${family} USING btree`,
      `CREATE OPERATOR CLASS ${made} FOR TYPE int USING btree FAMILY ${family} AS
         OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 ${operator(symbol)}, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 ${compare}(int, int)`,
      ...(wanted.loose
        ? [
            `ALTER OPERATOR FAMILY ${family} USING btree ADD OPERATOR 1 <(int, int8), FUNCTION 1 (int, int8) btint48cmp(int, int8)`,
          ]
        : []),
      `COMMENT ON OPERATOR CLASS ${made} USING btree IS 'a class'`,
      `ALTER OPERATOR CLASS ${made} USING btree OWNER TO ${owner}`,
      `ALTER OPERATOR FAMILY ${family} USING btree OWNER TO ${owner}`,
      `CREATE TABLE ${table} (n int, EXCLUDE USING btree (n ${made} WITH ${`OPERATOR(${operator(symbol)})`}))`,
      `INSERT INTO ${table} VALUES (1), (2)`,
      `ALTER TABLE ${table} OWNER TO ${owner}`,
    ];
  });

/** A cast between types of its own, and a conversion between encodings. */
export const casts: fc.Arbitrary<Unit> = fc
  .record({ ...common, form: fc.constantFrom("function", "inout", "conversion") })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const code = place.name("cast function");
    if (wanted.form === "conversion") {
      return [
        `CREATE CONVERSION ${name} FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8`,
        ...finished(place, "CONVERSION", name, wanted.rights, wanted.comment),
      ];
    }
    const how = {
      function: `WITH FUNCTION ${code}(${name}) AS ASSIGNMENT`,
      inout: "WITH INOUT AS IMPLICIT",
    }[wanted.form];
    const type = `CREATE TYPE ${name} AS (x int)`;
    const target = { function: "text", inout: "varchar" }[wanted.form];
    return [
      type,
      ...(wanted.form === "function"
        ? [
            `CREATE FUNCTION ${code}(${name}) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT ($1).x::text'`,
          ]
        : []),
      `CREATE CAST (${name} AS ${target}) ${how}`,
      `COMMENT ON CAST (${name} AS ${target}) IS ${literal(wanted.comment ?? "a cast")}`,
      ...finished(place, "TYPE", name, wanted.rights, wanted.comment, "TYPE"),
    ];
  });
