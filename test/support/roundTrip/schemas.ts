import fc from "fast-check";
import { grants, rights } from "./grants";
import { composite, domain, enumeration, range } from "./types";
import { inheritance, materialized, partitions, sequence, view } from "./families";
import { oddName, oddText } from "./names";
import { literal, Place, quoted } from "./place";
import { aggregate, casts, operators, routine } from "./routines";
import { table, type Unit } from "./tables";
import { collation, foreign, textSearch } from "./texts";
import {
  defaults,
  eventTrigger,
  extension,
  handlers,
  largeObject,
  properties,
  publication,
} from "./wholeDatabase";

/** A generated database, as the statements that fill it. */
export interface Generated {
  /** How it is created, without its name. */
  create: string;
  contents(major: number, roles: readonly string[]): string[];
  /** Applied at the end: they may hinder what comes after them. */
  properties(major: number, roles: readonly string[], database: string): string[];
}

const inSchema: fc.Arbitrary<Unit> = fc.oneof(
  { weight: 4, arbitrary: table },
  { weight: 2, arbitrary: partitions },
  ...[inheritance, view, view, materialized, sequence, domain, enumeration, composite, range].map(
    once,
  ),
  ...[routine, routine, aggregate, operators, casts, collation, textSearch, foreign].map(once),
  ...[defaults, eventTrigger, publication, largeObject, extension, handlers].map(once),
);

function once(arbitrary: fc.Arbitrary<Unit>) {
  return { weight: 1, arbitrary };
}

/** A schema of an owner, with what is in it. */
const schema: fc.Arbitrary<Unit> = fc
  .record({
    name: oddName,
    rights,
    comment: fc.option(oddText, { nil: undefined }),
    units: fc.array(inSchema, { maxLength: 7, size: "max" }),
  })
  .map((wanted) => (place: Place) => {
    const name = place.alone(wanted.name.replace(/^pg_/, "pg"));
    const owner = place.role(wanted.rights.owner);
    place.schema = name;
    return [
      `CREATE SCHEMA ${name} AUTHORIZATION ${quoted(owner)}`,
      ...wanted.units.flatMap((unit) => unit(place)),
      // An owner without USAGE makes pg_restore fail where the owner is a grantor.
      ...grants(place, "SCHEMA", name, owner, { ...wanted.rights, revoke: false }),
      ...(wanted.comment === undefined
        ? []
        : [`COMMENT ON SCHEMA ${name} IS ${literal(wanted.comment)}`]),
    ];
  });

const CREATE = [
  "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'",
  "ENCODING 'UTF8' LC_COLLATE 'en_US.UTF-8' LC_CTYPE 'de_DE.UTF-8'",
  "ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
];

/** A database of `schemas` schemas. A failure shrinks to the few units that show it. */
export const databaseOf = (schemas: number): fc.Arbitrary<Generated> =>
  fc
    .record({
      create: fc.constantFrom(...CREATE),
      schemas: fc.tuple(...Array.from({ length: schemas }, () => schema)),
      properties,
    })
    .map((wanted) => ({
      create: wanted.create,
      contents(major, roles) {
        const place = new Place(major, roles);
        return wanted.schemas.flatMap((one) => one(place));
      },
      properties: (major, roles, database) => wanted.properties(new Place(major, roles), database),
    }));
