import { appendFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "./context";
import { sync, writeByRename } from "./files";
import { withStillFailed } from "./stillFailed";
import type { JobRecord } from "../../../contract/jobRecord";

const keptRuns = 500;

/**
 * Writes what a job did: `<job>.json` (the last run, with what still fails since a run before it),
 * `<job>.success.json` (the last run that succeeded) and `<job>.log.jsonl` (the last 500, with the skipped ones).
 */
export async function writeRecord({ paths }: Context, record: JobRecord): Promise<void> {
  const file = (suffix: string) => join(paths.records, `${record.job}${suffix}`);
  await mkdir(paths.records, { recursive: true, mode: 0o750 });
  await addToLog(file(".log.jsonl"), JSON.stringify(record));
  // A skipped run does not replace the record of the run before it.
  if (record.result === "skipped") return;
  if (record.result === "success") await writeByRename(file(".success.json"), contentOf(record));
  const last = withStillFailed(await readRecord({ paths }, record.job), record);
  await writeByRename(file(".json"), contentOf(last));
}

const contentOf = (record: JobRecord) => `${JSON.stringify(record, undefined, 2)}\n`;

/** Appends, because two runs of a job may end in the same moment, each in a process of its own. */
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

/** The last run of a job that was not skipped, and only what that run did itself. */
export async function lastRun(
  context: Context,
  job: JobRecord["job"],
): Promise<JobRecord | undefined> {
  return (await readRuns(context, job)).findLast(({ result }) => result !== "skipped");
}

/** The last run of a job, with what still fails since a run before it; or the last one that succeeded. */
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
