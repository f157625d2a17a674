import { type Client, escapeIdentifier as name, escapeLiteral as literal } from "pg";
import {
  copiesSetting,
  readCopies,
  type RestoredCopy,
  selectCopies,
  writeCopies,
} from "../../../contract/restoredCopies";

/**
 * Remembers databases as copies, so that dumps of all databases leave them out.
 *
 * @param client a superuser's session
 * @param role the role that dumps
 */
export async function markCopies(
  client: Client,
  role: string,
  copies: readonly Pick<RestoredCopy, "name" | "of">[],
): Promise<void> {
  if (copies.length === 0) return;
  const before = await client.query<{ copies: string }>(selectCopies, [role]);
  const { rows } = await client.query<{ oid: string; name: string }>(
    "SELECT oid::text AS oid, datname AS name FROM pg_database",
  );
  const there = new Map(rows.map((row) => [row.name, row.oid]));
  const old = readCopies(before.rows[0]?.copies).filter(
    ({ oid, name: own }) => there.get(own) === oid,
  );
  const added = copies.flatMap((copy) => {
    const oid = there.get(copy.name);
    return oid === undefined ? [] : [{ oid, ...copy }];
  });
  const kept = old.filter(({ oid }) => !added.some((one) => one.oid === oid));
  const value = literal(writeCopies([...kept, ...added]));
  await client.query(`ALTER ROLE ${name(role)} SET ${name(copiesSetting)} TO ${value}`);
}
