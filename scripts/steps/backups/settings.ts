import { setTimeout as sleep } from "node:timers/promises";
import type { ArchiveSettings } from "../../../contract/pgBackRestStep";
import type { LocalPrimary } from "../../primary/localPrimary";
import type { ServerId } from "./info";

const patienceMs = 15_000;
const modeIsOff =
  "archive_mode is not on, because somebody set it by ALTER SYSTEM. That is taken back now, and a restart puts it in " +
  "force: `npm run laterbase -- restart-primary`, then `up` again.";

/** Which server this is. */
export function serverId(primary: LocalPrimary): Promise<ServerId> {
  return primary.json<ServerId>(
    "SELECT json_build_object('system', system_identifier::text, " +
      "'version', current_setting('server_version_num')::int / 10000) FROM pg_control_system()",
  );
}

/**
 * Has the primary read its archive settings again. What a person set by ALTER SYSTEM would overrule them, so it is
 * taken back. A reload takes effect a moment later, so only what a new session sees counts.
 */
export async function applySettings(primary: LocalPrimary, wanted: ArchiveSettings): Promise<void> {
  const names = Object.keys(wanted);
  await primary.reload([...names, "archive_library", "archive_mode"]);
  const list = [...names, "archive_mode"].map((name) => `'${name}'`).join(", ");
  const query = `SELECT json_object_agg(name, setting) FROM pg_settings WHERE name IN (${list})`;
  const end = performance.now() + patienceMs;
  for (;;) {
    const now = await primary.json<Record<string, string>>(query);
    const other = Object.entries(wanted).find(([name, value]) => now[name] !== value);
    if (now["archive_mode"] !== "on") throw new Error(modeIsOff);
    if (!other) return;
    if (performance.now() > end) {
      throw new Error(
        `${other[0]} is not in force after a reload: the primary's log or its command line shows why.`,
      );
    }
    await sleep(200);
  }
}
