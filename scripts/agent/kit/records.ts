import { appendFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "./context";
import { sync, writeByRename } from "./files";
import type { JobRecord } from "../../../contract/jobRecord";

const keptRuns = 500;

/**
 * Writes what a job did: `<job>.json` (the last run), `<job>.success.json` (the last run that
 * succeeded) and `<job>.log.jsonl` (the last 500, with the skipped ones).
 */
export async function writeRecord({ paths }: Context, record: JobRecord): Promise<void> {
  const file = (suffix: string) => join(paths.records, `${record.job}${suffix}`);
  await mkdir(paths.records, { recursive: true, mode: 0o750 });
  await addToLog(file(".log.jsonl"), JSON.stringify(record));
  // A skipped run does not replace the record of the run before it.
  if (record.result === "skipped") return;
  const content = `${JSON.stringify(record, undefined, 2)}\n`;
  if (record.result === "success") {
    await writeByRename(file(".success.json"), content);
    // One of a single database or repository says nothing of what failed elsewhere.
    if (failedBeside(record, await readRecord({ paths }, record.job))) return;
  }
  await writeByRename(file(".json"), content);
}

/** Whether the run before failed for a database or a repository that this run was not asked for. */
function failedBeside(record: JobRecord, before: JobRecord | undefined): boolean {
  if (!record.partial || before?.result !== "failed") return false;
  const taken = new Set(partsOf(record).map(({ part }) => part));
  return partsOf(before).some(({ part, result }) => result === "failed" && !taken.has(part));
}

/** What a run did one by one. */
function partsOf({ databases, backups, repositories, drills }: JobRecord) {
  const ofDatabases = databases?.map(({ database, result }) => ({ part: database, result }));
  const ofRepositories = (backups ?? repositories ?? drills)?.map(({ repository, result }) => ({
    ...{ part: String(repository), result },
  }));
  return ofDatabases ?? ofRepositories ?? [];
}

/** Appends, because two uploads may end in the same moment, each in a process of its own. */
async function addToLog(log: string, line: string): Promise<void> {
  const before = await readFile(log, "utf8").catch(() => "");
  // A full disk may have cut the last line off.
  const start = before === "" || before.endsWith("\n") ? "" : "\n";
  await appendFile(log, `${start}${line}\n`, { mode: 0o640 });
  await sync(log);
  const lines = [...before.split("\n").filter((one) => one !== ""), line];
  if (lines.length > keptRuns) await writeByRename(log, `${lines.slice(-keptRuns).join("\n")}\n`);
}

/** The last 500 runs of a job, the oldest first, with the skipped ones. */
export async function readRuns({ paths }: Context, job: JobRecord["job"]): Promise<JobRecord[]> {
  const log = await readFile(join(paths.records, `${job}.log.jsonl`), "utf8").catch(() => "");
  return log.split("\n").flatMap((line) => {
    try {
      const run = JSON.parse(line) as JobRecord | null;
      return run && !Number.isNaN(Date.parse(run.endedAt)) ? [run] : [];
    } catch {
      // A full disk may have cut it off.
      return [];
    }
  });
}

/** The last run of a job, or the last one that succeeded. */
export async function readRecord(
  { paths }: Pick<Context, "paths">,
  job: JobRecord["job"],
  which: "last" | "success" = "last",
): Promise<JobRecord | undefined> {
  const file = join(paths.records, `${job}${which === "success" ? ".success" : ""}.json`);
  try {
    return JSON.parse(await readFile(file, "utf8")) as JobRecord;
  } catch {
    return undefined;
  }
}
