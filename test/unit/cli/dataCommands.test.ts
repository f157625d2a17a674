import type { ListedDump, TakenDumps } from "../../../contract/agentReplies";
import type { RebuildLook } from "../../../scripts/cli/servers/rebuild";
import type { KnownOutputs } from "../../../scripts/cli/stack/outputs";
import { FakePulumi } from "../../support/fakePulumi";
import { operatorRun } from "../../support/unit/operatorRun";

const outputs: KnownOutputs = {
  backups: { dumps: { agent: "laterbase-x-agent", dockerHost: "ssh://nas" } },
  duplicati: { url: "http://d", password: "pw", passphrase: "phrase" },
};
const listed = (id: string, signature: ListedDump["signature"] = "ours"): ListedDump => ({
  ...{ id, database: id.split("/")[0]!, takenAt: "2026-11-21T03:00:00.000Z" },
  ...{ bytes: 2_000_000, source: "standby", major: 17, signature, leftOut: 0 },
});
const look: RebuildLook = {
  ...{ dataKb: 1_000_000, freeKb: 9_000_000, clients: 2 },
  ...{ promoted: false, wanted: false, failures: 0 },
};

interface Fakes {
  answers?: Record<string, unknown>;
  typed?: string;
  stack?: KnownOutputs;
  servers?: object;
}

async function run(words: string[], { answers = {}, typed, stack = outputs, servers }: Fakes = {}) {
  const asked: unknown[] = [];
  const ran = await operatorRun(words, {
    stack,
    askAgent: (_agent, command, args) => {
      asked.push([command, args]);
      return Promise.resolve(answers[command]);
    },
    servers,
    typed,
  });
  return { asked, ...ran };
}

describe("upload", () => {
  const done = { detail: "2 new of 8 files were uploaded.", files: 8, newFiles: 2 };

  it("waits for the result", async () => {
    const { code, printed, asked } = await run(["upload"], { answers: { upload: done } });
    expect([code, printed, asked]).toEqual([0, done.detail, [["upload", {}]]]);
  });

  it("fails when there is nothing to upload, or nobody to do it", async () => {
    const none = { ...done, files: 0, detail: "There is no finished dump to upload yet." };
    const { code, said } = await run(["upload"], { answers: { upload: none } });
    expect([code, said]).toEqual([1, `laterbase: ${none.detail}`]);
    const { backups } = outputs;
    const without = await run(["upload"], { stack: { ...(backups ? { backups } : {}) } });
    expect([without.code, without.said]).toEqual([
      1,
      "laterbase: The stack x uploads nothing: set laterbase:duplicati in Pulumi.x.yaml and bring it up.",
    ]);
  });
});

describe("delete-dump", () => {
  const dumps = [listed("app/3", "changed"), listed("app/2"), listed("app/1"), listed("other/1")];
  const answers = { "list-dumps": dumps, "delete-dump": { id: "app/1", bytes: 2_000_000 } };
  const deleted = (asked: unknown[]) =>
    asked.filter((call) => (call as [string])[0] === "delete-dump");

  it("asks, and deletes after a yes", async () => {
    const { code, questions, asked, printed } = await run(["delete-dump", "app/1/"], {
      answers,
      typed: "yes",
    });
    expect([code, questions]).toEqual([
      0,
      [
        'This deletes the dump app/1 of "app" of 2026-11-21 03:00:00 UTC, 2.0 MB, for good.\nType yes to go on: ',
      ],
    ]);
    expect(deleted(asked)).toEqual([["delete-dump", { dump: "app/1", force: false }]]);
    expect(printed).toBe("Deleted app/1, 2.0 MB. Copies of it off site stay.");
  });

  it.each([
    [
      ["app/2"],
      4,
      'app/2 is the newest good dump of "app", so it stays; --force deletes it all the same.',
    ],
    [
      ["other/1"],
      4,
      'other/1 is the only good dump of "other", so it stays; --force deletes it all the same.',
    ],
    [["app"], 2, '"app" is no dump\'s id: name one dump by its id, such as app/3.'],
    [["app/1"], 2, "There is no terminal to ask for a confirmation: add --yes."],
  ])("%j is refused", async (words, exit, sentence) => {
    const { code, said, asked } = await run(["delete-dump", ...words], { answers });
    expect([code, said, deleted(asked)]).toEqual([exit, `laterbase: ${sentence}`, []]);
  });

  it("deletes nothing after another answer", async () => {
    const { code, asked } = await run(["delete-dump", "app/1"], { answers, typed: "y" });
    expect([code, deleted(asked)]).toEqual([4, []]);
  });

  it("deletes the newest one when it is forced", async () => {
    const { code, asked } = await run(["delete-dump", "app/2", "--force", "--yes"], { answers });
    expect([code, deleted(asked)]).toEqual([0, [["delete-dump", { dump: "app/2", force: true }]]]);
  });
});

describe("with a Pulumi", () => {
  let pulumi: FakePulumi;
  beforeEach(() => {
    pulumi = new FakePulumi();
    pulumi.logIn();
    const standby = "urn:pulumi:x::laterbase::laterbase:index:Standby::standby";
    const resources = [
      { urn: standby, type: "laterbase:index:Standby" },
      {
        urn: "urn:pulumi:x::laterbase::docker:index/container:Container::standby-container",
        ...{ type: "docker:index/container:Container", parent: standby },
        outputs: { name: "laterbase-x-standby" },
      },
    ];
    const config = { "laterbase:duplicati": { value: '{"target":"s3://b?key=k"}' } };
    pulumi.does(`case "$1 $2" in
      "stack export") echo '${JSON.stringify({ deployment: { resources } })}' ;;
      "config --json") echo '${JSON.stringify(config)}' ;;
    esac`);
  });
  afterEach(() => pulumi.remove());

  describe("rebuild", () => {
    const fake = (found: Partial<RebuildLook> = {}) => {
      const rebuilt: unknown[] = [];
      const servers = {
        lookAtStandby: () => Promise.resolve({ ...look, ...found }),
        rebuildStandby: (...call: unknown[]) =>
          Promise.resolve(void rebuilt.push(call.slice(0, 2))),
      };
      return { rebuilt, servers };
    };
    const standby = { name: "laterbase-x-standby" };

    it("says what its readers notice, and works for the only one", async () => {
      const { rebuilt, servers } = fake();
      const { code, questions, printed } = await run(["rebuild", "standby"], {
        servers,
        typed: "yes",
      });
      expect([code, rebuilt]).toEqual([0, [[standby, "keep"]]]);
      expect(questions[0]).toContain("about 1.0 GB, from its primary. 2 clients read from it now.");
      expect(questions[0]).toContain("They keep reading its present state");
      expect(printed).toContain("laterbase-x-standby streams from a new clone");
    });

    it("says that a blocked one may hold rows that exist nowhere else", async () => {
      const { servers } = fake({ clients: null, blocked: "that server was set back" });
      const { questions } = await run(["rebuild", "standby"], { servers, typed: "yes" });
      expect(questions[0]).toContain(
        "It is blocked: that server was set back. Rows that only it holds are lost with a new clone. " +
          "Nobody can read from it now. Its data stay until the new clone streams.",
      );
    });

    it("deletes the data first only when it is asked to", async () => {
      const { rebuilt, servers } = fake({ freeKb: 10 });
      const { code, said } = await run(["rebuild", "standby", "--yes"], { servers });
      expect([code, rebuilt]).toEqual([4, []]);
      expect(said).toContain("has 10 kB free, and a second copy needs about 1.1 GB");
      const words = ["rebuild", "standby", "--yes", "--discard-first"];
      expect((await run(words, { servers })).code).toBe(0);
      expect(rebuilt).toEqual([[standby, "discard"]]);
    });

    it("keeps what was written on a promoted one", async () => {
      const { rebuilt, servers } = fake({ promoted: true });
      const { code, said } = await run(["rebuild", "standby", "--yes"], { servers });
      expect([code, said, rebuilt]).toEqual([4, expect.stringContaining("was promoted"), []]);
      await run(["rebuild", "standby", "--yes", "--force"], { servers });
      expect(rebuilt).toHaveLength(1);
    });

    it("names the standbys that there are", async () => {
      const { code, said } = await run(["rebuild", "replica", "--yes"], fake());
      expect([code, said]).toEqual([
        2,
        'laterbase: The stack x has no standby "replica": there are standby.',
      ]);
    });
  });

  describe("restore-archive", () => {
    const taken: TakenDumps = {
      taken: [listed("app/1")],
      there: ["app/2"],
      bad: [],
      expiring: ["app/1"],
    };
    const fake = () => {
      const calls: unknown[] = [];
      let forgotten = 0;
      const servers = {
        receiveArchive: (places: unknown, wanted: unknown) => {
          calls.push(places, wanted);
          const forget = () => Promise.resolve(void forgotten++);
          return Promise.resolve({ token: "t", forget });
        },
      };
      return { calls, servers, forgotten: () => forgotten };
    };

    it("brings the dumps back, and names the command that restores one", async () => {
      const { calls, servers, forgotten } = fake();
      const { code, printed, asked } = await run(["restore-archive", "app", "--archive", "1"], {
        servers,
        answers: { "take-dumps": taken },
      });
      const host = "ssh://nas";
      expect(calls).toEqual([
        {
          duplicati: { host, name: "laterbase-x-duplicati" },
          agent: { host, name: "laterbase-x-agent" },
        },
        { target: "s3://b?key=k", passphrase: "phrase", version: 1, below: "app" },
      ]);
      expect([code, asked, forgotten()]).toEqual([0, [["take-dumps", { token: "t" }]], 1]);
      expect(printed).toContain("1 dump came back, and every file has its checksum.");
      expect(printed).toContain("the next good dump of its database removes it: app/1.");
      expect(printed).toContain("npm run laterbase -- restore-dump app/1 --stack x");
    });

    it("says with exit code 3 that some are damaged", async () => {
      const bad = [{ id: "app/3", problem: "app/3 is damaged." }];
      const { code, printed } = await run(["restore-archive", "--json"], {
        ...fake(),
        answers: { "take-dumps": { ...taken, bad } },
      });
      expect([code, JSON.parse(printed)]).toEqual([3, { ...taken, bad }]);
    });

    it("fails when the archive has no such dump, and clears up", async () => {
      const { servers, forgotten } = fake();
      const answers = { "take-dumps": { taken: [], there: [], bad: [], expiring: [] } };
      const { code, said } = await run(["restore-archive", "ap"], { servers, answers });
      expect([code, said, forgotten()]).toEqual([
        1,
        expect.stringContaining("holds no dump of ap"),
        1,
      ]);
    });

    it.each([["a*"], ["a[b]"], ["a\\b"]])("does not take %s for a pattern", async (name) => {
      expect((await run(["restore-archive", name], fake())).code).toBe(2);
    });
  });
});
