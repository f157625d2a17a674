import { mkdirSync, writeFileSync } from "node:fs";
import { isPointName } from "../../../contract/restoreTarget";
import { applicationNamed, pointName } from "../../../scripts/cli/commands/migrate";
import { main } from "../../../scripts/cli/main";
import type { Connections } from "../../../scripts/cli/session";
import { FakePulumi } from "../../support/fakePulumi";

// The restore point before a migration, with an agent that answers as the test says. The programs themselves are proved in
// test/programs/cli/migrate.test.ts.
let pulumi: FakePulumi;
beforeEach(() => {
  pulumi = new FakePulumi();
  pulumi.logIn();
  mkdirSync("app");
  writeFileSync("Pulumi.x.yaml", "config: {}\n");
});
afterEach(() => pulumi.remove());

interface Archived {
  repository: number;
  problem?: string;
}

async function run(program: string, archived: Archived[], words: string[] = []) {
  const migrate = { command: [program], directory: "app" };
  const value = (of: object) => ({ value: JSON.stringify(of) });
  const config = {
    "laterbase:primary": value({ kind: "managed", version: 17, port: 1, databases: ["app"] }),
    "laterbase:applications": value({ jarvis: { database: "app", migrate } }),
  };
  pulumi.does(`echo '${JSON.stringify(config)}'`);
  const [printed, said, asked]: [string[], string[], unknown[]] = [[], [], []];
  const agent = { container: "laterbase-x-agent", dockerHost: null };
  const code = await main(["--stack", "x", "migrate", "jarvis", ...words], {
    readOutputs: () =>
      Promise.resolve({
        primary: { container: "laterbase-x-primary" },
        connections: { app: { direct: "postgresql://jarvis:s3cret@h/app" } },
        backups: { agent, stanza: "main", repositories: [{ number: 1 }, { number: 2 }] },
      }),
    askAgent: (_agent: unknown, command: string, args: object) => {
      asked.push([command, Object.keys(args)]);
      return Promise.resolve({ archived });
    },
    terminal: {
      print: (text: string) => printed.push(text),
      progress: (line: string) => said.push(line),
    },
  } as unknown as Connections);
  const plain = (text: string) => text.replace(/\d{8}T\d{6}Z/g, "<time>");
  return { code, asked, printed: plain(printed.join("\n")), said: said.map(plain) };
}

const point = "before_jarvis_<time>";
const back =
  `To go back to the moment before it: 'npm run laterbase -- restore --to-name ${point} --in-place --stack x', for the whole server; ` +
  `'npm run laterbase -- restore --to-name ${point} --database app --stack x' gets a dump of app alone.`;
const late = { repository: 2, problem: "it is away" };

it("makes a restore point first, and says at the end how to go back to it", async () => {
  expect(await run("true", [{ repository: 1 }, { repository: 2 }])).toEqual({
    code: 0,
    asked: [["restore-point", ["name"]]],
    said: [`Restore point "${point}" is made. Now jarvis migrates.`],
    printed: `jarvis has migrated.\n${back}`,
  });
});

it("names the way back of a failure, too", async () => {
  const { code, said, printed } = await run("false", [{ repository: 1 }]);
  expect([code, said.at(-1), printed]).toEqual([
    1,
    `laterbase: The migration of jarvis failed: false ended with exit code 1. ${back}`,
    "",
  ]);
});

it("goes on where one repository has the restore point, and names the other one", async () => {
  const { code, said } = await run("true", [{ repository: 1 }, late]);
  expect([code, said[0]]).toEqual([
    0,
    "Repository 2 does not have the restore point yet: it is away",
  ]);
});

it("runs nothing where no repository has it, but by an option", async () => {
  const { code, said } = await run("no-such-program", [late]);
  expect([code, said.at(-1)]).toEqual([
    1,
    `laterbase: No repository has the restore point "${point}" yet, so nothing was run: 'npm run laterbase -- check --stack x' says why. With --no-restore-point it runs without one.`,
  ]);
  const without = await run("true", [late], ["--no-restore-point"]);
  expect([without.code, without.asked, without.printed]).toEqual([
    0,
    [],
    "jarvis has migrated.\nNo restore point was made before it.",
  ]);
});

it("names restore points that PostgreSQL takes, whatever the application's name", () => {
  const now = new Date("2026-11-29T20:41:03.123Z");
  expect(pointName("jarvis", now)).toBe("before_jarvis_20261129T204103Z");
  const long = pointName("a".repeat(63), now);
  expect([long.length, isPointName(long)]).toEqual([62, true]);
});

it("reads no application from an object's own properties", () => {
  expect(() => applicationNamed("toString", {})).toThrow(
    'There is no application "toString": laterbase:applications has none in the stack file.',
  );
});
