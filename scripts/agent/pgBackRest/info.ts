import { parsePgBackRest } from "../../../contract/pgBackRestJson";
import { z } from "zod";
import type { ListedBackup } from "../../../contract/agentReplies";
import { backupTypes } from "../../../contract/pgBackRest";
import { visible } from "../../../contract/visible";
import type { Context } from "../kit/context";
import { Failure, withStop } from "../kit/failure";
import { type CommandOptions, failureOf, pgBackRest } from "./command";

/** The numbers that `info` gives for the status of a stanza. */
export const stanzaStatus = {
  ok: 0,
  missingPath: 1,
  noBackups: 2,
  missingData: 3,
  /** The repository cannot be read. `info` still ends with 0. */
  other: 99,
} as const;

const status = z.object({ code: z.number().int(), message: z.string() });

const seconds = z.number().int();
const segment = z.string().regex(/^[0-9A-F]{24}$/);

const lsn = z.string().regex(/^[0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8}$/);

const backupSchema = z.object({
  label: z.string().min(1),
  type: z.enum(backupTypes),
  prior: z.string().nullish(),
  // Pages with a wrong checksum. 2.33 does not say it here.
  error: z.boolean().nullish(),
  timestamp: z.object({ start: seconds, stop: seconds }),
  archive: z.object({ start: segment.nullish(), stop: segment.nullish() }),
  // 2.33 does not say it.
  lsn: z.object({ start: lsn.nullish(), stop: lsn.nullish() }).nullish(),
  database: z.object({ id: z.number().int() }),
  info: z.object({
    size: z.number(),
    repository: z.object({ delta: z.number().nullish(), size: z.number().nullish() }),
  }),
});

const infoSchema = z.array(
  z.object({
    name: z.string(),
    status,
    repo: z.array(z.object({ status })),
    db: z.array(z.object({ id: z.number().int(), version: z.string() })),
    archive: z.array(
      z.object({
        id: z.string(),
        database: z.object({ id: z.number().int() }),
        min: segment.nullish(),
        max: segment.nullish(),
      }),
    ),
    backup: z.array(backupSchema),
  }),
);

/** What pgBackRest says about the stanza in one repository. */
export interface StanzaInfo {
  /** See `stanzaStatus`. */
  status: number;
  /** In pgBackRest's words. */
  message: string;
  /** The versions of PostgreSQL that it has seen, the oldest first. */
  versions: string[];
  /** The archive of the newest version, such as `17-1`. Absent without any WAL. */
  archiveId?: string;
  /** Its newest WAL segment. */
  newestSegment?: string;
  /** All of them, the oldest first. */
  backups: Backup[];
  /** Those of the newest server that the stanza knows: the WAL of an older one is in another archive. */
  current: Backup[];
}

/** A backup as pgBackRest lists it, and the archive that its WAL is in. */
export interface Backup extends ListedBackup {
  /** pgBackRest's number of the server. */
  databaseId: number;
  /** Where it begins in the WAL, and up to where it needs it. Before 2.45 it is not known. */
  lsn?: { start: string; stop: string };
}

/** Reads what `info --output=json` printed. */
export function parseInfo(text: string): StanzaInfo {
  const [stanza] = infoSchema.parse(parsePgBackRest(text));
  if (!stanza) {
    const message = "there is nothing of this stanza";
    return { status: stanzaStatus.missingPath, message, versions: [], backups: [], current: [] };
  }
  const archive = stanza.archive.toSorted((a, b) => a.database.id - b.database.id).at(-1);
  const bad = stanza.repo.find((one) => one.status.code === stanzaStatus.other);
  const databases = stanza.db.toSorted((a, b) => a.id - b.id);
  const backups = stanza.backup.map(backupOf);
  const { code, message } = bad?.status ?? stanza.status;
  return {
    status: code,
    message,
    versions: databases.map(({ version }) => version),
    ...(archive ? { archiveId: archive.id } : {}),
    ...(archive?.max ? { newestSegment: archive.max } : {}),
    backups,
    current: backups.filter(({ databaseId }) => databaseId === databases.at(-1)?.id),
  };
}

function backupOf(one: z.output<typeof backupSchema>): Backup {
  const { start, stop } = one.archive;
  const [from, to] = [one.lsn?.start, one.lsn?.stop];
  return {
    label: one.label,
    type: one.type,
    databaseId: one.database.id,
    startedAt: new Date(one.timestamp.start * 1000).toISOString(),
    endedAt: new Date(one.timestamp.stop * 1000).toISOString(),
    bytes: one.info.size,
    repositoryBytes: one.info.repository.delta ?? one.info.repository.size ?? 0,
    ...(one.prior ? { prior: one.prior } : {}),
    ...(start && stop ? { wal: { start, stop } } : {}),
    ...(from && to ? { lsn: { start: from, stop: to } } : {}),
    ...(one.error === true ? { pageErrors: true as const } : {}),
  };
}

/** Asks one repository. */
export async function readInfo(
  context: Context,
  repository: number,
  options: CommandOptions = {},
): Promise<StanzaInfo> {
  const words = ["info", `--repo=${repository}`, "--output=json"];
  const ran = await pgBackRest(context, words, options);
  if (ran.code !== 0) throw failureOf(ran);
  const info = parseInfo(ran.stdout);
  if (info.status === stanzaStatus.other) {
    const [first = ""] = info.message.split("\n");
    throw new Failure(
      `The repository cannot be read. pgBackRest says: ${withStop(visible(first))}`,
    );
  }
  return info;
}
