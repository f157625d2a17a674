import { DatabaseError } from "pg";
import type { MissingObject } from "../../../contract/agentReplies";
import { EntryProgress } from "../../../scripts/agent/restore/entryProgress";
import { FailedEntries } from "../../../scripts/agent/restore/failedEntries";
import { rowsIn } from "../../../scripts/agent/restore/loadRows";
import { MissingObjects } from "../../../scripts/agent/restore/missingObjects";
import { headOf } from "../../../scripts/agent/restore/missingSql";
import type { Entry } from "../../../scripts/agent/dump/toc";

const entry = (id: number, kind: string, name: string, more: Partial<Entry> = {}): Entry => ({
  ...{ id, kind, section: "pre-data", owner: "alice", schema: "s", name },
  ...{ tablespace: "", accessMethod: "", definition: "", copy: "", needs: [] },
  ...more,
});
const refused = (code: string, message = "no") =>
  Object.assign(new DatabaseError(message, 0, "error"), { code });

function read(...lines: string[]) {
  const failed = new FailedEntries();
  for (const line of lines) failed.read(line);
  return { complete: failed.complete, found: [...failed.found] };
}

const ignored = "pg_restore: warning: errors ignored on restore: 2";

describe("pg_restore's messages", () => {
  it("name each entry that failed, with its first error", () => {
    expect(
      read(
        "pg_restore: while PROCESSING TOC:",
        "pg_restore: from TOC entry 218; 1259 16401 VIEW v postgres",
        'pg_restore: error: could not execute query: ERROR:  relation "public.v" does not exist',
        "LINE 3:    FROM public.v;",
        "Command was: CREATE VIEW public.v AS",
        'pg_restore: error: could not execute query: ERROR:  relation "x" does not exist',
        "",
        "pg_restore: from TOC entry 3469; 0 16387 TABLE DATA t postgres",
        'pg_restore: error: COPY failed for table "t": ERROR:  function f() does not exist',
        ignored,
        "",
      ),
    ).toEqual({
      complete: true,
      found: [
        [218, 'relation "public.v" does not exist'],
        [3469, 'COPY failed for table "t": ERROR:  function f() does not exist'],
      ],
    });
  });

  it("name no entry of another run, whatever the text of an error says", () => {
    const failed = new FailedEntries(new Set([5, 6]));
    for (const line of [
      "pg_restore: from TOC entry 5; 0 1 TABLE DATA t o",
      'pg_restore: error: COPY failed for table "t": ERROR:  x',
      "from TOC entry 4711; 0 1 TABLE DATA of_another o",
      "from TOC entry 6; 0 1 TABLE DATA u o",
      ignored,
    ]) {
      failed.read(line);
    }
    expect([failed.complete, [...failed.found.keys()]]).toEqual([true, [5, 6]]);
  });

  it("are read also where two jobs wrote at the same time", () => {
    const { complete, found } = read(
      'pg_restore:pg_restore: processing data for table "public.t"',
      " from TOC entry 5; 0 1 TABLE DATA t o",
      "pg_restore: pg_restore: from TOC entry 6; 0 1 TABLE DATA u o",
      ignored,
    );
    expect([complete, found.map(([id]) => id)]).toEqual([true, [5, 6]]);
  });

  it.each([
    ["it ended early", ["pg_restore: from TOC entry 5; x", "pg_restore: error: out of memory"]],
    ["a line looks like its last one", ["pg_restore: from TOC entry 5; x", ignored, "more"]],
    ["no entry is named", [ignored]],
    [
      "an error belongs to no entry",
      [
        ...["pg_restore: while INITIALIZING:", "pg_restore: error: no"],
        ...["pg_restore: from TOC entry 5; x", ignored],
      ],
    ],
  ])("end the restore where %s", (_, lines) => expect(read(...lines).complete).toBe(false));
});

describe("what is missing", () => {
  const entries = [
    entry(1, "EXTENSION", "pg_cron", { schema: "", owner: "" }),
    entry(2, "TABLE", "t"),
    entry(3, "TABLE DATA", "t", { section: "data", needs: [2] }),
    entry(4, "DOMAIN", "d"),
    entry(5, "BLOBS", "BLOBS", { schema: "", owner: "" }),
  ];

  it("is listed in the archive's order, with what it needs, its SQLSTATE and one line", () => {
    const missing = new MissingObjects(entries);
    missing.note(new Map([...[[3, "COPY failed"] as const], ...[[99, "forged"] as const]]));
    missing.refused(entries[1]!, refused("42883", "function f(integer)\ndoes not exist"));
    missing.refusedCheck({ schema: "s", domain: "d", constraint: "c" }, refused("23514"));
    expect(missing.objects()).toEqual<MissingObject[]>([
      {
        ...{ id: 2, kind: "TABLE", name: "s.t", owner: "alice", code: "42883" },
        ...{ error: "function f(integer) does not exist", needs: [] },
      },
      {
        ...{ id: 3, kind: "TABLE DATA", name: "s.t", owner: "alice", code: null },
        ...{ error: "COPY failed", needs: ["TABLE s.t"] },
      },
      {
        ...{ id: 4, kind: "DOMAIN CHECK", name: "s.d c", owner: "alice", code: "23514" },
        ...{ error: "no", needs: [] },
      },
    ]);
    missing.made(2);
    expect([missing.lacks([entries[1]!]), missing.lacks([entries[2]!])]).toEqual([false, true]);
  });

  it("is a setting as well, with its statement", () => {
    const missing = new MissingObjects(entries);
    const statement = 'ALTER DATABASE x SET "a.b" TO 1';
    missing.refusedSetting({ name: "a.b", role: "bob" }, statement, refused("42704"));
    expect(missing.objects()).toEqual([
      {
        ...{ id: 0, kind: "DATABASE SETTING", name: "a.b", owner: "bob", code: "42704" },
        ...{ error: "no", needs: [] },
      },
    ]);
    expect(missing.statements).toEqual([statement]);
    expect(() =>
      missing.refusedSetting({ name: "a", role: null }, statement, refused("53100")),
    ).toThrow();
  });

  it.each(["53100", "53200", "57P01", "08006", "58030"])(
    "is nothing when the server itself fails with %s",
    (code) =>
      expect(() => new MissingObjects(entries).refused(entries[1]!, refused(code))).toThrow(),
  );

  it("is the object when an owner's code raises an error of the server", () => {
    const missing = new MissingObjects(entries);
    missing.refused(entries[1]!, Object.assign(refused("53100"), { routine: "exec_stmt_raise" }));
    expect(missing.objects()[0]?.code).toBe("53100");
  });

  it("is nothing when the connection breaks", () => {
    const lost = Object.assign(new Error("lost"), { code: "EPIPE" });
    expect(() => new MissingObjects(entries).refused(entries[1]!, lost)).toThrow("lost");
  });

  it.each(["58P01", "53400", "57014", "XX000", "P0001"])("is the object when %s", (code) => {
    const missing = new MissingObjects(entries);
    missing.refused(entries[1]!, refused(code));
    expect(missing.objects()[0]?.code).toBe(code);
  });

  it("excuses the differences of tables, rows, large objects and the tables of an extension", () => {
    const tables = [
      { schema: "s", name: "t" },
      { schema: "cron", name: "job" },
    ];
    const excused = (...ids: number[]) => {
      const missing = new MissingObjects(entries);
      missing.note(new Map(ids.map((id) => [id, "no"])));
      return [...missing.excused({ tables })];
    };
    expect(excused()).toEqual([]);
    expect(excused(3)).toEqual(["s.t"]);
    expect(excused(5)).toEqual(["BLOBS", "large objects"]);
    expect(excused(1)).toEqual(["pg_cron", "cron.job"]);
  });
});

it("heads the file of what is missing with comments that no error can leave", () => {
  expect(
    headOf({
      ...{
        entries: [],
        statements: [],
        archive: "/backups/app/x/app.backup",
        scratch: "",
        at: new Date(0),
      },
      database: 'app "2"',
      objects: [
        {
          ...{ id: 7, kind: "VIEW", name: "s.v\nDROP TABLE t;", owner: "o", code: "42P01" },
          ...{ error: "no\n\u001b[2J", needs: [] },
        },
        {
          ...{ id: 8, kind: "TABLE DATA", name: "s.t", owner: "o", code: null },
          ...{ error: "COPY failed", needs: [] },
        },
      ],
    }).split("\n"),
  ).toEqual([
    '-- What the restore into "app ""2""" could not make, with the error of each.',
    "-- Run each as its owner, and nothing as a superuser: it may call functions of that owner, with your rights.",
    "--",
    '-- VIEW s.v\\nDROP TABLE t;, owner "o"',
    "--   42P01: no\\n\\x1b[2J",
    "--",
    '-- TABLE DATA s.t, owner "o"',
    "--   COPY failed",
    "--   its rows: pg_restore --use-list <(echo '8;') --dbname … /backups/app/x/app.backup",
    "--",
    "",
  ]);
});

it("never counts more entries than there are, whatever an owner's code prints", () => {
  const said: string[] = [];
  const progress = new EntryProgress([{ id: 7 }, { id: 8 }], (line) => said.push(line), -1);
  for (const id of [7, 99, 7, 1, 8]) progress.add(id, "TABLE t");
  expect(said).toEqual(
    [1, 1, 1, 1, 2].map((done) => `processed ${done} of 2 entries, the last one: TABLE t`),
  );
});

it("finds the rows of a script that comes in any pieces", async () => {
  const script = "SET x;\n--\nCOPY s.t (a) FROM stdin;\n1\n2 FROM stdin;\n\\.\n\n";
  for (const size of [1, 7, 1000]) {
    const pieces = Array.from({ length: Math.ceil(script.length / size) }, (_, n) =>
      Buffer.from(script.slice(n * size, (n + 1) * size)),
    );
    const rows: Buffer[] = [];
    for await (const piece of rowsIn(stream(pieces))) rows.push(piece);
    expect(Buffer.concat(rows).toString()).toBe("1\n2 FROM stdin;\n\\.\n\n");
  }
});

async function* stream(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield await Promise.resolve(piece);
}
