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
    readOutputs: () => Promise.resolve({ backups: { dumps: { agent: "laterbase-dev-agent" } } }),
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
      "accept-image",
      "credentials",
      "dump",
      "list-dumps",
      "pause-pooler",
      "preflight",
      "restart-primary",
      "restore-dump",
      "resume-pooler",
      "verify-dump",
    ]);
  });

  it("uses no name twice", () => {
    const names = commands.flatMap(({ name, hiddenAliases = [] }) => [name, ...hiddenAliases]);
    expect(names).toHaveLength(new Set(names).size);
  });

  it("agrees with set-up about the commands that need images", () => {
    const shell = readFileSync("scripts/npm/laterbase.sh", "utf8");
    const [, listed = ""] = /^needs_images='(.*)'$/m.exec(shell) ?? [];
    const needing = commands.filter(({ needs }) => needs === "images");
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
    expect([json.code, JSON.parse(json.printed)]).toEqual([1, { error: "It failed." }]);
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
