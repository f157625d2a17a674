import { execFileSync } from "node:child_process";
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const lib = resolve(__dirname, "../../../images/postgres/lib");

/** What a primary does at its start where its volume has these names: the sentence that it waits with, or nothing. */
function start(names: readonly string[], environment: Record<string, string> = {}): string {
  const volume = mkdtempSync(join(tmpdir(), "laterbase-primary-"));
  try {
    for (const name of names) {
      if (name === "data") mkdirSync(join(volume, name));
      else writeFileSync(join(volume, name), "");
    }
    const script = `
      set -euo pipefail
      VOLUME=$1 PGDATA=$1/data
      . "$2/primary.sh"
      status() { printf '%s' "$*"; exit; }
      await_lost_data`;
    return execFileSync("bash", ["--norc", "-c", script, "bash", volume, lib], {
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "", ...environment },
    }).replaceAll(volume, "/v");
  } finally {
    rmSync(volume, { recursive: true });
  }
}

it("initialises no server where there was one, and says what leads on", () => {
  expect(start(["superuser-password.applied"])).toBe(
    "blocked this volume had data, and they are gone: put /v/data back, or 'npm run laterbase -- restore --in-place' brings back what the backups hold; to begin with an empty server, delete /v/superuser-password.applied",
  );
});

it("starts on its data, initialises a new volume, and leaves a restored server its own way", () => {
  expect(start(["data", "superuser-password.applied"])).toBe("");
  expect(start([])).toBe("");
  expect(start(["superuser-password.applied"], { RESTORED_BESIDE: "yes" })).toBe("");
});
