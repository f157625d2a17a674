import { setTimeout as sleep } from "node:timers/promises";
import {
  reloadedFile,
  renderParameters,
  type ServerSettingsInput,
} from "../../contract/serverSettings";
import type { LocalPrimary } from "./localPrimary";

const patienceMs = 15_000;

/** What the server says of its settings after a reload. */
interface SaidOfFile {
  /** What it says is wrong with a line of the file. */
  errors: { name: string; error: string }[];
  /** What another file overrules. */
  overruled: string[];
}

/**
 * Puts the settings in force by a reload, and returns a sentence for each thing that the operator should know. What a
 * person set by ALTER SYSTEM for one of them would overrule it, so it is taken back.
 *
 * @throws Error when the server refuses a line; it keeps what it had before then
 */
export async function applyServerSettings(
  server: LocalPrimary,
  { kind, reload, atStart }: Omit<ServerSettingsInput, "id">,
): Promise<string[]> {
  const file = reloadedFile(kind);
  const names = [...Object.keys(reload), ...atStart];
  const before = await server.fileContent(file);
  await server.writeFile(file, renderParameters(reload));
  const { errors } = await said(server, file);
  const [refused] = errors;
  if (refused) {
    await server.writeFile(file, before);
    throw new Error(
      `laterbase:primary.settings.${refused.name} is refused by the server (${refused.error}); what it had before is still in force.`,
    );
  }
  const byHand = await server.json<string[]>(setByHand(names));
  const loaded = await server.json<string>(loadTime);
  await server.reload(names);
  for (const end = performance.now() + patienceMs; ; await sleep(100)) {
    const [now, { overruled }] = [await server.json<string>(loadTime), await said(server, file)];
    if (now !== loaded && overruled.length === 0) break;
    if (performance.now() < end) continue;
    const which = overruled.length > 0 ? overruled.join(", ") : names.join(", ");
    throw new Error(`${which}: not in force after a reload; the server's log shows why.`);
  }
  const waiting = await server.json<string[]>(waitingForRestart(names));
  return [
    ...byHand.map(
      (name) =>
        `${name} was set by ALTER SYSTEM: that is taken back, because laterbase:primary.settings sets it`,
    ),
    ...waiting.map((name) => `${name} waits for a restart of the server, which puts it in force`),
  ];
}

const loadTime = "SELECT to_json(pg_conf_load_time())";

/** A list of names for SQL. They hold letters, digits, `_`, `$` and `.` only. */
const listOf = (names: readonly string[]) =>
  `ARRAY[${names.map((name) => `'${name.toLowerCase()}'`).join(", ")}]::text[]`;

const setByHand = (names: readonly string[]) =>
  `SELECT coalesce(json_agg(DISTINCT name), '[]') FROM pg_file_settings WHERE lower(name) = ANY (${listOf(names)})
     AND sourcefile = current_setting('data_directory') || '/postgresql.auto.conf'`;

const waitingForRestart = (names: readonly string[]) =>
  `SELECT coalesce(json_agg(name ORDER BY name), '[]') FROM pg_settings
    WHERE pending_restart AND lower(name) = ANY (${listOf(names)})`;

const said = (server: LocalPrimary, file: string) =>
  server.json<SaidOfFile>(
    `SELECT json_build_object(
       'errors', coalesce(json_agg(json_build_object('name', name, 'error', error))
                 FILTER (WHERE error IS NOT NULL), '[]'),
       'overruled', coalesce(json_agg(name) FILTER (WHERE NOT applied AND error IS NULL), '[]'))
     FROM pg_file_settings WHERE sourcefile = '${file}'`,
  );
