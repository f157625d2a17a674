import { createHash, randomBytes } from "node:crypto";
import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { filesIn, type SourceFile, targetFolder, versionsIn, writeVersion } from "./archive";
import { expired } from "./retention";
import { type Job, type RunResult, setting } from "./shapes";
import { stamp } from "./spans";
import type { Store } from "./store";

export interface Progress {
  Phase: string;
  ProcessedFileCount: number;
  TotalFileCount: number;
  TotalFileSize: number;
}

/** One backup: compares the files, writes a version if anything changed, removes expired versions. */
export async function backup(store: Store, job: Job, progress: Progress): Promise<RunResult> {
  const begin = new Date();
  const folder = targetFolder(job.TargetURL);
  const history = store.history(job);
  const passphrase = passphraseOf(job);
  history.passphrase = samePassphrase(history.passphrase, passphrase);
  progress.Phase = "Backup_ProcessingFiles";
  const files = await filesIn(job.Sources, job.Filters);
  Object.assign(progress, { TotalFileCount: files.length, TotalFileSize: sizeOf(files) });
  const changes = compare(history.files, files);
  const versions = await versionsIn(folder);
  const anything = changes.added.length + changes.modified + changes.deleted > 0;
  const written =
    anything || versions.length === 0
      ? await writeVersion(folder, files, {
          passphrase,
          onFile: (done) => (progress.ProcessedFileCount = done),
        })
      : undefined;
  // After a warning, the next run treats the same files as changed again.
  if (written?.warnings.length === 0) history.files = fingerprints(files);
  progress.Phase = "Backup_Delete";
  const removed = await thinOut(folder, setting(job, "retention-policy"));
  progress.Phase = "Backup_Complete";
  const end = new Date();
  const result: RunResult = {
    ...emptyResult(begin, end),
    ParsedResult: written?.warnings.length ? "Warning" : "Success",
    ExaminedFiles: files.length,
    AddedFiles: changes.added.length,
    ModifiedFiles: changes.modified,
    DeletedFiles: changes.deleted,
    SizeOfExaminedFiles: sizeOf(files),
    SizeOfAddedFiles: sizeOf(changes.added),
    Warnings: (written?.warnings ?? []).map(
      (text) => `${end.toISOString()} - [Warning-Laterbase.StandIn-PathProcessingFailed]: ${text}`,
    ),
    BackendStatistics: {
      BytesUploaded: written?.bytes ?? 0,
      FilesUploaded: written ? 1 : 0,
      FilesDeleted: removed,
    },
  };
  await describe(job, folder, result, begin, end);
  return result;
}

function passphraseOf(job: Job): string {
  const open = /^(|true|1|on|yes)$/i.test(setting(job, "--no-encryption"));
  const without = job.Settings.some(({ Name }) => Name.toLowerCase() === "--no-encryption") && open;
  return without ? "" : setting(job, "passphrase");
}

/** @throws Error when the existing archives have another passphrase */
function samePassphrase(known: string | undefined, passphrase: string): string {
  const [salt = randomBytes(8).toString("hex"), hash] = known?.split(":") ?? [];
  const own = createHash("sha256").update(`${salt}${passphrase}`).digest("hex");
  if (hash !== undefined && hash !== own) {
    throw new Error("The passphrase cannot be changed for an existing backup");
  }
  return `${salt}:${own}`;
}

const fingerprints = (files: readonly SourceFile[]): Record<string, string> =>
  Object.fromEntries(
    files.map(({ path, size, mtime }) => [path, `${size} ${mtime.toISOString()}`]),
  );

function compare(before: Record<string, string>, files: readonly SourceFile[]) {
  const now = fingerprints(files);
  return {
    added: files.filter(({ path }) => before[path] === undefined),
    modified: files.filter(({ path }) => before[path] && before[path] !== now[path]).length,
    deleted: Object.keys(before).filter((path) => now[path] === undefined).length,
  };
}

const sizeOf = (files: readonly SourceFile[]) => files.reduce((sum, { size }) => sum + size, 0);

async function thinOut(folder: string, policy: string): Promise<number> {
  const versions = await versionsIn(folder);
  const times = versions.map(({ time }) => time);
  const old = expired(times, policy, new Date());
  for (const { name } of versions.filter(({ time }) => old.includes(time))) {
    await rm(join(folder, name));
  }
  return old.length;
}

export function emptyResult(begin: Date, end: Date): RunResult {
  return {
    MainOperation: "Backup",
    ParsedResult: "Fatal",
    ...{ ExaminedFiles: 0, AddedFiles: 0, ModifiedFiles: 0, DeletedFiles: 0 },
    ...{ SizeOfExaminedFiles: 0, SizeOfAddedFiles: 0, PartialBackup: false, Interrupted: false },
    BeginTime: begin.toISOString(),
    EndTime: end.toISOString(),
    Duration: duration(begin, end),
    ...{ Errors: [], Warnings: [], Messages: [] },
    BackendStatistics: { BytesUploaded: 0, FilesUploaded: 0, FilesDeleted: 0 },
  };
}

/** `00:00:01.2340000`, in .NET's format. */
const duration = (begin: Date, end: Date) =>
  `${new Date(end.getTime() - begin.getTime()).toISOString().slice(11, 23)}0000`;

async function describe(
  job: Job,
  folder: string,
  result: RunResult,
  begin: Date,
  end: Date,
): Promise<void> {
  const versions = await versionsIn(folder);
  const sizes = await Promise.all(versions.map(({ name }) => stat(join(folder, name))));
  Object.assign(job.Metadata, {
    LastBackupDate: versions.at(-1) ? stamp(versions.at(-1)!.time) : "",
    BackupListCount: String(versions.length),
    TargetFilesetsCount: String(versions.length),
    TargetFilesCount: String(versions.length),
    TargetFilesSize: String(sizes.reduce((sum, { size }) => sum + size, 0)),
    SourceFilesCount: String(result.ExaminedFiles),
    SourceFilesSize: String(result.SizeOfExaminedFiles),
    LastBackupStarted: stamp(begin),
    LastBackupFinished: stamp(end),
    LastBackupDuration: result.Duration,
  });
}
