import { reportText } from "../../../scripts/cli/commands/preflight";
import { program } from "../../../scripts/cli/program";
import type { Finding, Report } from "../../../scripts/primary";

const block: Finding = {
  ...{ level: "block", id: "version", means: "", todo: "" },
  finding: "The server is PostgreSQL 13, but laterbase:primary.version says 17.",
};
const warn: Finding = {
  ...{ level: "warn", id: "windows", finding: "The server runs on Windows" },
  means: `Up stops at the step hba until the lines are there, and checks them, ${"word ".repeat(12)}end.`,
  todo: "Put these lines at the top:\nhost    replication    laterbase_dev    192.168.1.0/24    scram-sha-256",
};
const server = { version: "13.16", build: "PostgreSQL 13.16 on x86_64-apple-darwin", databases: 3 };

/** Runs the command against a server with these findings; all that was printed, and how it ended. */
async function run(findings: Finding[], ...words: string[]) {
  const printed: string[] = [];
  const asked: string[] = [];
  const progress: string[] = [];
  const root = program({
    readOutputs: () => Promise.reject(new Error("the stack need not be up")),
    askAgent: () => Promise.reject(new Error("no agent is asked")),
    servers: {
      preflight: (stack: string, say: (turn: string) => void, _?: AbortSignal, old?: string) => {
        asked.push(old === undefined ? stack : `${stack} after ${old}`);
        for (const turn of ["Building.", "Building.", "Step 1/9"]) say(turn);
        const removed = old === undefined ? {} : { removed: ['Role "laterbase_dev" is dropped.'] };
        return Promise.resolve<Report>({ server, findings, ...removed });
      },
    } as never,
    terminal: { print: (text) => printed.push(text), progress: (line) => progress.push(line) },
  });
  const error = await root.parseAsync(["preflight", ...words], { from: "user" }).then(
    () => undefined,
    (thrown: Error & { exitCode: number }) => thrown,
  );
  return { printed: printed.join("\n"), asked, error, progress };
}

it("prints what was found, what it means and what to do, with lines to copy unwrapped", () => {
  expect(reportText({ server, findings: [block, warn] })).toBe(
    [
      "PostgreSQL 13.16, 3 databases: PostgreSQL 13.16 on x86_64-apple-darwin",
      "BLOCK   The server is PostgreSQL 13, but laterbase:primary.version says 17.",
      [
        "WARN    The server runs on Windows",
        "        Up stops at the step hba until the lines are there, and checks them, word word word word",
        "        word word word word word word word word end.",
        "        Put these lines at the top:",
        "        host    replication    laterbase_dev    192.168.1.0/24    scram-sha-256",
      ].join("\n"),
      "Laterbase cannot make a standby until you resolve the blocking finding. Nothing was changed.",
    ].join("\n\n"),
  );
});

it("checks the stack that is named, and fails without another message when something blocks", async () => {
  const { asked, error, printed } = await run([block], "--stack", "studio");
  expect(asked).toEqual(["studio"]);
  expect([error?.exitCode, error?.message]).toEqual([1, ""]);
  expect(printed).toContain("BLOCK ");
});

it("succeeds with warnings, and prints one JSON value with --json", async () => {
  const people = await run([warn]);
  expect(people.error).toBeUndefined();
  expect(people.printed).toContain(
    "Laterbase can make a standby; please read 1 warning above first.",
  );
  const machine = await run([warn], "--json");
  expect(JSON.parse(machine.printed)).toEqual({ ready: true, server, findings: [warn] });
});

it("says each turn once", async () => {
  expect((await run([])).progress).toEqual(["Building.", "Step 1/9"]);
});

it("first removes what an earlier stack left, when that one is named by its number", async () => {
  const { asked, printed, error } = await run([], "--take-over", "1a2b3c4d", "--yes");
  expect([asked, error]).toEqual([["dev after 1a2b3c4d"], undefined]);
  expect(printed.split("\n\n")).toEqual([
    'Removed what the earlier stack had left:\nRole "laterbase_dev" is dropped.',
    "PostgreSQL 13.16, 3 databases: PostgreSQL 13.16 on x86_64-apple-darwin",
    "Laterbase can make a standby. Nothing else was changed.",
  ]);
  const json = await run([], "--take-over", "1a2b3c4d.2", "--json", "--yes");
  expect(JSON.parse(json.printed)).toMatchObject({ removed: ['Role "laterbase_dev" is dropped.'] });
});

it("removes nothing without a yes", async () => {
  const { asked, error } = await run([], "--take-over", "1a2b3c4d");
  expect([asked, error?.exitCode, error?.message]).toEqual([
    [],
    2,
    "There is no terminal to ask for a confirmation: add --yes.",
  ]);
});

it.each(["dev", "1A2B3C4D", "../x"])(
  "refuses %s as the number of an earlier stack",
  async (text) => {
    const { asked, error } = await run([], "--take-over", text);
    expect(asked).toEqual([]);
    expect(error?.message).toContain("It must be the number in the refusal, such as 1a2b3c4d.");
  },
);
