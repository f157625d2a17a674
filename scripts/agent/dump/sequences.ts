import type { ClientBase } from "pg";
import type { SequenceValue } from "../../../contract/manifest";
import { Failure } from "../kit/failure";
import { type Entry, readToc } from "./toc";

/** A sequence by its names. */
export type SequenceName = Pick<SequenceValue, "schema" | "name">;

/** The sequences whose state pg_dump writes down. Those of extensions are the extension's. */
export async function catalogSequences(
  client: ClientBase,
  inRecovery: boolean,
): Promise<SequenceName[]> {
  const { rows } = await client.query<SequenceName>(
    `SELECT n.nspname AS schema, c.relname AS name
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'S' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND c.relpersistence <> 't' AND NOT (c.relpersistence = 'u' AND $1)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
          WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      ORDER BY 1, 2`,
    [inRecovery],
  );
  return rows;
}

/**
 * What pg_dump wrote down of each sequence. A sequence is in no snapshot: another look at the server
 * could find another value.
 *
 * @param expected the sequences that the server had when the dump began
 */
export function dumpedSequences(
  archive: string,
  expected: readonly SequenceName[],
): SequenceValue[] {
  const found = readToc(archive, new Set(["SEQUENCE SET"])).map(valueOf);
  const held = new Set(found.map(keyOf));
  const missing = expected.find((sequence) => !held.has(keyOf(sequence)));
  // Names in an encoding that Node does not know are read differently, so their number counts as well.
  if (missing && found.length < expected.length) {
    throw new Failure(
      `The dump lacks the value of the sequence ${missing.schema}.${missing.name}, which the server has.`,
    );
  }
  return found.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
}

/** `SELECT pg_catalog.setval('"s"."q"', 41, true);` The name may hold anything, so the end decides. */
function valueOf({ schema, name, definition }: Entry): SequenceValue {
  const [, value, called] = /, (-?\d+), (true|false)\);\s*$/.exec(definition) ?? [];
  if (value === undefined) {
    throw new Failure(`The dump has no readable value of the sequence ${schema}.${name}.`);
  }
  return { schema, name, value, called: called === "true" };
}

const keyOf = ({ schema, name }: SequenceName) => JSON.stringify([schema, name]);
