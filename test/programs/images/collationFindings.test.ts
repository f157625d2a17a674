import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A text index of the played server. */
interface Index {
  oid: number;
  name: string;
  /** What amcheck's session ends with. Default: 00000. `gone`: the session itself ends. */
  state?: string;
  message?: string;
  filenode?: number;
  method?: string;
}

type Databases = Record<string, { oid: number; admits?: boolean; indexes?: Index[] }>;

// The shell of a standby's image that counts, checks and judges, with a function that plays psql. What this
// does not prove: what amcheck finds on a server, which collationCheck.test.ts does.
const folder = mkdtempSync(join(tmpdir(), "lbt-findings-"));
afterAll(() => rmSync(folder, { recursive: true }));

const hex = (text: string) => Buffer.from(text).toString("hex");

const played = `
LIB=images/postgres/lib ROLE=standby PG_MAJOR=17
source "$LIB/common.sh"; source "$LIB/collation.sh"
F=$1; shift
VOLUME=$F RUN=$F/run PGDATA=$F/data VERDICTS=$F/verdict COLLATION=debian COLLATION_FAULT=
source "$LIB/check.sh"; source "$LIB/reindex.sh"
FINDINGS=$F/findings
ETC=$F/etc
mkdir -p "$ETC"; echo {} >"$ETC/collation.json"
[[ ! -e $F/ours ]] || rm "$ETC/collation.json"
read_collation() { COLLATION=debian; [[ ! -e $F/early ]]; }
eval "real_$(declare -f pause)"
pause() { [[ $1 != 10 ]] || real_pause 10; }
in_database() {
  local name=$1 sql=\${*: -1} oid
  case $2 in
    -0) cat "$F/databases" ;;
    -f)
      echo "$name" >>"$F/sessions"
      for oid in $(sed -n "s/^SELECT 'index', '\\([0-9]*\\)'.*/\\1/p" "$3"); do
        grep -q "^gone" "$F/$name.$oid" && return 2
        printf 'index|%s|%s\\n' "$oid" "$(cat "$F/$name.$oid")"
      done ;;
    *)
      case "$*" in
        *'REINDEX INDEX'*)
          oid=\${sql##*= }
          echo "$oid" >>"$F/rebuilt"
          if grep -q "^gone" "$F/$name.$oid"; then
            printf 'ERROR:  could not create unique index\\nDETAIL:  Key (a)=(b) is duplicated.\\n' >&2
            return 3
          fi
          sed -i "s/^\\(btree|\\)\\?$oid|[0-9]*|/\\1$oid|9$oid|/" "$F/$name.list"
          echo "9$oid"
          return ;;
        *relpersistence*'BY 3') cut -d '|' -f 2- "$F/$name.list"; return ;;
      esac
      case $sql in
        *pg_index*) [[ -f $F/$name.list ]] && cat "$F/$name.list" || { echo 'psql: no entry' >&2; return 2; } ;;
        *pg_extension*) echo 1 ;;
        *pg_class*) echo 1 ;;
      esac ;;
  esac
}
case $1 in look) look ;; verdict) print_verdict ;; refresh) refresh ;; check) check_indexes "\${@:2}" ;; reindex) rm -f "$PGDATA/standby.signal"; reindex ;; esac
`;

/** Plays a server with these databases, and runs a word of laterbase-collation on it. */
function run(databases: Databases, ...words: string[]) {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  mkdirSync(join(folder, "run"), { recursive: true });
  return again(databases, ...words);
}

function again(databases: Databases, ...words: string[]) {
  mkdirSync(join(folder, "data"), { recursive: true });
  writeFileSync(join(folder, "data/standby.signal"), "");
  writeFileSync(join(folder, "data/backup_manifest"), '"Manifest-Checksum": "0abc"}\n');
  writeFileSync(join(folder, "sessions"), "");
  const rows = Object.entries(databases).map(
    ([name, { oid, admits = true }]) => `${oid}|${admits ? "t" : "f"}|${name}\0`,
  );
  writeFileSync(join(folder, "databases"), rows.join(""));
  for (const [name, { indexes }] of Object.entries(databases)) {
    rmSync(join(folder, `${name}.list`), { force: true });
    if (!indexes) continue;
    const lines = indexes.map(
      ({ oid, name: index, filenode = oid, method = "btree" }) =>
        `${method}|${oid}|${filenode}|8192|${index}\n`,
    );
    writeFileSync(join(folder, `${name}.list`), lines.join(""));
    for (const { oid, state = "00000", message = "" } of indexes)
      writeFileSync(join(folder, `${name}.${oid}`), `${state}|${hex(message)}`);
  }
  const args = ["-euo", "pipefail", "-c", played, "-", folder, ...words];
  // Without standard input: bash takes Node's pipe for a network connection, and reads the user's bashrc.
  const { status, stdout, stderr } = spawnSync("bash", args, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  const sessions = readFileSync(join(folder, "sessions"), "utf8").split("\n").filter(Boolean);
  return { status, stdout, stderr, sessions };
}

const [a, b] = [
  { oid: 11, name: "public.a" },
  { oid: 12, name: "public.b" },
];
const app = (...indexes: Index[]): Databases => ({ app: { oid: 5, indexes } });
const due = (ran: { stdout: string }) => (JSON.parse(ran.stdout) as { due: string }).due;

it("checks each index once, and only new or rebuilt ones later", () => {
  const first = run(app(a, b), "check");
  expect(first).toMatchObject({ status: 0, stderr: "" });
  expect(first.stdout).toMatch(
    /^app: 2 text indexes\nverified: 2 text indexes checked, 0 not btree/,
  );
  expect(due(again(app(a, b), "look"))).toBe("");
  expect(again(app(a, b), "verdict")).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^checked \S+Z: verified: 2 text indexes checked/),
    sessions: [],
  });
  const rebuilt = app(a, { ...b, filenode: 99 });
  expect(due(again(rebuilt, "look"))).toBe("unchecked");
  expect(again(rebuilt, "verdict").status).toBe(1);
  expect(again(rebuilt, "check").stdout).toMatch(/^app: 1 text indexes\nverified: 2 text/);
});

it("shows an index that was added, and forgets one that was dropped", () => {
  run(app(a, { ...b, state: "XX002" }), "check");
  const published = () => readFileSync(join(folder, "run/collation"), "utf8");
  expect(published()).toMatch(
    /"order":"differs".*\n; a source of dumps only: .*public\.b \(app\)\n/,
  );
  expect(due(again(app(a), "look"))).toBe("changed");
  expect(published()).toContain("differs");
  again(app(a), "refresh");
  expect(published()).toMatch(/^"sorts":"debian","order":"verified","checked":"[^"]+Z"\n\n\n$/);
  again({ ...app(a), new: { oid: 6, indexes: [{ oid: 11, name: "public.a" }] } }, "refresh");
  expect(published()).toMatch(
    /"order":"unverified".*\n; its text indexes are unverified: 1 text .*; not checked yet: public\.a \(new\)\n/,
  );
});

it("names what cannot be checked with its reason, and checks all others", () => {
  const databases: Databases = {
    app: {
      oid: 5,
      indexes: [
        a,
        { oid: 13, name: "public.fails", state: "P0001", message: "not\there" },
        { oid: 14, name: "public.ends", state: "gone" },
        b,
        { oid: 15, name: "public.brin", method: "brin" },
      ],
    },
    closed: { oid: 7 },
    forbidden: { oid: 8, indexes: [{ oid: 21, name: "public.c" }] },
    shut: { oid: 9, admits: false },
  };
  const checked = run(databases, "check", "", "8=the primary did not create it");
  expect(checked.status).toBe(0);
  expect(checked.stdout.split("\n").at(-2)).toMatch(
    /^unverified: 3 text indexes checked, 1 not btree and unverified \(public\.brin \(app\)\), \d+ s; could not be checked: public\.fails \(app\): not\?here, public\.ends \(app\): no answer, database closed: no entry, database shut: it admits no connections$/,
  );
  // Two lanes, and then the ones that had no answer, each in a session of its own.
  expect(checked.sessions.filter((name) => name === "app").length).toBeGreaterThan(5);
  const later = again(databases, "look");
  expect(JSON.parse(later.stdout)).toEqual({ due: "", unchecked: 0, open: 4 });
  // After a day they are tried again.
  const file = join(folder, "findings");
  const [id, , ...rest] = readFileSync(file, "utf8").split("\n");
  writeFileSync(file, [id, "2020-01-01T00:00:00Z", ...rest].join("\n"));
  expect(due(again(databases, "look"))).toBe("retry");
  const open = app(a, { oid: 13, name: "public.fails" }, b);
  expect(again(open, "check").stdout).toMatch(/^app: 1 text indexes\nverified: 3 text/);
});

it("keeps what it knows of a database that admits nobody for a while", () => {
  run(app(a), "check");
  const away: Databases = { app: { oid: 5, admits: false } };
  expect(again(away, "check").stdout).toMatch(/^unverified: 0 .*database app: it admits no/);
  const back = again(app(a), "check");
  expect([back.stdout, back.sessions]).toEqual([expect.stringMatching(/^verified: 1 text/), []]);
});

it("takes no answer of the server for none", () => {
  run(app(a), "check");
  rmSync(join(folder, "databases"));
  writeFileSync(join(folder, "run/collation"), "");
  const args = ["-euo", "pipefail", "-c", played, "-", folder, "check"];
  const { status, stdout } = spawnSync("bash", args, { encoding: "utf8" });
  expect([status, stdout]).toEqual([1, ""]);
});

describe("a promoted server", () => {
  const rebuilt = () => readFileSync(join(folder, "rebuilt"), "utf8").split("\n").filter(Boolean);

  it("rebuilds each index, shows how far it is, and checks them", () => {
    const said = run(app(a, b), "reindex");
    expect(said).toMatchObject({ status: 0, stderr: "" });
    expect(said.stdout).toMatch(
      /^app: index 1 of 2, public\.a, 0 MB\napp: index 2 of 2, public\.b, 0 MB\napp: 2 text indexes\nverified/,
    );
    expect(rebuilt()).toEqual(["11", "12"]);
  });

  it("says that there is nothing to rebuild where the primary sorts in the same way", () => {
    run(app(a), "check");
    writeFileSync(join(folder, "ours"), "");
    const { status, stdout } = again(app(a), "reindex");
    expect([status, stdout]).toEqual([0, expect.stringMatching(/nothing is rebuilt\.\n$/)]);
    expect(existsSync(join(folder, "rebuilt"))).toBe(false);
  });

  it("claims nothing before it has looked at its collation", () => {
    run(app(a), "check");
    writeFileSync(join(folder, "early"), "");
    const { status, stdout, stderr } = again(app(a), "reindex");
    expect([status, stdout, stderr]).toEqual([1, "", expect.stringMatching(/in a minute\.\n$/)]);
  });

  it("rebuilds the others where one fails, and only that one the next time", () => {
    const duplicates = app({ ...a, state: "gone" }, b);
    const said = run(duplicates, "reindex");
    expect([said.status, said.stderr]).toEqual([
      1,
      "Not rebuilt: public.a (app): could not create unique index (Key (a)=(b) is duplicated.). The others are, and stay so. Do what is named, and run this again.\n",
    ]);
    expect(said.stdout).not.toContain("verified");
    expect(rebuilt()).toEqual(["11", "12"]);
    const later = again(app(a, { ...b, filenode: 912 }), "reindex");
    expect(later).toMatchObject({ status: 0 });
    expect(rebuilt()).toEqual(["11", "12", "11"]);
  });
});
