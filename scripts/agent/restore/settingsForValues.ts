import type { Client } from "pg";
import { type DatabaseProperties, valueSettings } from "../../../contract/manifest";
import { codeOf, sentenceOf, withStop } from "../kit/failure";
import type { SettingValues } from "./login";

/** Under which settings a database is filled and compared. */
export interface SettingsForValues {
  /**
   * For pg_restore's sessions. What the manifest does not say is left to the database and the server,
   * also where sessions of ours state a value otherwise.
   */
  values: SettingValues;
  /** For every session: amounts of money are printed and read by it, as the dump printed them. */
  always: SettingValues;
  /** What this server does not accept, one sentence each. */
  refused: string[];
}

/**
 * Rows may depend on settings: a materialized view by the time zone, a generated column, an amount of
 * money. What the database itself sets is in force already. This is what the dumped server set.
 *
 * @param client a superuser's session, in another database
 */
export async function settingsForValues(
  client: Client,
  { settings, valueSettings: dumped = {} }: DatabaseProperties,
): Promise<SettingsForValues> {
  const own = new Set(
    settings.filter(({ role }) => role === null).map(({ name }) => name.toLowerCase()),
  );
  const values: Record<string, string | undefined> = {};
  const refused: string[] = [];
  for (const name of valueSettings) {
    const value = own.has(name.toLowerCase()) ? undefined : dumped[name];
    values[name] = undefined;
    if (value === undefined) continue;
    try {
      await accepts(client, name, value);
      values[name] = value;
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
      const why = withStop(sentenceOf(error));
      refused.push(`The dump was made under ${name} "${value}", which this server refuses: ${why}`);
    }
  }
  const { lc_monetary } = values;
  return { values, always: lc_monetary === undefined ? {} : { lc_monetary }, refused };
}

/** For the time of one statement. */
function accepts(client: Client, name: string, value: string): Promise<unknown> {
  return client.query("SELECT pg_catalog.set_config($1, $2, true)", [name, value]);
}
