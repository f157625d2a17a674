import { readFileSync } from "node:fs";
import { join } from "node:path";

const page = join(__dirname, "../../docs/round-trip.md");

/** The kinds of archive entries that docs/round-trip.md has a row for. */
export function documentedKinds(): string[] {
  const rows = readFileSync(page, "utf8").matchAll(/^\| (`[A-Z `,]+`) +\|/gm);
  return [...rows].flatMap(([, names]) =>
    [...names!.matchAll(/`([A-Z ]+)`/g)].map(([, kind]) => kind!),
  );
}

/** The kind in a line of `pg_restore -l`. The longest that is known, as names follow without a mark. */
export function kindOf(line: string, kinds: readonly string[]): string | undefined {
  const rest = /^\d+; \d+ \d+ (.*)$/.exec(line)?.[1];
  const known = kinds.filter((kind) => rest?.startsWith(`${kind} `));
  return known.sort((a, b) => b.length - a.length)[0];
}
