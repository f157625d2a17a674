import fc from "fast-check";
import { finished, rights } from "./grants";
import { oddName, oddText, pick } from "./names";
import { literal, type Place, quoted } from "./place";
import type { Unit } from "./tables";
import { typeOf } from "./values";

const common = { name: oddName, rights, pick, comment: fc.option(oddText, { nil: undefined }) };

/** A domain, with a default, checks and a collation, also over another domain or an array. */
export const domain: fc.Arbitrary<Unit> = fc
  .record({ ...common, form: fc.constantFrom("int", "text", "array", "function", "not null") })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const check = place.alone("domain check");
    const code = place.name("domain function");
    const [made, values] = {
      int: [
        [
          `CREATE DOMAIN ${name} AS int DEFAULT 5 CONSTRAINT ${check} CHECK (VALUE > 0 AND VALUE <> 13)`,
        ],
        ["1", "99"],
      ],
      text: [
        [
          `CREATE DOMAIN ${name} AS text COLLATE "C" CONSTRAINT ${check} CHECK (VALUE !~ '^x' OR VALUE IS NULL)`,
        ],
        ["'a\\b'", "''"],
      ],
      array: [
        [`CREATE DOMAIN ${name} AS int[] CONSTRAINT ${check} CHECK (cardinality(VALUE) < 4)`],
        ["'{1,2}'"],
      ],
      "not null": [
        [
          `CREATE DOMAIN ${name} AS varchar(5) NOT NULL`,
          `ALTER DOMAIN ${name} ADD CONSTRAINT ${check} CHECK (length(VALUE) < 9) NOT VALID`,
        ],
        ["'ü'"],
      ],
      function: [
        [
          `CREATE FUNCTION ${code}(int) RETURNS bool IMMUTABLE LANGUAGE sql AS 'SELECT $1 > 0'`,
          `ALTER FUNCTION ${code} OWNER TO ${quoted(place.role(wanted.rights.owner))}`,
          `CREATE DOMAIN ${name} AS int CONSTRAINT ${check} CHECK (${code}(VALUE))`,
        ],
        ["3"],
      ],
    }[wanted.form] as [string[], string[]];
    place.types.push({ name, values: values.map((value) => `${value}::${name}`) });
    return [
      ...made,
      ...finished(place, "DOMAIN", name, wanted.rights, wanted.comment, "DOMAIN"),
      `COMMENT ON CONSTRAINT ${check} ON DOMAIN ${name} IS 'a constraint of a domain'`,
    ].filter((line) => wanted.form !== "not null" || !line.includes("COMMENT ON CONSTRAINT"));
  });

/** An enumeration, to which a label was added in the middle. */
export const enumeration: fc.Arbitrary<Unit> = fc
  .record({
    ...common,
    labels: fc.uniqueArray(
      oddName.filter((label) => label !== "zz"),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const labels = wanted.labels.map((label) => literal(label));
    place.types.push({ name, values: labels.map((label) => `${label}::${name}`) });
    return [
      `CREATE TYPE ${name} AS ENUM (${labels.join(", ")})`,
      `ALTER TYPE ${name} ADD VALUE 'zz' BEFORE ${labels[0]}`,
      ...finished(place, "TYPE", name, wanted.rights, wanted.comment, "TYPE"),
    ];
  });

/** A composite type, one that was altered, and a table of that type. */
export const composite: fc.Arbitrary<Unit> = fc
  .record({
    ...common,
    types: fc.array(fc.nat({ max: 499 }), { maxLength: 3 }),
    typed: fc.boolean(),
  })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const types = wanted.types.map((type) => typeOf(place, { type, text: "t" }));
    const columns = types.map(({ type }, n) => `${quoted(`Column ${n}`)} ${type}`);
    const owner = quoted(place.role(wanted.rights.owner));
    const table = place.name("typed table");
    const row = `ROW(${["1", ...types.map(({ values }) => values[0]!)].join(", ")})`;
    place.types.push({ name, values: [`${row}::${name}`] });
    return [
      `CREATE TYPE ${name} AS (${["first int", "gone text", ...columns].join(", ")})`,
      `ALTER TYPE ${name} DROP ATTRIBUTE gone`,
      ...(wanted.typed
        ? [
            `CREATE TABLE ${table} OF ${name} (first WITH OPTIONS NOT NULL DEFAULT 4)`,
            `INSERT INTO ${table} SELECT (${row}::${name}).*`,
            `ALTER TABLE ${table} OWNER TO ${owner}`,
          ]
        : []),
      ...finished(place, "TYPE", name, wanted.rights, wanted.comment, "TYPE"),
      `COMMENT ON COLUMN ${name}.first IS 'a column of a type'`,
    ];
  });

/** A range with its multirange, and a base type with its functions, or a shell. */
export const range: fc.Arbitrary<Unit> = fc
  .record({ ...common, form: fc.constantFrom("range", "base", "shell") })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const [input, output] = [place.name("type_in"), place.name("type_out")];
    const multirange =
      place.major >= 14 ? `, multirange_type_name = ${place.name("Multi range")}` : "";
    if (wanted.form === "shell") return [`CREATE TYPE ${name}`];
    if (wanted.form === "range") {
      place.types.push({ name, values: [`'[0.5,1)'::${name}`, `'empty'::${name}`] });
      return [
        `CREATE TYPE ${name} AS RANGE (subtype = float8, subtype_diff = float8mi${multirange})`,
        ...finished(place, "TYPE", name, wanted.rights, wanted.comment, "TYPE"),
      ];
    }
    place.types.push({ name, values: [`'12'::${name}`] });
    return [
      `CREATE TYPE ${name}`,
      `CREATE FUNCTION ${input}(cstring) RETURNS ${name} LANGUAGE internal IMMUTABLE STRICT AS 'int4in'`,
      `CREATE FUNCTION ${output}(${name}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'`,
      `CREATE TYPE ${name} (INPUT = ${input}, OUTPUT = ${output}, LIKE = int4, CATEGORY = 'U', DELIMITER = ';', DEFAULT = '7')`,
      `COMMENT ON TYPE ${name} IS 'a base type'`,
      `CREATE CAST (${name} AS int) WITHOUT FUNCTION`,
    ];
  });
