import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BesideSeen } from "../../../scripts/cli/restore/besideLook";
import type { RestoredBeside } from "../../../scripts/cli/restore/beside";
import type { KnownOutputs } from "../../../scripts/cli/stack/outputs";
import { CliError } from "../../../scripts/cli/terminal/cliError";
import { operatorRun } from "../../support/unit/operatorRun";
import { plannedFor } from "../../support/unit/plannedFor";

const primary = { host: "h", port: 5432, version: 17, databases: "*" as const };
const outputs: KnownOutputs = {
  primary: { ...primary, container: "laterbase-x-primary", dockerHost: "ssh://nas" },
  connections: { app: { direct: "postgresql://postgres:s%40cret@h:5432/app" } },
  backups: {
    stanza: "main",
    repositories: [{ number: 1, type: "posix", location: "volume", encrypted: false }],
    agent: { container: "laterbase-x-agent" },
  },
};
const located = { name: "laterbase-x-primary", host: "ssh://nas" };

const plan = plannedFor({ kind: "name", value: "before_release" });
const restored: RestoredBeside = {
  ...{ container: "laterbase-x-restored", volume: "laterbase-x-restored-data", running: true },
  ...{ host: "127.0.0.1", port: 40123, target: 'the restore point "before_release"' },
  ...{ repository: 1, set: "20261129-120000F", timeline: 2, since: "2026-11-29T13:00:00.000Z" },
  reached: { lsn: "0/50001A8", at: "2026-11-29T12:15:00.000001Z" },
  seconds: { copy: 3.25, replay: 1.5, all: 5 },
};
const server: BesideSeen = { kind: "server", server: restored };

interface Fakes {
  stack?: KnownOutputs;
  seen?: BesideSeen;
  fails?: "restore" | "dump" | "record-restore";
  answer?: string;
  /** The journal of a restore in place cannot be read. */
  unreadable?: boolean;
}

async function run(
  words: string[],
  { stack = outputs, seen, fails, answer, unreadable }: Fakes = {},
) {
  const calls: unknown[] = [];
  const call = (name: string, result: unknown, ...args: unknown[]) => {
    calls.push([name, ...args.filter((one) => typeof one !== "function" && one !== undefined)]);
    if (name === fails) return Promise.reject(new CliError(`The ${name} failed.`));
    return Promise.resolve(result);
  };
  const ran = await operatorRun(words, {
    stack,
    readSuperuser: () => Promise.resolve({ name: "postgres", password: "s@cret" }),
    askAgent: (_agent, command, args) =>
      call(
        command,
        command === "restore-plan" ? { plan } : command === "list-backups" ? [] : {},
        args,
      ),
    servers: {
      isThere: () => Promise.resolve(true),
      unfinishedRestore: () => Promise.resolve(unreadable ? "unreadable" : undefined),
      beside: {
        restore: (...args: unknown[]) => call("restore", restored, ...args),
        dump: (...args: unknown[]) => call("dump", 1234, ...args),
        remove: (...args: unknown[]) => call("remove", seen?.kind !== "nothing", ...args),
        look: () => Promise.resolve(seen ?? server),
      },
    },
    typed: answer,
  });
  return { calls, ...ran };
}

const job = {
  ...{ stack: "x", stanza: "main", plan: { ...plan, stops: [] }, password: "s@cret" },
  target: 'the restore point "before_release"',
  remove: "npm run laterbase -- restore --remove --stack x",
};
const record = [
  "record-restore",
  {
    ...{ target: 'the restore point "before_release"', set: "20261129-120000F" },
    ...{ bytes: 1_300_000_000, seconds: 3.25, replay: { bytes: 99, seconds: 1.5 } },
  },
];
const asked = ["restore-plan", { toName: "before_release" }];
const held = (seconds: number) => ["hold-expire", { id: expect.any(String), seconds }];

describe("restore", () => {
  it("plans, restores beside the primary, and says how to get there", async () => {
    const words = ["restore", "--to-name", "before_release", "--port", "40123"];
    const { code, calls, printed, said } = await run(words);
    expect([code, calls]).toEqual([
      0,
      [held(180), asked, ["restore", located, { ...job, port: 40123 }], record, held(0)],
    ]);
    expect(said).toContain('Target      the restore point "before_release"\n');
    expect(said).not.toContain("Nothing was changed");
    expect(printed.split("\n")).toEqual([
      'Restored in 5.0 s: the restore point "before_release". The WAL was replayed to 0/50001A8, and the last transaction is of 2026-11-29T12:15:00.000001Z; the server writes timeline 2.',
      "It is at 127.0.0.1:40123 of the primary's engine (container laterbase-x-restored), and archives nothing. The primary went on.",
      "Log in as postgres, with the password that 'npm run laterbase -- credentials --stack x' shows:",
      "  psql -h 127.0.0.1 -p 40123 -U postgres",
      "When you have what you need: npm run laterbase -- restore --remove --stack x",
    ]);
    expect(printed + said).not.toContain("s@cret");
  });

  it("prints JSON without the password", async () => {
    const { printed } = await run(["--json", "restore", "--to-name", "before_release"]);
    expect(JSON.parse(printed)).toEqual({ ...restored, plan: { ...plan, stops: [] } });
  });

  it("succeeds where its time cannot be noted, and fails where it failed", async () => {
    const words = ["restore", "--to-name", "before_release"];
    const unnoted = await run(words, { fails: "record-restore" });
    expect([unnoted.code, unnoted.said]).toEqual([
      0,
      expect.stringContaining("The time was not noted: The record-restore failed."),
    ]);
    const failed = await run(words, { fails: "restore" });
    expect([failed.code, failed.printed, failed.calls.length]).toEqual([1, "", 4]);
  });

  describe("of one database", () => {
    const words = ["restore", "--to-name", "before_release", "--database", "a/b"];
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "lbt-beside-"));
      process.env["LATERBASE_CALLED_FROM"] = folder;
    });
    afterEach(() => {
      delete process.env["LATERBASE_CALLED_FROM"];
      rmSync(folder, { recursive: true });
    });

    it("dumps it into a file of the operator's folder, and removes the server", async () => {
      const { code, calls, printed } = await run(["--json", ...words]);
      const { file } = JSON.parse(printed) as { file: string };
      expect(file.slice(0, -21)).toBe(join(folder, "a_b-restored-"));
      expect([code, calls]).toEqual([
        0,
        [
          ...[held(180), asked, ["restore", located, { ...job, database: "a/b" }], record],
          ["dump", { ...located, name: "laterbase-x-restored" }, "a/b", file],
          ...[["remove", located, "x"], held(0)],
        ],
      ]);
      expect((await run(words)).printed).toMatch(
        new RegExp(
          `^"a/b" as it was is in ${folder}/a_b-restored-\\d{8}T\\d{6}Z\\.dump \\(1\\.2 kB\\): `,
        ),
      );
      const failed = await run(words, { fails: "dump" });
      expect([failed.code, failed.calls.at(-2)]).toEqual([1, ["remove", located, "x"]]);
      expect(readdirSync(folder)).toEqual([]);
    });

    it("restores nothing where the file cannot be made", async () => {
      process.env["LATERBASE_CALLED_FROM"] = join(folder, "gone");
      const { code, calls, said } = await run(words);
      expect([code, calls]).toEqual([4, [held(180), asked, held(0)]]);
      expect(said).toContain(`laterbase: The dump cannot be written into ${folder}/gone (ENOENT)`);
    });
  });

  it.each([
    [["--port", "0"], "It must be the number of a port, such as 5499."],
    [["--port", "5499", "--database", "a"], "--database and --port do not go together"],
    [["--remove", "--to-xid", "742"], "--remove goes with no other option than --yes"],
    [["--yes"], "--yes goes with --in-place, --accept, --undo or --remove"],
    [["--in-place", "--port", "5499"], "--port and --database go with a server beside the primary"],
    [["--undo", "--immediate"], "--undo goes with no other option than --yes"],
    [["--delta"], "--delta goes with --in-place"],
  ])("%j is a wrong command line, and asks nobody", async (words, sentence) => {
    const { code, calls, said } = await run(["restore", ...words]);
    expect([code, calls]).toEqual([2, []]);
    expect(said).toContain(sentence);
  });

  it("refuses an external primary in one sentence", async () => {
    const { code, calls, said } = await run(["restore"], { stack: { primary } });
    expect([code, calls, said]).toEqual([
      4,
      [],
      "laterbase: The primary of stack x is external, so it has no backups: a standby and dumps protect it.",
    ]);
  });
});

describe("restore --remove", () => {
  it("asks for the stack's name, and removes", async () => {
    const { code, calls, printed } = await run(["restore", "--remove"], { answer: "x" });
    expect([code, calls, printed]).toEqual([
      ...[0, [["remove", located, "x"]], "The restored server and its data are removed."],
    ]);
    expect((await run(["restore", "--remove", "--yes"])).calls).toEqual(calls);
  });

  it("changes nothing for another answer, and without a terminal", async () => {
    const other = await run(["restore", "--remove"], { answer: "no" });
    expect([other.code, other.calls]).toEqual([4, []]);
    expect((await run(["restore", "--remove"])).code).toBe(2);
  });

  it("succeeds where there is nothing", async () => {
    const { code, printed } = await run(["restore", "--remove"], { seen: { kind: "nothing" } });
    expect([code, printed]).toEqual([0, "There is no restored server."]);
  });
});

describe("list-backups", () => {
  it.each<[BesideSeen, string]>([
    [
      server,
      'A restored server is at 127.0.0.1:40123: the restore point "before_release". It is there since 2026-11-29 13:00:00 UTC (',
    ],
    [
      { kind: "server", server: { ...restored, running: false } },
      "A restored server is at 127.0.0.1:40123, which is stopped: the restore point",
    ],
    [
      { kind: "volume", volume: "v" },
      "The volume v holds the data of an earlier restore. 'npm run laterbase -- restore --remove --stack x' removes it.",
    ],
    [{ kind: "nothing" }, ""],
  ])("says what there is of a restore: %j", async (seen, line) => {
    const words = ["list-backups"];
    const { printed } = await run(words, { seen });
    expect(line === "" ? printed : printed.slice(0, line.length)).toBe(line);
  });

  it.each<[BesideSeen, object]>([
    [server, { state: "running", server: restored }],
    [
      { kind: "server", server: { ...restored, running: false } },
      { state: "stopped", server: { ...restored, running: false } },
    ],
    [{ kind: "volume", volume: "v" }, { state: "data" }],
    [{ kind: "unfinished", container: {} as never }, { state: "unfinished" }],
  ])("has the same as JSON: %j", async (seen, wanted) => {
    const words = await run(["list-backups"], { seen });
    const { printed } = await run(["--json", "list-backups"], { seen });
    expect(JSON.parse(printed)).toEqual({
      repositories: [],
      restored: { ...wanted, sentence: words.printed },
    });
  });

  it("has what a restore in place waits for", async () => {
    const fakes = { seen: { kind: "nothing" } as const, unreadable: true };
    const sentence =
      "A restore in place left a journal that cannot be read: 'npm run laterbase -- restore --undo --stack x' puts the data from before back.";
    expect((await run(["list-backups"], fakes)).printed).toBe(sentence);
    const { printed } = await run(["--json", "list-backups"], fakes);
    expect(JSON.parse(printed)).toEqual({ repositories: [], inPlace: sentence });
  });

  it("has no such field as JSON where nothing is restored", async () => {
    const { printed } = await run(["--json", "list-backups"], { seen: { kind: "nothing" } });
    expect(JSON.parse(printed)).toEqual({ repositories: [] });
  });
});
