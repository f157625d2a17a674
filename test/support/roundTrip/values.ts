import fc from "fast-check";
import { oddText } from "./names";
import { literal, type Place } from "./place";

/** A column's type, with SQL expressions of its values. */
export interface ColumnType {
  type: string;
  values: readonly string[];
  /** How it can be indexed. None: not at all. */
  index?: string;
}

const TYPES: readonly ColumnType[] = [
  { type: "int", values: ["-2147483648", "0", "7"], index: "btree" },
  { type: "smallint", values: ["-1", "32767"], index: "hash" },
  { type: "bigint", values: ["9223372036854775807", "-5"], index: "brin" },
  {
    type: "numeric(30,10)",
    values: ["12345678901234567890.1234567891", "'NaN'", "-0.5"],
    index: "btree",
  },
  { type: "numeric", values: ["1e-20", "1e40", "'NaN'"], index: "btree" },
  { type: "real", values: ["'-Infinity'", "0.1", "1.17549435e-38"], index: "btree" },
  { type: "double precision", values: ["0.1::float8 + 0.2", "'NaN'", "1e308"], index: "btree" },
  { type: "money", values: ["'1234.50'::numeric::money", "0::numeric::money"], index: "btree" },
  { type: "boolean", values: ["true", "false"], index: "btree" },
  { type: "char(7)", values: ["'ab  '", "''"], index: "btree" },
  { type: "varchar(40)", values: ["'ü'", "E'a\\tb\\nc\\\\d'", "'\\N'"], index: "btree" },
  { type: '"char"', values: ["'x'", "''"], index: "btree" },
  { type: "name", values: ["'pg_class'"], index: "btree" },
  { type: "bytea", values: ["'\\x00ff5c27'", "'\\x'", "sha256('x')"], index: "btree" },
  {
    type: "timestamptz",
    values: ["'2024-03-31 01:30:00.123456+00'", "'infinity'", "'0044-03-15 BC'"],
    index: "btree",
  },
  { type: "timestamp", values: ["'2024-02-29 23:59:60'", "'-infinity'"], index: "btree" },
  { type: "date", values: ["'0001-01-01 BC'", "'5874897-12-31'"], index: "btree" },
  { type: "time(3)", values: ["'24:00'", "'01:02:03.456'"], index: "btree" },
  { type: "timetz", values: ["'01:02:03+05:30'"], index: "btree" },
  {
    type: "interval",
    values: ["'1 mon -1 day 00:00:00.000001'", "'-178000000 years'"],
    index: "btree",
  },
  { type: "interval day to second(2)", values: ["'3 days 01:02:03.45'"], index: "btree" },
  { type: "uuid", values: ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"], index: "hash" },
  { type: "json", values: [`'{"a": 1,  "a": 2}'`, "'null'"] },
  { type: "jsonb", values: [`'{"b": [1, "ü", null], "a": {}}'`], index: "gin" },
  { type: "jsonpath", values: ["'$.a[*] ? (@ > 1)'"] },
  { type: "xml", values: ["'<a b=\"c\">&amp;</a>'", "'text only'"] },
  {
    type: "int[]",
    values: ["'{1,NULL,3}'", "'[-1:1]={1,2,3}'", "'{}'", "'{{1,2},{3,4}}'"],
    index: "gin",
  },
  { type: "text[]", values: [`ARRAY['a,b', 'c"d', '', 'NULL', NULL, E'x\\\\y']`], index: "gin" },
  { type: "int4range", values: ["'[1,5)'", "'empty'", "'(,3]'"], index: "gist" },
  { type: "tstzrange", values: ["'[2024-01-01, infinity)'"], index: "gist" },
  { type: "inet", values: ["'::1/64'", "'10.0.0.1'"], index: "btree" },
  { type: "cidr", values: ["'10.1.0.0/16'"], index: "btree" },
  { type: "macaddr8", values: ["'08:00:2b:01:02:03:04:05'"], index: "btree" },
  { type: "bit(5)", values: ["B'10101'"], index: "btree" },
  { type: "varbit", values: ["B''", "B'1'"], index: "btree" },
  { type: "point", values: ["'(0.1,-0)'"], index: "gist" },
  { type: "polygon", values: ["'((0,0),(1,0),(1,1))'"], index: "gist" },
  { type: "circle", values: ["'<(1,2),3>'"], index: "gist" },
  { type: "tsvector", values: [`'a:1A fat:2,4C ''qu''''ote'''`], index: "gin" },
  { type: "tsquery", values: ["'fat & (rat | !cat:*)'"], index: "gist" },
  { type: "oid", values: ["4294967295"], index: "btree" },
  { type: "regclass", values: ["'pg_catalog.pg_class'"], index: "btree" },
  { type: "regtype", values: ["'int[]'"], index: "btree" },
  { type: "pg_lsn", values: ["'16/B374D848'"], index: "btree" },
  { type: "txid_snapshot", values: ["'10:20:10,14,15'"] },
  { type: 'text COLLATE "C"', values: ["'a'", "'B'"], index: "btree" },
  { type: 'text COLLATE "POSIX"', values: ["'_'"], index: "spgist" },
];

/** Types of newer majors. */
const NEWER: readonly (ColumnType & { since: number })[] = [
  { since: 14, type: "int4multirange", values: ["'{[1,3), [5,9)}'", "'{}'"], index: "gist" },
  { since: 16, type: 'varchar COLLATE "ucs_basic"', values: ["'x'"], index: "btree" },
];

/** A column: which type, and what its rows hold. */
export interface Column {
  name: string;
  type: number;
  text: string;
  extra: number;
}

/** The type of a column: built in, made before, or text of any kind. */
export function typeOf(place: Place, { type, text }: Pick<Column, "type" | "text">): ColumnType {
  const all: ColumnType[] = [
    ...TYPES,
    ...NEWER.filter(({ since }) => place.major >= since),
    ...place.types.map(({ name, values }) => ({ type: name, values })),
    { type: "text", values: [literal(text), "''"], index: "btree" },
  ];
  return all[type % all.length]!;
}

export const column = (name: fc.Arbitrary<string>): fc.Arbitrary<Column> =>
  fc.record({ name, type: fc.nat({ max: 499 }), text: oddText, extra: fc.nat({ max: 99 }) });
