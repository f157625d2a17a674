import { readFileSync } from "node:fs";

/** A row of an example's table: what its system promises, where that is met, and what proves it. */
export interface Promised {
  promise: string;
  where: string;
  proof: string;
  /** The whole row, to name it where it is wrong. */
  row: string;
  /** How many columns it has. */
  columns: number;
}

/** A test that a row names: its file below test/, and the name of the test in it. */
export interface NamedTest {
  file: string;
  title: string;
}

const heads = ["promise", "where", "proved by"];

const cellsOf = (row: string) =>
  row
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());

/** The rows of all tables of promises of a page. */
export function promisesOf(page: string): Promised[] {
  const tables = readFileSync(page, "utf8").match(/(?:^\|.*\n)+/gm) ?? [];
  return tables.flatMap((table) => {
    const [head = "", , ...rows] = table.trim().split("\n");
    if (JSON.stringify(cellsOf(head)) !== JSON.stringify(heads)) return [];
    return rows.map((row) => {
      const cells = cellsOf(row);
      const [promise = "", where = "", proof = ""] = cells;
      return { promise, where, proof, row, columns: cells.length };
    });
  });
}

/** The tests that a cell names, such as `unit/config.test.ts` "fills in the defaults". */
export const testsIn = (proof: string): NamedTest[] =>
  [...proof.matchAll(/`([\w/]+\.test\.ts)`(?: "([^"]+)")?/g)].map(([, file, title = ""]) => ({
    file: `test/${file}`,
    title,
  }));

/** What a cell has between backticks. */
export const codeIn = (cell: string): string[] =>
  [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
