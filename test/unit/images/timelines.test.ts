import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const lib = resolve(__dirname, "../../../images/postgres/lib");

interface Primary {
  timeline: number;
  /** As PostgreSQL writes it. */
  history: string;
}

/** Why data on a timeline, up to 0/5000000, must not follow a primary. Empty: they may. */
function mismatch(primary: Primary, timeline: number, own?: string): string {
  const folder = mkdtempSync(join(tmpdir(), "laterbase-timelines-"));
  try {
    mkdirSync(join(folder, "pg_wal"));
    const hex = (number: number) => number.toString(16).toUpperCase().padStart(8, "0");
    if (own !== undefined) writeFileSync(join(folder, "pg_wal", `${hex(timeline)}.history`), own);
    writeFileSync(join(folder, "history"), `${hex(primary.timeline)}.history|${primary.history}\n`);
    const script = `
      set -euo pipefail
      LIB=$2 RUN=$1 PGDATA=$1 PRIMARY_HOST=primary PRIMARY_PORT=5432 PG_MAJOR=17
      . "$LIB/upstream.sh"
      ask() { cp "$RUN/history" "$RUN/answer"; }
      UP_MAJOR=17 UP_SYSTEM=7 UP_LSN=0/9000000 UP_TIMELINE=$3
      compare_with_upstream 7 "$4" 0/5000000
      printf '%s' "$MISMATCH"`;
    const words = [folder, lib, String(primary.timeline), String(timeline)];
    return execFileSync("bash", ["--norc", "-c", script, "bash", ...words], { encoding: "utf8" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const first = "1\t0/3000000\tbefore 2026-11-29 10:00:00+00\n";
const second = "1\t0/4000000\tno recovery target specified\n";

it("follows along the same timelines", () => {
  expect(mismatch({ timeline: 1, history: "" }, 1)).toBe("");
  expect(mismatch({ timeline: 2, history: first }, 2, first)).toBe("");
  expect(mismatch({ timeline: 3, history: `${first}\n2\t0/6000000\tx\n` }, 2, first)).toBe("");
  expect(mismatch({ timeline: 2, history: "1\t0/6000000\tx\n" }, 1)).toBe("");
  // A copy without its history says nothing about it.
  expect(mismatch({ timeline: 2, history: second }, 2)).toBe("");
});

it("never follows a timeline that was undone and opened again", () => {
  expect(mismatch({ timeline: 2, history: second }, 2, first)).toBe(
    "timeline 2 of the server at primary:5432 began at another point than that of the data here: it was undone, and a restore opened it again",
  );
  expect(mismatch({ timeline: 3, history: `${second}2\t0/6000000\tx\n` }, 2, first)).toBe(
    "timeline 3 of the server at primary:5432 came by another timeline 2 than that of the data here",
  );
});

it("never follows a server that left its timeline before", () => {
  expect(mismatch({ timeline: 2, history: first }, 1)).toContain("left timeline 1 at 0/3000000");
});
