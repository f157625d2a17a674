import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PrimaryReport, reportVariable } from "../primary/observe/report";

/** Runs `work` with a place where the program says why it could not observe the primary. */
export async function withPrimaryReport<T>(
  work: (env: Record<string, string>) => Promise<T>,
): Promise<{ result: T; report?: PrimaryReport }> {
  // Its mode is 0700.
  const folder = mkdtempSync(join(tmpdir(), "laterbase-run-"));
  const file = join(folder, "primary.json");
  try {
    const result = await work({ [reportVariable]: file });
    const report = read(file);
    return { result, ...(report ? { report } : {}) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function read(file: string): PrimaryReport | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as PrimaryReport;
  } catch {
    return undefined;
  }
}
