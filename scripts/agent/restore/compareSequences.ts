import { type Client, escapeIdentifier as name, escapeLiteral as literal } from "pg";
import type { Manifest, SequenceValue } from "../../../contract/manifest";
import { type Comparing, differs, type Found } from "./compare";
import { nameOf } from "./comparisonDuringRestore";

/** How many sequences one query reads. */
const AT_ONCE = 200;

/**
 * Compares the restored sequences with the manifest. What it finds is added to `found`.
 *
 * @param session a superuser's, while no role of the dump is connected: a name stays what it is
 */
export async function compareSequences(
  session: Client,
  comparing: Pick<Comparing, "manifest" | "excused">,
  found: Found,
): Promise<void> {
  const { sequences = [] } = comparing.manifest;
  const { rows } = await session.query<Pick<SequenceValue, "schema" | "name">>(
    `SELECT n.nspname AS schema, c.relname AS name FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S'`,
  );
  const there = new Set(rows.map(nameOf));
  const readable = sequences.filter((sequence) => there.has(nameOf(sequence)));
  const values = new Map<string, string>();
  for (let begin = 0; begin < readable.length; begin += AT_ONCE) {
    const some = readable.slice(begin, begin + AT_ONCE);
    const queries = some.map(
      (sequence) =>
        `SELECT ${literal(nameOf(sequence))} AS name, last_value::pg_catalog.text AS value, is_called AS called` +
        ` FROM ${name(sequence.schema)}.${name(sequence.name)}`,
    );
    const answer = await session.query<SequenceValue>(queries.join(" UNION ALL "));
    for (const row of answer.rows) values.set(row.name, stateOf(row));
  }
  found.sequences = sequences.length;
  for (const sequence of sequences) {
    const title = nameOf(sequence);
    const [expected, value] = [stateOf(sequence), values.get(title)];
    const is = value === undefined ? "is missing" : `${value} instead of ${expected}`;
    if (value !== expected) differs(comparing, found, title, `the sequence ${title} ${is}`);
  }
}

function stateOf({ value, called }: Pick<SequenceValue, "value" | "called">): string {
  return called ? `has given ${value}` : `begins with ${value}`;
}

/** What a dump of a standby cannot know better, one sentence. */
export function sequencesAhead({ source, sequences = [] }: Manifest): string[] {
  const given = sequences.filter(({ called }) => called).length;
  if (source.server === "primary" || given === 0) return [];
  return [
    "The dump is of a standby, which knows each value of a sequence up to 32 values ahead, and more with CACHE: " +
      `${given === 1 ? "1 sequence" : `${given} sequences`} may leave out numbers.`,
  ];
}
