import { escapeIdentifier as quoted, escapeLiteral as literal } from "pg";

export { quoted, literal };

/** A table that was made before, for what refers to one. Its key is `id bigint`. */
export interface MadeTable {
  /** Quoted, with its schema. */
  name: string;
  owner: string;
  /** Whether a foreign key can refer to it. */
  referable: boolean;
}

/** What the parts of one generated database share. */
export class Place {
  readonly tables: MadeTable[] = [];
  /** Types that a column can have, with expressions of a value. */
  readonly types: { name: string; values: readonly string[] }[] = [];
  /** The schema that is filled, quoted. */
  schema = "public";
  private last = 0;
  private readonly taken = new Set(["public"]);

  constructor(
    readonly major: number,
    /** Roles of the lab, not quoted. The first one is the superuser. */
    readonly roles: readonly string[],
  ) {}

  /** A name in no schema, quoted. No other object of the database has it. */
  alone(odd: string): string {
    let name = cut(odd, 63);
    for (let n = 2; this.taken.has(name); n++) name = `${cut(odd, 63 - `${n}`.length)}${n}`;
    this.taken.add(name);
    return quoted(name);
  }

  /** A name in the schema that is filled, quoted. */
  name(odd: string): string {
    return `${this.schema}.${this.alone(odd)}`;
  }

  /** A number that the database has not used. */
  next(): number {
    return ++this.last;
  }

  role(pick: number): string {
    return this.roles[pick % this.roles.length]!;
  }

  /** A table that was made before, or undefined. */
  table(pick: number): MadeTable | undefined {
    return this.tables[pick % Math.max(1, this.tables.length)];
  }

  /** The same for a foreign key. */
  referable(pick: number): MadeTable | undefined {
    const fit = this.tables.filter((table) => table.referable);
    return fit[pick % Math.max(1, fit.length)];
  }
}

/** The longest beginning of at most `bytes` bytes in UTF-8. */
function cut(text: string, bytes: number): string {
  let short = text;
  while (Buffer.byteLength(short) > bytes) short = [...short].slice(0, -1).join("");
  return short;
}
