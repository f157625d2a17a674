/** What `verify` says, as far as it decides. */
export interface VerifyReport {
  /** Whether the repository is good. */
  ok: boolean;
  /** Labels of the backups that it does not call valid. */
  invalidBackups: string[];
  /** What is wrong, such as `archiveId 17-1: checksum invalid: 1`. */
  problems: string[];
}

/**
 * Reads what `verify --output=text --verbose` prints. Its exit code is 0 also when it found damage, and it prints
 * no JSON, so its words decide, here and nowhere else. Without a line `status: ok` the repository is not good.
 */
export function readVerifyReport(text: string): VerifyReport {
  const lines = linesOf(text);
  const status = lines.find((line) => line.startsWith("status: "));
  return { ...parts(lines), ok: status === "status: ok" };
}

/**
 * Reads the log of `verify` of 2.33, which lists the same parts without a status. Without a single part, nothing
 * was read.
 */
export function readVerifyLog(text: string): VerifyReport {
  const lines = linesOf(text);
  const found = parts(lines);
  return { ...found, ok: found.problems.length === 0 && lines.some((line) => part.test(line)) };
}

const linesOf = (text: string) => text.split("\n").map((line) => line.trim());

const part = /^(?:archiveId: ([^,]+), total WAL|backup: ([^,]+), status: ([^,]+))/;
const count = /(missing|checksum invalid|size invalid|other): (\d+)/g;

/** What each archive and each backup lacks. */
function parts(lines: readonly string[]): Pick<VerifyReport, "invalidBackups" | "problems"> {
  const invalidBackups: string[] = [];
  const problems: string[] = [];
  let current: string | undefined;
  for (const line of lines) {
    const [begun, archive, label, status] = part.exec(line) ?? [];
    if (begun !== undefined)
      current = archive === undefined ? `backup ${label}` : `WAL of ${archive}`;
    if (label !== undefined && status !== "valid" && status !== "in-progress") {
      invalidBackups.push(label);
      problems.push(`backup ${label} is ${status}`);
    }
    if (begun !== undefined || current === undefined) continue;
    for (const [, what, number] of line.matchAll(count)) {
      if (Number(number) > 0) problems.push(`${current}: ${what}: ${number}`);
    }
  }
  return { invalidBackups, problems };
}
