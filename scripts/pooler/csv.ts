/** The records of a text as `psql --csv` writes it. A field in quotes may hold commas, quotes and line breaks. */
export function readCsv(text: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const field = /("(?:[^"]|"")*"|[^,\n]*)(,|\n|$)/y;
  while (field.lastIndex < text.length) {
    const [, raw = "", end] = field.exec(text) ?? [];
    if (end === undefined) break;
    record.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === ",") continue;
    records.push(record);
    record = [];
  }
  return records;
}

/** The rows of a table whose first record has the names of its columns. */
export function rowsOf([head = [], ...records]: string[][]): Record<string, string>[] {
  return records.map((record) =>
    Object.fromEntries(head.map((name, i) => [name, record[i] ?? ""])),
  );
}
