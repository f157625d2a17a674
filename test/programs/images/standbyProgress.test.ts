import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

// When a standby stops trying. The functions of the image run in bash, with others in the places of those that
// need a server. What this does not prove: that PostgreSQL fails in these ways (test/trials/faults/foreignFiles.test.ts
// does).
const folder = mkdtempSync(join(tmpdir(), "lbt-progress-"));
afterAll(() => rmSync(folder, { recursive: true }));

const lib = "images/postgres/lib";

/** Functions of a file, as they are. */
function functions(file: string, ...names: string[]): string {
  const text = readFileSync(`${lib}/${file}`, "utf8");
  return names
    .map((name) => new RegExp(`^${name}\\(\\) \\{\\n[^]*?^\\}`, "m").exec(text)![0])
    .join("\n");
}

function bash(script: string): string[] {
  const input = `set -euo pipefail; RUN='${folder}'; PG_MAJOR=17\n${script}\n`;
  return execFileSync("bash", ["-s"], { input, encoding: "utf8" }).split("\n").filter(Boolean);
}

describe("a clone that fails", () => {
  /** The states that the standby takes, when its attempts fail in these ways and the last one works. */
  const attempts = (failures: [why: string, reached: string][]) =>
    bash(`
SHORTEST=10 LONGEST=600 HOPELESS=21600 BACKOFF=10
${functions("standby.sh", "clone_until_done", "transient", "give_in")}
back_off() { echo "$1|$BACKOFF|$2"; }
whys=(${failures.map(([why]) => `'${why}'`).join(" ")})
places=(${failures.map(([, one]) => `'${one}'`).join(" ")})
n=0
clone_once() {
  ((n < \${#whys[@]})) || return 0
  echo "\${whys[n]}" >"$RUN/clone-error"
  rm -f "$RUN/clone-reached"
  [[ -z \${places[n]} ]] || echo "\${places[n]}" >"$RUN/clone-reached"
  n=$((n + 1))
  return 1
}
clone_until_done waiting`).map((line) => line.split("|").slice(0, 2).join(" "));

  const unreadable = 'ERROR:  could not open directory "./lost+found": Permission denied';
  const again = "waiting 10";

  it("three times in the same way at the same place makes no progress, and waits for a person", () => {
    const same = Array.from({ length: 4 }, (): [string, string] => [unreadable, "0 %"]);
    expect(attempts(same)).toEqual([again, again, "blocked 21600", "blocked 21600"]);
  });

  it("elsewhere each time is tried again and again", () => {
    const places = ["12 %", "40 %", "12 %", "13 %"].map((at): [string, string] => ["cut", at]);
    expect(attempts(places)).toEqual([again, again, again, again]);
  });

  it.each([
    "FATAL:  number of requested standby connections exceeds max_wal_senders",
    'connection to server at "10.0.0.7", port 5432 failed: Connection refused',
    "could not read COPY data: server closed the connection unexpectedly",
    "could not receive data from WAL stream: SSL SYSCALL error: EOF detected",
  ])("for a reason that passes is tried again and again: %s", (why) => {
    const same = Array.from({ length: 5 }, (): [string, string] => [why, "0 %"]);
    expect(attempts(same)).toEqual(Array.from({ length: 5 }, () => again));
  });

  it("before the copy begins is tried again and again", () => {
    const same = Array.from({ length: 4 }, (): [string, string] => ["slot in use", ""]);
    expect(attempts(same)).toEqual([again, again, again, again]);
  });
});

it("a server that ends three times for the same reason is blocked, and still tried", () => {
  const crashes = (reasons: string[]) =>
    bash(`
${functions("supervise.sh", "on_server_exit")}
status() { echo "$1: $2"; }
pause() { :; }
SECONDS=0 STARTED=0
for reason in ${reasons.map((one) => `'${one}'`).join(" ")}; do
  last_event() { printf ': %s' "$reason"; }
  false & SERVER=$!
  on_server_exit
done`).map((line) => line.replace(/:.*/, ""));
  const wal = '"min_wal_size" must be at least twice "wal_segment_size"';
  expect(crashes([wal, wal, wal, wal])).toEqual(["starting", "starting", "blocked", "blocked"]);
  expect(crashes(["at 0/1A", "at 0/2B", "at 0/3C"]).at(-1)).toBe("blocked");
  expect(crashes([wal, "another", wal, "another"])).toEqual(
    Array.from({ length: 4 }, () => "starting"),
  );
});

it.each([
  [16, []],
  [64, ["min_wal_size = 128MB"]],
  [1024, ["min_wal_size = 2048MB", "max_wal_size = 2048MB"]],
])("limits of WAL follow segments of %i MB", (megabytes, lines) => {
  const said = bash(`
${functions("upstream.sh", "control")}
${functions("follow.sh", "wal_limits")}
read_control() { CONTROL='Bytes per WAL segment:                ${megabytes * 1024 ** 2}'; }
wal_limits`);
  expect(said).toEqual(lines);
});

it("a standby that is consistent and does not open names the reason", () => {
  const [consistent] = /^CONSISTENT='.*'$/m.exec(readFileSync(`${lib}/standby.sh`, "utf8"))!;
  const closed = (seconds: number, event: string, ready = 1) =>
    bash(`
SOCKETS=x
pg_isready() { return ${ready}; }
${consistent}
${functions("supervise.sh", "why_closed")}
echo '${event}' >"$RUN/events"
echo 'psql: error: connection to server failed: FATAL:  the database system is not yet accepting connections' >"$RUN/error"
SECONDS=${seconds} STARTED=0
why_closed`);
  const event = "[31] startup 00000 LOG:  consistent recovery state reached at 0/3000148";
  const usual = "the database system is not yet accepting connections";
  expect(closed(5, event)).toEqual([usual]);
  expect(closed(60, "[31] startup XX000 FATAL:  another")).toEqual([usual]);
  // It accepts logins: there is another reason.
  expect(closed(60, event, 0)).toEqual([usual]);
  expect(closed(60, event)[0]).toMatch(/^its data is consistent, .* more than 64 savepoints .*'/);
});
