import type { Context, Say } from "../kit/context";
import { readRecord } from "../kit/records";
import { quoted } from "../../../contract/quoting";

/** Says which databases the last run did not dump: nobody should have to miss them in the list. */
export async function sayLeftOut(context: Context, say: Say): Promise<void> {
  const { leftOut = [], databases = [] } = (await readRecord(context, "dump")) ?? {};
  for (const { what, why } of leftOut) say(`Not dumped: ${what}, because ${why}.`);
  const named = new Set(leftOut.map(({ what }) => what));
  for (const { database, result, detail } of databases) {
    const what = `the database ${quoted(database)}`;
    if (result === "failed" && !named.has(what)) say(`The last dump of ${what} failed: ${detail}`);
  }
}
