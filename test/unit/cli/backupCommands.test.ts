import type { ListedRepository } from "../../../contract/agentReplies";
import type { JobRecord } from "../../../contract/jobRecord";
import type { KnownOutputs } from "../../../scripts/cli/stack/outputs";
import { operatorRun } from "../../support/unit/operatorRun";

const repository = (number: number) => ({
  ...{ number, type: "posix" as const, location: `volume ${number}`, encrypted: true },
});
const external = { host: "h", port: 5432, version: 17, databases: "*" as const };
const outputs = {
  primary: { ...external, container: "laterbase-x-primary" },
  backups: {
    stanza: "main",
    repositories: [repository(1), repository(2)],
    agent: { container: "laterbase-x-agent", dockerHost: "ssh://nas" },
  },
} satisfies KnownOutputs;

async function run(
  words: string[],
  answer: unknown = undefined,
  stack: KnownOutputs = outputs,
  seen: object = { kind: "nothing" },
) {
  const asked: unknown[] = [];
  const ran = await operatorRun(words, {
    stack,
    askAgent: (agent, command, args, say) => {
      asked.push([agent, command, args]);
      say("repository 1: 10 %");
      return Promise.resolve(answer);
    },
    servers: { beside: { look: () => Promise.resolve(seen) } },
  });
  return { asked, ...ran };
}

const agent = { name: "laterbase-x-agent", host: "ssh://nas" };
const made = {
  ...{ label: "20261129-020000F", type: "full", source: "standby" },
  ...{ bytes: 1_300_000_000, repositoryBytes: 213_000_000 },
};
const good = { repository: 1, result: "success", detail: "Fine.", seconds: 4.2, backup: made };
const bad = { repository: 2, result: "failed", detail: "It is away.", seconds: 10, code: 101 };
const record = (...backups: object[]) =>
  ({
    job: "backup-full",
    result: backups.includes(bad) ? "failed" : "success",
    detail: "1 of 2 repositories failed; repository 2: It is away.",
    backups,
  }) as unknown as JobRecord;

describe("backup", () => {
  it("makes an incr by default, or the type and repository that are named", async () => {
    const { code, asked, printed, said } = await run(["backup"], record(good));
    const request = { trigger: "operator", record: true };
    expect([code, asked]).toEqual([0, [[agent, "backup", { type: "incr", ...request }]]]);
    expect(printed).toBe(
      [
        "REPOSITORY  LABEL             TYPE  SOURCE   DATABASE  ADDED   TIME",
        "1           20261129-020000F  full  standby  1.3 GB    213 MB  4.2 s",
        "Repository 1: Fine.",
        "All of them: npm run laterbase -- list-backups --stack x",
      ].join("\n"),
    );
    expect(said).toBe("repository 1: 10 %");
    const named = await run(["backup", "full", "--repo", "2"], record(good));
    expect(named.asked).toEqual([[agent, "backup", { type: "full", ...request, repo: 2 }]]);
  });

  it("ends with 3 when some repositories have it, and with 1 when none has", async () => {
    const some = await run(["backup", "full"], record(good, bad));
    expect([some.code, some.said]).toEqual([
      3,
      expect.stringContaining("laterbase: 1 of 2 repositories failed; repository 2: It is away."),
    ]);
    expect(some.printed).toContain("2           FAILED");
    expect((await run(["backup", "full"], record(bad))).code).toBe(1);
  });

  it("prints JSON and nothing else with --json, also when it fails", async () => {
    const { code, printed } = await run(["--json", "backup", "full"], record(good, bad));
    expect([code, JSON.parse(printed)]).toEqual([3, record(good, bad)]);
    const refused = await run(["--json", "backup", "--repo", "3"]);
    expect([refused.code, JSON.parse(refused.printed)]).toEqual([
      2,
      { error: "There is no repository 3: choose from 1, 2.", exitCode: 2 },
    ]);
  });
});

describe("drill", () => {
  const proof = (result: string, detail: string, taken = 1.2) => ({
    ...{ result, detail, seconds: taken },
  });
  const passed = {
    ...{ repository: 1, result: "success", detail: "All four proofs hold.", seconds: 17.4 },
    backup: { label: "20261129-020000F", type: "full", endedAt: "", bytes: 1 },
    proofs: {
      ...{ restore: proof("proven", "A."), replay: proof("proven", "B.", 2) },
      ...{ rows: proof("proven", "C."), pages: proof("proven", "D.", 4.8) },
    },
    unproven: {
      count: 2,
      first: [{ database: "app", name: "public.t", why: "It is unlogged." }],
    },
  };
  const failed = {
    ...{
      repository: 2,
      result: "failed",
      detail: "The newest backup was not restored: E.",
      seconds: 1,
    },
    proofs: {
      ...{ restore: proof("failed", "E."), replay: proof("unproven", "It was not reached.", 0) },
      rows: proof("unproven", "It was not reached.", 0),
      pages: proof("unproven", "It was not reached.", 0),
    },
  };
  const drilled = (...drills: object[]) =>
    ({ ...record(), result: drills.includes(failed) ? "failed" : "success", drills }) as JobRecord;

  it("shows each proof, what it says, and what is unproven", async () => {
    const { code, asked, printed } = await run(["drill", "--repo", "1"], drilled(passed));
    expect([code, asked]).toEqual([
      0,
      [[agent, "drill", { trigger: "operator", record: true, repo: 1 }]],
    ]);
    expect(printed).toBe(
      [
        "Repository 1: the drill of 20261129-020000F passed in 17.4 s",
        "PROOF                        HOLDS  TIME",
        "the newest backup restores   yes    1.2 s",
        "WAL replays past a marker    yes    2.0 s",
        "the rows are equal           yes    1.2 s",
        "B-trees and pages are whole  yes    4.8 s",
        ...["A.", "B.", "C.", "D."],
        "DATABASE  UNPROVEN  WHY",
        "app       public.t  It is unlogged.",
        "and 1 more.",
      ].join("\n"),
    );
  });

  it("ends with 3 when some repositories passed, and with 1 when none has", async () => {
    const some = await run(["drill"], drilled(passed, failed));
    expect(some.code).toBe(3);
    expect(some.printed).toContain("Repository 2: the drill FAILED in 1.0 s");
    expect(some.printed).toContain("the newest backup restores   NO        1.2 s");
    expect((await run(["drill"], drilled(failed))).code).toBe(1);
    expect((await run(["drill", "--repo", "3"])).code).toBe(2);
    expect((await run(["drill"], undefined, { primary: outputs.primary })).code).toBe(4);
    expect((await run(["drill", "now"])).code).toBe(2);
  });

  it("prints the record with --json", async () => {
    const { printed } = await run(["--json", "drill"], drilled(passed));
    expect(JSON.parse(printed)).toEqual(drilled(passed));
  });
});

describe("check and verify", () => {
  const findings = (...repositories: object[]) => ({
    ...record(...repositories),
    backups: undefined,
    repositories,
  });

  it.each([
    ["check", "check-backups"],
    ["verify", "verify-backups"],
  ])("%s asks for %s, and says how each repository is", async (word, command) => {
    const { code, asked, printed } = await run([word, "--repo", "1"], findings(good));
    expect([code, asked, printed]).toEqual([
      0,
      [[agent, command, { trigger: "operator", record: true, repo: 1 }]],
      "Repository 1 is good: Fine.",
    ]);
    const some = await run([word], findings(good, bad));
    expect([some.code, some.printed]).toEqual([
      3,
      "Repository 1 is good: Fine.\nRepository 2 is not good: It is away.",
    ]);
    expect((await run([word], findings(bad))).code).toBe(1);
  });
});

describe("list-backups", () => {
  const at = new Date(Date.now() - 3 * 3_600_000).toISOString();
  const listed: ListedRepository = {
    ...{ repository: 1, type: "posix", location: "volume 1", encrypted: true },
    backups: [
      {
        ...{ label: made.label, type: "full", source: "standby", startedAt: at, endedAt: at },
        ...{ bytes: made.bytes, repositoryBytes: made.repositoryBytes },
      },
    ],
    newestWal: { segment: "000000010000000000000005", at },
  };
  const empty: ListedRepository = { ...listed, repository: 2, encrypted: false, backups: [] };
  const dead: ListedRepository = { ...empty, problem: "It is away." };

  it("shows each repository with its backups and its newest WAL", async () => {
    const none: ListedRepository = { ...empty };
    delete none.newestWal;
    const { code, printed } = await run(["list-backups"], [listed, none]);
    const time = `${at.slice(0, 19).replace("T", " ")} UTC`;
    expect([code, printed.split("\n")]).toEqual([
      0,
      [
        "Repository 1 (posix, volume 1, encrypted)",
        `LABEL             TYPE  ENDED                    AGE  DATABASE  ADDED   SOURCE`,
        `20261129-020000F  full  ${time}  3 h  1.3 GB    213 MB  standby`,
        `The newest WAL is 000000010000000000000005, of ${time} (3 h).`,
        "",
        "Repository 2 (posix, volume 1, not encrypted) has no backups yet; 'npm run laterbase -- backup full --stack x' makes one.",
        "There is no WAL yet.",
      ],
    ]);
  });

  const early = { at, result: "success", detail: "All of it." } as const;
  const passed = { ...early, recoverySeconds: 12.34 };
  it.each<[string, NonNullable<ListedRepository["lastDrill"]>, string]>([
    ["passed", passed, "passed: a server with everything answered after 12.3 s."],
    [
      "proved a part",
      { ...passed, unproven: ["rows", "pages"] },
      "found nothing wrong, and its proof of rows and pages is unproven: a server with everything answered after 12.3 s.",
    ],
    ["passed before times were kept", early, "passed."],
    ["failed", { ...early, result: "failed", detail: "It is away." }, "FAILED: It is away."],
    [
      "had no room",
      { ...early, result: "failed", noRoom: true, detail: "The drill needs 3.3 GB." },
      "could not be made: The drill needs 3.3 GB.",
    ],
  ])("says of a repository whose last drill %s", async (_what, lastDrill, verdict) => {
    const time = `${at.slice(0, 19).replace("T", " ")} UTC`;
    const line = `The last drill, of ${time} (3 h), ${verdict}`;
    for (const one of [listed, empty, dead]) {
      const { printed } = await run(["list-backups"], [{ ...one, lastDrill }]);
      expect(printed.split("\n").at(-1)).toBe(line);
    }
    const json = await run(["--json", "list-backups"], [{ ...listed, lastDrill }]);
    expect(JSON.parse(json.printed)).toEqual({ repositories: [{ ...listed, lastDrill }] });
  });

  it("ends with 3 when one repository cannot be read, and with 1 when none can", async () => {
    const some = await run(["list-backups"], [listed, dead]);
    expect([some.code, some.said]).toEqual([
      3,
      expect.stringContaining("laterbase: Repository 2 cannot be read: It is away."),
    ]);
    expect((await run(["list-backups"], [dead])).code).toBe(1);
    const json = await run(["--json", "list-backups"], [listed, dead]);
    expect([json.code, JSON.parse(json.printed)]).toEqual([3, { repositories: [listed, dead] }]);
  });
});

describe("a stack without backups", () => {
  const refusals: [string, KnownOutputs, string][] = [
    [
      "with an external primary",
      { primary: external },
      "The primary of stack x is external, so it has no backups: a standby and dumps protect it.",
    ],
    [
      "without laterbase:backups",
      { primary: outputs.primary, backups: {} },
      "The stack x makes no backups: set laterbase:backups in Pulumi.x.yaml and bring it up.",
    ],
    [
      "without a repository",
      { primary: outputs.primary, backups: { ...outputs.backups, repositories: [] } },
      "Archiving of stack x is off: name a repository in laterbase:backups.repositories and bring it up.",
    ],
  ];
  const commands = [["backup"], ["list-backups"], ["check"], ["verify"]];

  it.each(refusals)("%s is refused in one sentence", async (_name, stack, sentence) => {
    for (const words of commands) {
      const { code, said, asked } = await run(words, undefined, stack);
      expect([code, said, asked]).toEqual([4, `laterbase: ${sentence}`, []]);
    }
  });

  it.each([
    [
      ["backup", "monthly"],
      "value 'monthly' is invalid for argument 'type'. Allowed choices are full, diff, incr.",
    ],
    [["backup", "--repo", "0"], "It must be the number of a repository, such as 1."],
    [["check", "--repo", "1;ls"], "It must be the number of a repository, such as 1."],
  ])("%j is a wrong command line", async (words, sentence) => {
    const { code, said, asked } = await run(words);
    expect([code, asked]).toEqual([2, []]);
    expect(said).toContain(sentence);
  });
});
