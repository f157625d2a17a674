import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "./context";
import { writeByRename } from "./files";
import type { JobRecord } from "../../../contract/jobRecord";

const KEPT_RUNS = 500;

/**
 * Keeps what a job did: `<job>.json` (the last run), `<job>.success.json` (the last good one),
 * `<job>.log.jsonl` (the last 500, skipped ones too).
 */
export async function writeRecord({ paths }: Context, record: JobRecord): Promise<void> {
  const file = (suffix: string) => join(paths.records, `${record.job}${suffix}`);
  await mkdir(paths.records, { recursive: true, mode: 0o750 });
  const log = await readFile(file(".log.jsonl"), "utf8").catch(() => "");
  const lines = [...log.split("\n").filter((line) => line !== ""), JSON.stringify(record)];
  await writeByRename(file(".log.jsonl"), `${lines.slice(-KEPT_RUNS).join("\n")}\n`);
  // A run that did not take place says nothing about the one that did.
  if (record.result === "skipped") return;
  const content = `${JSON.stringify(record, undefined, 2)}\n`;
  if (record.result === "success") await writeByRename(file(".success.json"), content);
  await writeByRename(file(".json"), content);
}

/** The last run of a job, or the last good one. */
export async function readRecord(
  { paths }: Context,
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
