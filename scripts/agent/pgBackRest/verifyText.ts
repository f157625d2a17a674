/** What `verify --output=text` prints, as far as it decides. */
export interface VerifyReport {
  /** Whether it says `status: ok`. Without any status it is not. */
  ok: boolean;
  /** Labels of the backups that it calls invalid, or whose manifest is missing. */
  invalidBackups: string[];
  /** Its lines that say what is wrong, such as `checksum invalid: 1`. */
  problems: string[];
}

/**
 * Reads the report. Its exit code is 0 also when it found damage, and it prints no JSON, so its words decide
 * here and nowhere else. Without a line `status: ok` the repository is not good.
 */
export function readVerifyReport(text: string): VerifyReport {
  const lines = text.split("\n").map((line) => line.trim());
  const status = lines.find((line) => line.startsWith("status:"));
  const invalidBackups: string[] = [];
  const problems: string[] = [];
  let part = "";
  for (const line of lines) {
    if (/^(archiveId|backup): /.test(line)) part = line.split(",", 1)[0] ?? "";
    const [, label, state] = /^backup: (\S+), status: ([^,]+)/.exec(line) ?? [];
    if (label !== undefined && state !== "valid" && state !== "in-progress") {
      invalidBackups.push(label);
      problems.push(`backup ${label} is ${state}`);
    }
    for (const [, what, count] of line.matchAll(/(missing|[a-z]+ invalid|other): (\d+)/g)) {
      if (Number(count) > 0) problems.push(`${part}: ${what}: ${count}`);
    }
    const [, count] = /^total WAL checked: (\d+)/.exec(line) ?? [];
    if (count !== undefined) continue;
  }
  return { ok: status === "status: ok", invalidBackups, problems };
}
