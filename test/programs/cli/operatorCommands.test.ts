import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { commandGroups } from "../../../scripts/cli/commands";
import { main } from "../../../scripts/cli/main";
import type { Connections } from "../../../scripts/cli/session";
import { CliError } from "../../../scripts/cli/terminal/cliError";

const commands = commandGroups.flatMap((group) => group.commands);

/** Runs the command line with a fake agent; what commander itself prints is caught too. */
async function run(words: string[], askAgent: () => Promise<unknown> = () => Promise.resolve([])) {
  const printed: string[] = [];
  const complained: string[] = [];
  const out = jest.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  const err = jest.spyOn(process.stderr, "write").mockImplementation((text) => {
    complained.push(String(text));
    return true;
  });
  const connections: Connections = {
    readOutputs: () =>
      Promise.resolve({
        backups: { dumps: { agent: "laterbase-dev-agent" } },
      }),
    readSuperuser: () => Promise.resolve({ name: "p" }),
    askAgent: askAgent as Connections["askAgent"],
    servers: {} as never,
    terminal: {
      print: (text) => printed.push(text),
      progress: (line) => complained.push(line),
    },
  };
  const code = await main(words, connections).finally(() => {
    out.mockRestore();
    err.mockRestore();
  });
  return { code, printed: printed.join(""), complained: complained.join("") };
}

describe("the registry", () => {
  it("holds every command of the contract, each in one group", () => {
    expect(commands.map(({ name }) => name).sort()).toEqual([
      ...[
        "accept-image",
        "accept-primary",
        "backup",
        "check",
        "completion",
        "connections",
        "credentials",
      ],
      ...["delete-dump", "doctor", "drill", "dump", "forget", "health", "list-backups"],
      ...[
        "list-dumps",
        "logs",
        "migrate",
        "new",
        "notify",
        "pause-pooler",
        "pools",
        "preflight",
        "rebuild",
        "restart-primary",
      ],
      ...["restore", "restore-archive", "restore-dump", "restore-point", "resume-pooler", "rotate"],
      ...["shell", "status", "upload", "verify", "verify-dump"],
    ]);
  });

  it("uses no name twice", () => {
    const names = commands.flatMap(({ name, hiddenAliases = [] }) => [name, ...hiddenAliases]);
    expect(names).toHaveLength(new Set(names).size);
  });

  it.each(["images", "pulumi"] as const)("agrees with set-up about what needs %s", (what) => {
    const shell = readFileSync("scripts/npm/laterbase.sh", "utf8");
    const [, listed = ""] = new RegExp(`^needs_${what}='(.*)'$`, "m").exec(shell) ?? [];
    const needing = commands.filter(({ needs }) => needs === what);
    const names = needing.flatMap(({ name, hiddenAliases = [] }) => [name, ...hiddenAliases]);
    expect(listed.split(" ")).toEqual(names);
  });
});

describe("--help", () => {
  it("shows every command with its description in its group, and no hidden alias", async () => {
    const { code, printed } = await run(["--help"]);
    expect(code).toBe(0);
    const words = printed.replace(/\s+/g, " ");
    for (const { name, description, hiddenAliases = [] } of commands) {
      expect(words).toMatch(new RegExp(` ${name}( \\S+)* ${description.replace(/[()]/g, "\\$&")}`));
      for (const alias of hiddenAliases) expect(words).not.toContain(alias);
    }
    for (const { title } of commandGroups) expect(printed).toContain(`\n${title}:\n`);
  });

  it("explains the arguments and the options of a command", async () => {
    const { code, printed } = await run(["restore-dump", "--help"]);
    expect(code).toBe(0);
    expect(printed).toMatch(/ dump +the dump's id, or a database for its latest dump/);
    expect(printed).toMatch(/--in-place +replace the database/);
  });
});

describe("the help of each command", () => {
  it.each(commands.map((command) => [command.name, command] as const))(
    "%s says what it does, shows a call of it, and names its page",
    async (name, { description, example, documented, arguments: words = [], options = [] }) => {
      const { code, printed } = await run([name, "--help"]);
      expect(code).toBe(0);
      const text = printed.replace(/\s+/g, " ");
      expect(text).toContain(description);
      expect(example.split(" ")[0]).toBe(name);
      expect(text).toContain(`npm run laterbase -- ${example}`);
      for (const exit of [0, 1, 2, 3, 4])
        expect(printed).toMatch(new RegExp(`^ +${exit} +\\w`, "m"));
      expect(text).toContain(`Documented: ${documented}`);
      for (const one of [...words, ...options]) expect(one.description).toMatch(/\w{3}/);
    },
  );

  it.each(commands.map(({ name, documented }) => [name, documented]))(
    "the page of %s exists, and names it",
    (name, documented) => {
      const [page = "", anchor] = documented.split("#");
      const text = readFileSync(page, "utf8");
      expect(text).toContain(`laterbase -- ${name}`);
      const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map((heading) =>
        heading[1]!
          .toLowerCase()
          .replace(/[^\p{L}\p{N} _-]/gu, "")
          .replaceAll(" ", "-"),
      );
      if (anchor !== undefined) expect(anchors).toContain(anchor);
    },
  );

  it("shows calls that the command line accepts", async () => {
    for (const { example } of commands) {
      // What the command does with it may fail here: nothing answers.
      const ran = run([...example.split(" "), "--json"]).catch(() => ({ complained: "" }));
      const { complained } = await ran;
      expect(complained).not.toMatch(/unknown option|missing required|too many arguments/);
    }
  });
});

describe("--json", () => {
  it.each([
    [[], /^No command was named\.$/],
    [["list-dump"], /unknown command 'list-dump'/],
    [["restore-dump"], /name a dump, or the path of one with --file/],
    [["pause-pooler", "--wait", "x"], /whole number of seconds/],
    [["verify-dump"], /missing required argument/],
  ])("prints one value for a wrong command line: %j", async (words, sentence) => {
    const { code, printed } = await run([...words, "--json"]);
    expect(code).toBe(2);
    const { error, exitCode } = JSON.parse(printed) as { error: string; exitCode: number };
    expect([exitCode, error]).toEqual([2, expect.stringMatching(sentence)]);
    expect(error).not.toMatch(/^error: /);
  });

  it("prints one value when a command prints its result and fails all the same", async () => {
    const different = { missing: [], differences: ["rows"], database: "a", restored: true };
    const { code, printed } = await run(["restore-dump", "a", "--yes", "--json"], () =>
      Promise.resolve(different),
    );
    expect([code, JSON.parse(printed)]).toEqual([1, different]);
  });

  it("prints the error of a fault of ours too, and no stack trace", async () => {
    const fault = () => Promise.reject(new TypeError("x is not y\n    at z"));
    const { code, printed, complained } = await run(["list-dumps", "--json"], fault);
    expect([code, JSON.parse(printed)]).toEqual([1, { error: "x is not y", exitCode: 1 }]);
    expect(complained).toBe("laterbase: This is a fault of the command itself: x is not y");
  });

  it("has a documented shape, whose type is in one place", () => {
    const types = readFileSync("scripts/cli/results.ts", "utf8");
    const page = readFileSync("docs/command.md", "utf8");
    const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (?:`([A-Za-z]+)(?:\[\])?`|none) +\|/gm)];
    expect(rows.map(([, name]) => name)).toEqual(commands.map(({ name }) => name));
    for (const [, name = "", type] of rows) {
      const entry = new RegExp(`^  "?${name}"?: ${type ?? "never"}(\\[\\])?;$`, "m");
      expect(types).toMatch(entry);
    }
  });
});

describe("the exit code", () => {
  it("is 0 when the command succeeds", async () => {
    expect(await run(["list-dumps", "--json"])).toEqual({
      code: 0,
      printed: "[]",
      complained: "",
    });
  });

  it("is 1 when it fails; the sentence is on standard error, and as JSON on standard output", async () => {
    const fail = () => Promise.reject(new CliError("It failed."));
    expect(await run(["list-dumps"], fail)).toEqual({
      code: 1,
      printed: "",
      complained: "laterbase: It failed.",
    });
    const json = await run(["list-dumps", "--json"], fail);
    const answer = { error: "It failed.", exitCode: 1 };
    expect([json.code, JSON.parse(json.printed)]).toEqual([1, answer]);
  });

  it("is 4 for a refusal", async () => {
    const refuse = () => Promise.reject(new CliError("It stays.", 4));
    const { code, printed } = await run(["list-dumps", "--json"], refuse);
    expect([code, JSON.parse(printed)]).toEqual([4, { error: "It stays.", exitCode: 4 }]);
  });

  it("is 2 for an unknown command, and the nearest one is suggested", async () => {
    const { code, complained, printed } = await run(["list-dump"]);
    expect([code, printed]).toEqual([2, ""]);
    expect(complained).toContain("unknown command 'list-dump'");
    expect(complained).toContain("Did you mean list-dumps?");
  });

  it.each([[["restore-dump"]], [["dump", "--nonsense"]], [["verify-dump", "a", "b"]]])(
    "is 2 for %j",
    async (words) => expect((await run(words)).code).toBe(2),
  );

  it("reaches the shell", () => {
    const words = ["--import", "tsx", "scripts/cli/laterbase.ts", "hold-poler"];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: "utf8" });
    expect([status, stderr]).toEqual([2, expect.stringContaining("unknown command 'hold-poler'")]);
    // Hidden names are not suggested.
    expect(stderr).not.toContain("hold-pooler");
  });
});
