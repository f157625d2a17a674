import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
import type { ArchiveLooks, ArchiveRecord, Looked, Looks } from "../../../contract/looks";
import { agentPaths } from "../../../contract/agentPaths";
import type { JobRecord } from "../../../contract/jobRecord";
import { containerName } from "../../../contract/names";
import { containerFile } from "../../engine/containerFile";
import type { SeenEngine } from "./engine";

/** The record of what is looked at now. */
export function archiveRecord(
  looks: ArchiveLooks,
  before: ArchiveRecord | undefined,
  now: Date,
): ArchiveRecord {
  const salt = before?.salt ?? randomBytes(16).toString("base64");
  const hash = (text: string) => scryptSync(text, salt, 32).toString("base64");
  const place = hash(placeOf(looks.target));
  const moved = before !== undefined && before.place !== place;
  const since = moved ? now.toISOString() : (before?.since ?? "");
  return { salt, place, passphrase: hash(looks.passphrase), since };
}

/** A sentence where another passphrase is set for archives that only the old one opens. */
export function otherPassphrase(
  now: ArchiveRecord,
  before: ArchiveRecord | undefined,
  lastUpload: string | undefined,
): string[] {
  if (!before || before.place !== now.place || lastUpload === undefined) return [];
  const [one, other] = [now, before].map(({ passphrase }) => Buffer.from(passphrase, "base64"));
  if (timingSafeEqual(one!, other!) || lastUpload <= before.since) return [];
  return [
    "laterbase:duplicati.passphrase must stay as it was while laterbase:duplicati.target holds archives that only " +
      "the old one opens; set laterbase:duplicati.target to another folder too, or the old passphrase again",
  ];
}

/** When the last upload ended that succeeded, as the agent recorded it. */
export async function lastUploadOf(
  { prefix }: Looks,
  { engine, seen }: SeenEngine,
): Promise<string | undefined> {
  const name = containerName(prefix, "agent");
  if (!seen.some((one) => one.name === name)) return undefined;
  const file = `${agentPaths.records}/upload.success.json`;
  const text = await containerFile(engine.getContainer(name), file);
  return text === undefined ? undefined : (JSON.parse(text) as JobRecord).endedAt;
}

/** Another server is another place. Other keys are not: they may change. */
function placeOf(target: string): string {
  const [place = "", query = ""] = target.split("?", 2);
  const servers = query.split("&").filter((option) => /^[^=]*(?:server|endpoint)/i.test(option));
  return JSON.stringify([place, ...servers.sort()]);
}

/** The record that the last looks printed, if they did. */
export function readArchiveRecord(printed: string | undefined): ArchiveRecord | undefined {
  try {
    return (JSON.parse(printed ?? "") as Looked).archives;
  } catch {
    return undefined;
  }
}
