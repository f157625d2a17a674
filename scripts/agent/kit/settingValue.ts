import { escapeIdentifier as name, escapeLiteral as literal } from "pg";

/** Settings with a list of names as value. Each name is quoted by itself. */
const LISTS = new Set([
  "local_preload_libraries",
  "search_path",
  "session_preload_libraries",
  "shared_preload_libraries",
  "temp_tablespaces",
  "unix_socket_directories",
]);

/** A setting's stored value as `SET … TO` reads it. */
export function settingValue(setting: string, value: string): string {
  if (!LISTS.has(setting.toLowerCase())) return literal(value);
  const items = value.match(/"(?:[^"]|"")*"|[^",\s][^",]*/g) ?? [];
  if (items.length === 0) return "''";
  return items
    .map((item) => (item.startsWith('"') ? item.slice(1, -1).replace(/""/g, '"') : item.trimEnd()))
    .map((item) => literal(item))
    .join(", ");
}

/**
 * The statements that store a setting exactly as it was stored.
 *
 * @param whose such as `DATABASE "app"`, which stands after ALTER
 */
export function storeSetting(whose: string, setting: string, value: string): string[] {
  const alter = `ALTER ${whose} SET ${name(setting)}`;
  if (value !== "" || !LISTS.has(setting.toLowerCase())) {
    return [`${alter} TO ${settingValue(setting, value)}`];
  }
  // TO '' would store a list of one empty name. With a library of that name nobody can log in.
  return [
    `SELECT pg_catalog.set_config(${literal(setting)}, '', false)`,
    `${alter} FROM CURRENT`,
    `RESET ${name(setting)}`,
  ];
}
