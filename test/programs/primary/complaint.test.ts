import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const work = mkdtempSync(join(tmpdir(), "complaint-"));
afterAll(() => rmSync(work, { recursive: true }));

const library = readFileSync("scripts/primary/lib.sh", "utf8");
const functions = ["visible", "complaint"].map(
  (name) => new RegExp(`^${name}\\(\\) \\{\\n[^]*?^\\}`, "m").exec(library)![0],
);

/** What people read of psql's messages. */
function complaint(said: string): string {
  writeFileSync(join(work, "err"), said);
  const input = `set -euo pipefail; work='${work}'\n${functions.join("\n")}\ncomplaint`;
  return execFileSync("bash", ["-s"], { input, encoding: "utf8" });
}

it("shows the error and what the server advises, and nothing else", () => {
  const said = [
    "psql:<stdin>:12: ERROR:  53200: out of shared memory",
    'HINT:  You might need to increase "max_locks_per_transaction".\u001b[31m',
    "CONTEXT:  SQL statement",
    "LOCATION:  LockAcquireExtended, lock.c:1042",
  ];
  expect(complaint(`${said.join("\n")}\n`)).toBe(
    'out of shared memory\nHINT: You might need to increase "max_locks_per_transaction".?[31m\n',
  );
});

it("is there once where psql says it for each address", () => {
  const said = (host: string) =>
    `connection to server at "${host}", port 5432 failed: FATAL:  no such database\n`;
  expect(complaint(`psql: error: ${said("127.0.0.1")}${said("10.0.0.7")}`)).toBe(said("127.0.0.1"));
});

it("is the error alone where the server advises nothing", () => {
  expect(complaint("psql:<stdin>:1: ERROR:  42P01: no table\nDETAIL:  a\nHINTS: no\n")).toBe(
    "no table\n",
  );
});
