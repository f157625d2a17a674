import { escapeIdentifier as name } from "pg";
import { sentenceOf } from "../kit/failure";
import type { PartRunner } from "./partRunner";
import { rightsOf } from "./parts";
import type { OwnedTable } from "./restoredRows";

/**
 * Collects statistics, each owner's with its own rights: index expressions are evaluated.
 *
 * @returns a sentence for each owner whose statistics could not be collected
 */
export async function analyzeTables(
  tables: readonly OwnedTable[],
  runner: PartRunner,
  database: string,
  signal: AbortSignal,
): Promise<string[]> {
  const notes: string[] = [];
  for (const owner of new Set(tables.map((table) => table.owner))) {
    const part = rightsOf(owner);
    const own = tables.filter((table) => table.owner === owner && table.kind === "table");
    const names = own.map((table) => `${name(table.schema)}.${name(table.name)}`);
    if (names.length === 0) continue;
    try {
      await runner.as(part, (role) =>
        runner
          .loginOf(part, role)
          .during(database, signal, (session) => session.query(`ANALYZE ${names.join(", ")}`)),
      );
    } catch (error) {
      signal.throwIfAborted();
      const why = sentenceOf(error);
      notes.push(`ANALYZE failed. The server will try it again by itself: ${why}`);
    }
  }
  return notes;
}
