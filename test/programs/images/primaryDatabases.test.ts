import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// The databases that a managed primary makes at its start. Functions of the image run in bash, with one that plays psql.
// What this does not prove: that PostgreSQL makes them (integration/primary.test.ts does).
const folder = mkdtempSync(join(tmpdir(), "lbt-databases-"));
afterAll(() => rmSync(folder, { recursive: true }));

const text = readFileSync("images/postgres/lib/primary.sh", "utf8");
const functions = ["run_primary", "fill", "create_missing_databases", "sql_text"]
  .map((name) => new RegExp(`^${name}\\(\\) (\\{\\n[^]*?^\\}|.*)$`, "m").exec(text)![0])
  .join("\n");

function run(words: string) {
  const script = `set -euo pipefail
RUN=${folder} PGDATA=${folder} ETC=${folder} SOCKETS=s SUPERUSER=postgres SESSION= BESIDE=() REPLAYING=()
${functions}
say() { echo "$*" >&2; }
for name in prepare_container open_log await_restored_data await_lost_data initialise replays_first start_server wait_until_ready \\
  forget_recovery stop_server; do eval "$name() { :; }"; done
set_password() { echo password; }
status() { echo "$1"; }
watch() { echo watches; }
give_up() { echo "failed: $1"; exit 1; }
lookup() { case $1 in *encode*) echo 6f6e65; echo 74776f ;; *) echo postgres ;; esac; }
unhex() { printf -v "$1" '%b' "$(sed 's/../\\\\x&/g' <<<"$2")"; }
psql() {
  echo "psql $*" | grep -o 'name=.*'
  [[ "$*" != *name=one* ]] || { echo 'ERROR:  template1 has a collation version mismatch' >&2; return 3; }
}
${words}`;
  return spawnSync("bash", ["-c", script], { encoding: "utf8" });
}

it("serves the others where one cannot be created, and says why", () => {
  const { status, stdout, stderr } = run("run_primary");
  expect([status, stdout.split("\n").slice(0, -1)]).toEqual([
    0,
    ["password", "running", "watches"],
  ]);
  expect(stderr).toContain(
    'the database "one" could not be created: ERROR:  template1 has a collation version mismatch',
  );
  expect(stderr).toContain("name=two");
});

it("keeps nothing of a new server that lacks one", () => {
  const { status, stdout } = run("fill");
  expect([status, stdout]).toEqual([
    1,
    "failed: a database could not be created; the container's log says why\n",
  ]);
});
