import fc from "fast-check";
import { finished, grants, rights } from "./grants";
import { oddName, oddText, pick } from "./names";
import { literal, type Place, quoted } from "./place";
import type { Unit } from "./tables";

const common = { name: oddName, rights, pick, comment: fc.option(oddText, { nil: undefined }) };

/** A table in partitions of two levels, with a default one, and one that was attached. */
export const partitions: fc.Arbitrary<Unit> = fc
  .record({
    ...common,
    by: fc.constantFrom("RANGE (at)", "RANGE ((n + 1))", "LIST (kind)", "HASH (n)"),
    rows: fc.nat({ max: 6 }),
    fallback: fc.boolean(),
    otherOwner: pick,
  })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const part = () => place.name(`${wanted.name} part`);
    const [first, second, inner, attached] = [part(), part(), part(), part()];
    const check = place.alone("partition check");
    const { by } = wanted;
    const bounds = boundsOf(by);
    const owner = place.role(wanted.rights.owner);
    const statements = [
      `CREATE TABLE ${name} (n int NOT NULL DEFAULT 3, kind text COLLATE "C" DEFAULT 'a', at date DEFAULT '2024-05-05', CONSTRAINT ${check} CHECK (n >= 0)) PARTITION BY ${by}`,
      `CREATE INDEX ${place.alone("parted_idx")} ON ${name} (n DESC)`,
      `CREATE TABLE ${first} PARTITION OF ${name} (n DEFAULT 5) ${bounds[0]} WITH (fillfactor = 80)`,
      `CREATE TABLE ${second} PARTITION OF ${name} ${bounds[1]} PARTITION BY LIST (kind)`,
      `CREATE TABLE ${inner} PARTITION OF ${second} DEFAULT`,
      // Its columns have another order, and one was dropped.
      `CREATE TABLE ${attached} (gone int, at date, kind text COLLATE "C", n int NOT NULL, CONSTRAINT ${check} CHECK (n >= 0))`,
      `ALTER TABLE ${attached} DROP COLUMN gone`,
      `ALTER TABLE ${name} ATTACH PARTITION ${attached} ${bounds[2]}`,
    ];
    if (wanted.fallback && !by.startsWith("HASH"))
      statements.push(`CREATE TABLE ${part()} PARTITION OF ${name} DEFAULT`);
    for (let row = 0; row < wanted.rows; row++) {
      const at = ["2024-01-05", "2024-02-05", "2024-03-05"][row % 3]!;
      statements.push(
        `INSERT INTO ${name} VALUES (${[1, 12, 23][row % 3]}, '${["a", "b", "c"][row % 3]}', '${at}')`,
      );
    }
    statements.push(
      `ALTER TABLE ${first} OWNER TO ${quoted(place.role(wanted.otherOwner))}`,
      ...finished(place, "TABLE", name, wanted.rights, wanted.comment, "TABLE"),
    );
    place.tables.push({ name, owner, referable: false });
    return statements;
  });

function boundsOf(by: string): readonly [string, string, string] {
  if (by.startsWith("HASH")) {
    const rest = (n: number) => `FOR VALUES WITH (MODULUS 3, REMAINDER ${n})`;
    return [rest(0), rest(1), rest(2)];
  }
  if (by.startsWith("LIST"))
    return ["FOR VALUES IN ('a')", "FOR VALUES IN ('b', NULL)", "FOR VALUES IN ('c', 'it''s')"];
  if (by.includes("at")) {
    return [
      "FOR VALUES FROM (MINVALUE) TO ('2024-02-01')",
      "FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
      "FOR VALUES FROM ('2024-03-01') TO (MAXVALUE)",
    ];
  }
  return [
    "FOR VALUES FROM (MINVALUE) TO (10)",
    "FOR VALUES FROM (10) TO (20)",
    "FOR VALUES FROM (20) TO (MAXVALUE)",
  ];
}

/** Tables that inherit, also from two parents and from another owner's. */
export const inheritance: fc.Arbitrary<Unit> = fc
  .record({ ...common, childOwner: pick, rows: fc.nat({ max: 3 }) })
  .map((wanted) => (place: Place) => {
    const [parent, second, child, grandchild] = ["", " b", " child", " child of child"].map((end) =>
      place.name(`${wanted.name}${end}`),
    );
    const rows = Array.from({ length: wanted.rows }, (_, n) => [
      `INSERT INTO ${parent} VALUES (${n}, 'p')`,
      `INSERT INTO ${grandchild} (a, b, c) VALUES (${n}, E'\\\\N', ${n})`,
    ]);
    const childOwner = quoted(place.role(wanted.childOwner));
    return [
      `CREATE TABLE ${parent} (a int DEFAULT 1, b text NOT NULL DEFAULT 'x', CONSTRAINT ${place.alone("inherited")} CHECK (a >= 0))`,
      `CREATE TABLE ${second} (a int, extra int)`,
      `CREATE TABLE ${child} (c int, b text DEFAULT 'child''s own') INHERITS (${parent}, ${second})`,
      `CREATE TABLE ${grandchild} () INHERITS (${child})`,
      `ALTER TABLE ${child} ALTER COLUMN a SET DEFAULT 9`,
      `ALTER TABLE ${second} DROP COLUMN extra`,
      ...rows.flat(),
      ...finished(place, "TABLE", parent!, wanted.rights, wanted.comment, "TABLE"),
      `ALTER TABLE ${child} OWNER TO ${childOwner}`,
    ];
  });

/** A view over a table that was made before or over the catalog, also one that can be written to. */
export const view: fc.Arbitrary<Unit> = fc
  .record({
    ...common,
    form: fc.constantFrom("plain", "barrier", "check", "invoker", "recursive", "values", "of view"),
  })
  .map((wanted) => (place: Place) => {
    const bare = place.alone(wanted.name);
    const name = `${place.schema}.${bare}`;
    const from = place.table(wanted.pick)?.name ?? "pg_catalog.pg_am";
    const of = "1 AS col";
    const { form } = wanted;
    const column = place.alone("Odd column");
    const made = {
      plain: [`CREATE VIEW ${name} AS SELECT t.*, 'x'::varchar(3) AS ${column} FROM ${from} t`],
      barrier: [
        `CREATE VIEW ${name} WITH (security_barrier) AS SELECT ${of} FROM ${from} WHERE current_user IS NOT NULL`,
      ],
      check: [`CREATE VIEW ${name} AS SELECT * FROM ${from} WHERE true WITH CASCADED CHECK OPTION`],
      invoker: [
        `CREATE VIEW ${name} ${place.major >= 15 ? "WITH (security_invoker)" : ""} AS SELECT ${of} FROM ${from}`,
      ],
      recursive: [
        `CREATE RECURSIVE VIEW ${name} (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM ${bare} WHERE n < 5`,
      ],
      values: [
        `CREATE VIEW ${name} (a, b) AS SELECT * FROM (VALUES (1, ${literal(wanted.comment ?? "v")}), (2, NULL)) v (a, b)`,
      ],
      "of view": [
        `CREATE VIEW ${name} AS SELECT ${of}, row_number() OVER w AS r FROM ${from} WINDOW w AS (ORDER BY 1)`,
        `ALTER VIEW ${name} ALTER COLUMN r SET DEFAULT 5`,
      ],
    }[form];
    const owner = place.role(wanted.rights.owner);
    return [
      ...made,
      ...finished(place, "VIEW", name, wanted.rights, wanted.comment),
      ...grants(place, "TABLE", name, owner, wanted.rights),
    ];
  });

/** A materialized view: filled, never filled, or over another one. */
export const materialized: fc.Arbitrary<Unit> = fc
  .record({ ...common, filled: fc.boolean(), second: fc.boolean(), rows: fc.nat({ max: 5 }) })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const data = wanted.filled ? "" : "WITH NO DATA";
    const over = wanted.second
      ? [
          `CREATE MATERIALIZED VIEW ${place.name("over it")} AS SELECT count(*) FROM ${name} ${data}`,
        ]
      : [];
    const table = place.name("base of materialized");
    return [
      `CREATE TABLE ${table} AS SELECT n, '2024-01-01 23:30+00'::timestamptz + n * interval '1 hour' AS at FROM generate_series(1, ${wanted.rows}) n`,
      `CREATE MATERIALIZED VIEW ${name} WITH (fillfactor = 70) AS SELECT n, n * 2 AS twice, at::date AS day FROM ${table} ${data}`,
      `CREATE UNIQUE INDEX ${place.alone("mv_idx")} ON ${name} (n)`,
      ...over,
      // Its owner has to read what it reads when it is filled again.
      `ALTER TABLE ${table} OWNER TO ${quoted(place.role(wanted.rights.owner))}`,
      ...finished(place, "MATERIALIZED VIEW", name, wanted.rights, wanted.comment),
      ...grants(place, "TABLE", name, place.role(wanted.rights.owner), wanted.rights),
    ];
  });

/** A sequence with all options, of which some values were used. */
export const sequence: fc.Arbitrary<Unit> = fc
  .record({
    ...common,
    type: fc.constantFrom("smallint", "integer", "bigint"),
    increment: fc.constantFrom(1, 7, -1, -3),
    cycle: fc.boolean(),
    cache: fc.constantFrom(1, 20),
    used: fc.nat({ max: 3 }),
    set: fc.boolean(),
    unlogged: fc.boolean(),
    owned: fc.boolean(),
  })
  .map((wanted) => (place: Place) => {
    const name = place.name(wanted.name);
    const { increment, type, cycle, cache } = wanted;
    const unlogged = wanted.unlogged && place.major >= 15 ? "UNLOGGED " : "";
    const statements = [
      `CREATE ${unlogged}SEQUENCE ${name} AS ${type} INCREMENT ${increment} MINVALUE -30000 MAXVALUE 30000 START 11 CACHE ${cache} ${cycle ? "CYCLE" : "NO CYCLE"}`,
    ];
    for (let n = 0; n < wanted.used; n++) statements.push(`SELECT nextval(${literal(name)})`);
    if (wanted.set) statements.push(`SELECT setval(${literal(name)}, -29999, false)`);
    statements.push(
      ...finished(place, "SEQUENCE", name, wanted.rights, wanted.comment, "SEQUENCE"),
    );
    if (wanted.owned) {
      const table = place.name("has a sequence");
      statements.push(
        `CREATE TABLE ${table} (n int DEFAULT nextval(${literal(name)}))`,
        `ALTER TABLE ${table} OWNER TO ${quoted(place.role(wanted.rights.owner))}`,
        `ALTER SEQUENCE ${name} OWNED BY ${table}.n`,
        `INSERT INTO ${table} DEFAULT VALUES`,
      );
    }
    return statements;
  });
