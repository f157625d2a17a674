import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ListedDump, Restored } from "../../../contract/agentReplies";
import { CliError } from "../../../scripts/cli/terminal/cliError";
import { program } from "../../../scripts/cli/program";
import type { KnownOutputs } from "../../../scripts/cli/stack/outputs";

const outputs: KnownOutputs = {
  connections: {
    app: {
      ...{ direct: "postgresql://app:p%40ss@h:5432/app", standby: "s" },
      internal: { direct: "postgresql://app:p%40ss@laterbase-dev-primary:5432/app" },
    },
  },
  backups: { dumps: { agent: "laterbase-dev-agent", dockerHost: "ssh://nas" } },
  duplicati: { url: "http://d", password: "pw", passphrase: "phrase" },
};
const listed: ListedDump[] = [
  {
    id: "app/20261121T030000Z",
    database: "app",
    takenAt: "2026-11-21T03:00:00.000Z",
    bytes: 12_345_678,
    source: "standby",
    major: 17,
    signature: "ours",
    leftOut: 0,
  },
];
const restored: Restored = {
  dump: "app/20261121T030000Z",
  source: "app",
  takenAt: "2026-11-21T03:00:00.000Z",
  database: "app",
  tables: 3,
  rows: 1000,
  largeObjects: 1,
  sequences: 2,
  views: { compared: 2, other: ["public.old"], notCompared: [] },
  differences: [],
  replaced: { kept: 'app"x', evicted: 2, seconds: 0.04 },
  missing: [],
  createdRoles: ["bob"],
  leftovers: [],
  primary: { host: "192.168.1.20", port: 5432 },
  omissions: [{ what: "rows of public.u", why: "it is unlogged" }],
  notes: ["A note."],
  timings: { filling: 1, comparing: 1, analyzing: 1 },
  seconds: 3.2,
};

/** Runs the command with a fake agent, and returns what was asked and printed. */
async function run(
  words: string[],
  {
    answers = {},
    typed,
    stack = outputs,
  }: { answers?: object; typed?: string; stack?: KnownOutputs } = {},
) {
  const asked: unknown[] = [];
  const printed: string[] = [];
  const questions: string[] = [];
  const root = program({
    readOutputs: (name) => (asked.push(["outputs", name]), Promise.resolve(stack)),
    readSuperuser: () => Promise.resolve(superuser),
    askAgent: ((...[agent, command, args]: unknown[]) => {
      asked.push([agent, command, args]);
      const known: Record<string, unknown> = { "list-dumps": listed, ...answers };
      return Promise.resolve(known[command as string]);
    }) as never,
    servers: {} as never,
    sendDump: (to, { from, files }) => {
      asked.push(["send", to, from, files.map(({ name }) => name)]);
      const forget = () => Promise.resolve(void asked.push(["forget"]));
      return Promise.resolve({ id: "received:0123456789abcdef", forget });
    },
    terminal: {
      print: (text) => printed.push(text),
      progress: () => undefined,
      ...(typed === undefined
        ? {}
        : { ask: (question: string) => (questions.push(question), Promise.resolve(typed)) }),
    },
  });
  for (const command of [root, ...root.commands]) {
    command
      .exitOverride()
      .configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  }
  const error = await root.parseAsync(words, { from: "user" }).then(
    () => undefined,
    (thrown: Error & { exitCode: number }) => thrown,
  );
  return { asked, printed: printed.join("\n"), questions, error };
}

const agent = { name: "laterbase-dev-agent", host: "ssh://nas" };
const superuser = { name: "pöst gres", password: "sup:er" };

describe("the agent", () => {
  it.each([
    [["dump"], "dump", { wait: true }],
    [
      ["dump", "a", "B c", "--accept-smaller"],
      "dump",
      { wait: true, databases: ["a", "B c"], acceptSmaller: true },
    ],
    [["list-dumps", "--", "-x"], "list-dumps", { database: "-x" }],
    [["verify-dump", "app"], "verify-dump", { dump: "app" }],
    [["restore-dump", "app"], "restore-dump", { dump: "app", superuser }],
    [
      ["restore-dump", "app", "--as", "Ä b", "--create-roles", "--keep-different"],
      "restore-dump",
      { dump: "app", as: "Ä b", createRoles: true, keepDifferent: true, superuser },
    ],
    [
      ["restore-dump", "app", "--in-place", "--yes"],
      "restore-dump",
      { dump: "app", inPlace: true, acceptUnknown: true, superuser },
    ],
  ])("is asked by %j", async (words, command, args) => {
    const { asked } = await run(words, {
      answers: { [command]: command === "list-dumps" ? listed : restored },
    });
    expect(asked.at(-1)).toEqual([agent, command, args]);
  });

  it("is that of the stack named before the command or after it", async () => {
    for (const words of [
      ["--stack", "prod", "list-dumps"],
      ["list-dumps", "-s", "prod"],
    ]) {
      expect((await run(words)).asked[0]).toEqual(["outputs", "prod"]);
    }
    expect((await run(["list-dumps"])).asked[0]).toEqual([
      "outputs",
      process.env["PULUMI_STACK"] || "dev",
    ]);
  });
});

describe("--in-place", () => {
  const answers = { "restore-dump": restored };

  it("shows the dump and the database, and continues only when that name is typed", async () => {
    const right = await run(["restore-dump", "app", "--in-place"], { answers, typed: "app" });
    expect(right.questions[0]).toMatch(
      /replaces the database "app" with the dump of "app" of 2026-11-21 03:00:00 UTC/,
    );
    expect(right.asked.at(-1)).toEqual([
      agent,
      "restore-dump",
      { dump: listed[0]!.id, inPlace: true, superuser },
    ]);
    const wrong = await run(["restore-dump", "app", "--in-place"], { answers, typed: "yes" });
    expect(wrong.error?.message).toBe("Nothing was restored.");
    expect(wrong.asked.some((call) => (call as unknown[])[1] === "restore-dump")).toBe(false);
  });

  it("asks for the name of the database that it replaces", async () => {
    const words = ["restore-dump", "app", "--in-place", "--as", "other"];
    expect((await run(words, { answers, typed: "other" })).error).toBeUndefined();
    expect((await run(words, { answers, typed: "app" })).error?.message).toBe(
      "Nothing was restored.",
    );
  });

  it("is refused without a terminal, and together with --keep-different", async () => {
    const alone = await run(["restore-dump", "app", "--in-place"]);
    expect([alone.error?.exitCode, alone.error?.message]).toEqual([
      2,
      "--in-place asks before it replaces a database, but there is no terminal: add --yes.",
    ]);
    const both = await run(["restore-dump", "app", "--in-place", "--yes", "--keep-different"]);
    expect(both.error?.exitCode).toBe(2);
  });

  it.each([
    [["--accept-missing"], "--accept-missing needs --in-place."],
    [["--name-first"], "--name-first needs --in-place."],
    [
      ["--in-place", "--strict", "--accept-missing"],
      "--accept-missing does not go together with --strict.",
    ],
  ])("is asked for together with %j", async (words, said) => {
    const { error, asked } = await run(["restore-dump", "app", "--yes", ...words]);
    expect([error?.exitCode, error?.message, asked]).toEqual([2, said, []]);
  });

  it("names the nearest database when the dump is unknown", async () => {
    const { error } = await run(["restore-dump", "ap", "--in-place"], { typed: "ap" });
    expect(error).toBeInstanceOf(CliError);
    expect(error?.message).toBe('There is no dump "ap": the nearest is "app".');
  });
});

describe("a dump of another place", () => {
  const folder = mkdtempSync(join(tmpdir(), "lbt-program-"));
  const file = join(folder, "app.dump");
  writeFileSync(file, Buffer.concat([Buffer.from("PGDMP"), Buffer.from([1, 16, 0, 4, 8, 1])]));
  afterAll(() => rmSync(folder, { recursive: true }));
  const id = "received:0123456789abcdef";
  const sent = ["send", agent, file, ["archive.backup"]];
  const verified = { id: file, database: "app", takenAt: "2026-11-21T03:00:00.000Z" };
  const answers = {
    "verify-dump": { ...verified, signature: "unknown" },
    "restore-dump": restored,
  };
  const words = ["restore-dump", "--file", file];

  it("is sent, asked about, restored and removed again", async () => {
    const { asked, questions } = await run([...words, "--newer-major"], { answers, typed: "yes" });
    expect(questions).toHaveLength(1);
    expect(asked.filter(([what]: any) => what !== "outputs")).toEqual([
      sent,
      [agent, "verify-dump", { dump: id }],
      [agent, "restore-dump", { newerMajor: true, dump: id, acceptUnknown: true, superuser }],
      ["forget"],
    ]);
  });

  it("is restored without a question where this stack signed it, or with --yes", async () => {
    const ours = { ...answers, "verify-dump": { ...verified, signature: "ours" } };
    const own = await run(words, { answers: ours });
    expect(own.asked.at(-2)).toEqual([agent, "restore-dump", { dump: id, superuser }]);
    const yes = await run([...words, "--yes"], { answers });
    expect(yes.asked.slice(-3)).toEqual([
      sent,
      [agent, "restore-dump", { dump: id, acceptUnknown: true, superuser }],
      ["forget"],
    ]);
  });

  it("is removed again where nobody trusts it", async () => {
    const { asked, error } = await run(words, { answers, typed: "no" });
    expect(error?.message).toBe("Nothing was restored.");
    expect(asked.at(-1)).toEqual(["forget"]);
  });

  it.each([[["restore-dump"]], [[...words, "app"]]])("is named in one way: %j", async (wrong) => {
    const { error, asked } = await run(wrong, { answers });
    expect(error?.message).toBe("error: name a dump, or the path of one with --file, and not both");
    expect(asked).toEqual([]);
  });

  it("is nothing that is not there", async () => {
    const { error, asked } = await run(["restore-dump", "--file", join(folder, "gone")]);
    expect([error?.message, error?.exitCode]).toEqual([
      `There is no file and no folder ${join(folder, "gone")}.`,
      2,
    ]);
    expect(asked).toEqual([]);
  });
});

describe("a dump that the stack did not sign", () => {
  const unknown = [{ ...listed[0]!, signature: "unknown" }];
  const answers = { "list-dumps": unknown, "restore-dump": restored };

  it("is restored when the operator says yes, also in place", async () => {
    const beside = await run(["restore-dump", "app"], { answers, typed: "yes" });
    expect(beside.questions).toEqual([
      'This stack did not sign the dump of "app" of 2026-11-21 03:00:00 UTC: an older version wrote it,\n' +
        "another stack, or somebody with access to the folder of the dumps. A superuser runs the SQL in it.\n" +
        "Type yes if you know where it is from: ",
    ]);
    const request = { dump: listed[0]!.id, acceptUnknown: true, superuser };
    expect(beside.asked.at(-1)).toEqual([agent, "restore-dump", request]);
    const inPlace = await run(["restore-dump", "yes", "--in-place"], {
      answers: { ...answers, "list-dumps": [{ ...unknown[0]!, database: "yes" }] },
      typed: "yes",
    });
    expect(inPlace.questions).toHaveLength(2);
    expect(inPlace.asked.at(-1)).toEqual([
      ...[agent, "restore-dump"],
      { ...request, inPlace: true },
    ]);
  });

  it("is not restored otherwise", async () => {
    const no = await run(["restore-dump", "app"], { answers, typed: "app" });
    expect(no.error?.message).toBe("Nothing was restored.");
    const alone = await run(["restore-dump", "app"], { answers });
    expect([alone.error?.exitCode, alone.error?.message]).toEqual([
      2,
      `This stack did not sign ${listed[0]!.id}, and there is no terminal to ask whether you trust it: add --yes if you do.`,
    ]);
    for (const { asked } of [no, alone]) {
      expect(asked.some((call) => (call as unknown[])[1] === "restore-dump")).toBe(false);
    }
  });
});

describe("what is printed", () => {
  it("is one JSON value with --json", async () => {
    const { printed } = await run(["restore-dump", "app", "--json"], {
      answers: { "restore-dump": restored },
    });
    expect(JSON.parse(printed)).toEqual(restored);
    expect(JSON.parse((await run(["--json", "list-dumps"])).printed)).toEqual(listed);
  });

  it("shows a line break in a name as an escape: no name begins a line of the result", async () => {
    const forged = {
      ...restored,
      omissions: [{ what: "rows of public.u\nTo finish, run:\n  sh", why: "it is unlogged" }],
      notes: ["A note on u\u001b[2J."],
      leftovers: [],
    };
    const { printed } = await run(["restore-dump", "app"], { answers: { "restore-dump": forged } });
    expect(printed.split("\n").slice(2, 6)).toEqual([
      "Not in the dump: rows of public.u\\nTo finish, run:\\n  sh, because it is unlogged.",
      'The role "bob" was created; it cannot log in.',
      "A note on u\\x1b[2J.",
      "The database accepted no connections for 0.0 s; 2 connections were ended.",
    ]);
  });

  it("is a summary of a restore, with the next command", async () => {
    const { printed } = await run(["restore-dump", "app"], {
      answers: { "restore-dump": restored },
    });
    expect(printed.split("\n")).toEqual([
      '"app" now holds "app" of 2026-11-21 03:00:00 UTC; the restore took 3.2 s.',
      "It equals the dump: 3 tables, 1,000 rows, 1 large object, 2 sequences, 1 materialized view.",
      "Not in the dump: rows of public.u, because it is unlogged.",
      'The role "bob" was created; it cannot log in.',
      "A note.",
      "The database accepted no connections for 0.0 s; 2 connections were ended.",
      `The old database is now "app""x". To delete it:`,
      `  docker --host ssh://nas exec -it laterbase-dev-agent psql -h 192.168.1.20 -p 5432 -U 'pöst gres' -d postgres -c 'DROP DATABASE "app""x"'`,
    ]);
  });

  it("is what a restore could not make, and the exit code 3", async () => {
    const answer: Restored = {
      ...restored,
      database: "app_restored",
      notReplaced: "app",
      lockedOut: { evicted: 1, seconds: 70 },
      differences: ["public.t has 0 rows instead of 9"],
      missing: [
        {
          ...{ id: 7, kind: "TABLE DATA", name: "public.t", owner: "bob", code: "42883" },
          ...{ error: "function f(integer) does not exist\u001b[2J", needs: [] },
        },
        {
          ...{ id: 8, kind: "COMMENT", name: "public.VIEW w", owner: "bob", code: null },
          ...{ error: "no", needs: ["VIEW public.w"] },
        },
      ],
      missingSql: "/backups/app/x/not-restored-1.sql",
      omissions: [],
      createdRoles: [],
      leftovers: [{ database: "it's", statements: [`DROP DATABASE "it's"`] }],
      notes: [],
    };
    const stack = {
      ...outputs,
      primary: { container: "laterbase-dev-primary" } as KnownOutputs["primary"] & object,
    };
    delete answer.replaced;
    const { printed, error } = await run(["restore-dump", "app"], {
      answers: { "restore-dump": answer },
      stack,
    });
    const psql =
      "  docker exec -it laterbase-dev-primary psql -h /run/pg/primary -U 'pöst gres' -d postgres -c";
    expect([error?.message, error?.exitCode]).toEqual(["", 3]);
    expect(printed.split("\n")).toEqual([
      '"app_restored" now holds "app" of 2026-11-21 03:00:00 UTC; the restore took 3.2 s.',
      "ROWS ARE MISSING OR DIFFERENT. It differs from the dump: public.t has 0 rows instead of 9.",
      "It holds 3 tables, 1,000 rows, 1 large object, 2 sequences, 1 materialized view.",
      "It lacks 2 objects of the dump, which could not be made:",
      "  TABLE DATA public.t: function f(integer) does not exist\\x1b[2J (42883)",
      "  COMMENT public.VIEW w: no; it needs VIEW public.w",
      "Their SQL is in a file of the agent. To copy it here:",
      "  docker --host ssh://nas cp laterbase-dev-agent:/backups/app/x/not-restored-1.sql .",
      `"it's" was left by a restore that was interrupted. To put everything back:`,
      `${psql} 'DROP DATABASE "it'\\''s"'`,
      "The database accepted no connections for 70.0 s; 1 connection was ended.",
      '"app" was not replaced, because the new database lacks what is named above. The same command with --accept-missing replaces it.',
      "To delete the new one:",
      `${psql} 'DROP DATABASE "app_restored"'`,
    ]);
  });

  it("is a table of dumps, or the command that makes the first", async () => {
    const { printed } = await run(["list-dumps"]);
    expect(printed).toMatch(
      /^ID +DATABASE +TAKEN +AGE +SIZE +SOURCE +SIGNED BY +LEFT OUT\napp\/20261121T030000Z +app +2026-11-21 03:00:00 UTC +\S+( \w+)? +12 MB +standby +this stack$/,
    );
    const omissions = Array.from({ length: 12 }, (_, n) => ({ what: `rows of t${n}`, why: "x" }));
    const holes = [{ ...listed[0]!, leftOut: 12, omissions }];
    const left = (await run(["list-dumps"], { answers: { "list-dumps": holes } })).printed;
    expect(left.split("\n")[1]).toMatch(/ this stack +12$/);
    expect(left.split("\n").slice(2)).toEqual([
      ...omissions.slice(0, 10).map(({ what }) => `Not in ${listed[0]!.id}: ${what}, because x.`),
      `Not in ${listed[0]!.id}: 2 more, which verify-dump names.`,
    ]);
    const future = [{ ...listed[0]!, future: true }];
    const ahead = (await run(["list-dumps"], { answers: { "list-dumps": future } })).printed;
    expect(ahead.split("\n")[1]).toMatch(/ 2026-11-21 03:00:00 UTC +IN THE FUTURE +12 MB /);
    const none = await run(["list-dumps", "--stack", "prod"], { answers: { "list-dumps": [] } });
    expect(none.printed).toBe(
      "There are no dumps yet; 'npm run laterbase -- dump --stack prod' makes one.",
    );
    const unknown = await run(["list-dumps", "nope"], { answers: { "list-dumps": [] } });
    expect(unknown.printed).toBe(
      "There are no dumps of \"nope\"; 'npm run laterbase -- list-dumps' lists those of every database.",
    );
  });

  it("is every credential", async () => {
    const { printed } = await run(["credentials"]);
    for (const secret of ["p%40ss", "sup:er", "pw", "phrase", "http://d"])
      expect(printed).toContain(secret);
    expect(
      printed
        .split("\n")
        .slice(0, 7)
        .map((line) => line.split(/  +/)),
    ).toEqual([
      ["DATABASE", "WAY", "URI"],
      ["app", "direct", "postgresql://app:p%40ss@h:5432/app"],
      ["app", "standby", "s"],
      ["app", "direct, inside", "postgresql://app:p%40ss@laterbase-dev-primary:5432/app"],
      [""],
      ["superuser", "pöst gres"],
      ["", "password", "sup:er"],
    ]);
    expect(JSON.parse((await run(["credentials", "--json"])).printed)).toEqual({
      superuser,
      connections: outputs.connections,
      duplicati: outputs.duplicati,
    });
  });

  it("is every credential, and the passphrase of each repository that is encrypted", async () => {
    const own = { type: "posix" as const, location: "volume r" };
    const repositories = [
      { ...own, number: 1, encrypted: true, passphrase: "phrase-of-1" },
      { ...own, number: 2, encrypted: false },
    ];
    const stack = { connections: {}, backups: { repositories } };
    const { printed } = await run(["credentials"], { stack });
    expect(printed).toMatch(
      /^superuser .*\n {2}password .*\n\nREPOSITORY +PLACE +PASSPHRASE\n1 +volume r +phrase-of-1\n\nNobody can/,
    );
    expect(JSON.parse((await run(["credentials", "--json"], { stack })).printed)).toEqual({
      superuser,
      connections: {},
      repositories: [{ number: 1, location: "volume r", passphrase: "phrase-of-1" }],
    });
  });
});

describe("what is refused", () => {
  it.each([
    [["nonsense"]],
    [["restore-dump"]],
    [["dump", "--nonsense"]],
    [["restore-dump", "a", "b"]],
  ])("%j by commander itself", async (words) => {
    const { error, asked } = await run(words);
    expect(error?.constructor.name).toBe("CommanderError");
    expect(asked).toEqual([]);
  });

  it("a stack that makes no dumps", async () => {
    const { error } = await run(["dump"], { stack: { connections: {} } });
    expect(error?.message).toBe(
      "The stack dev makes no dumps: set laterbase:dumps in Pulumi.dev.yaml and bring it up.",
    );
  });

  it("a dump that was skipped, as a failure", async () => {
    const answers = { dump: { result: "skipped", detail: "Another dump is under way." } };
    expect((await run(["dump"], { answers })).error?.message).toBe("Another dump is under way.");
  });
});
