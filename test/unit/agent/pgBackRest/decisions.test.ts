import type { Context } from "../../../../scripts/agent/kit/context";
import { failureOf } from "../../../../scripts/agent/pgBackRest/command";
import { meaningOf } from "../../../../contract/pgBackRestExits";
import { whyHeld } from "../../../../scripts/agent/pgBackRest/expire";
import { summary } from "../../../../scripts/agent/pgBackRest/job";
import { Progress } from "../../../../scripts/agent/pgBackRest/progress";
import * as servers from "../../../../scripts/agent/pgBackRest/servers";
import { repositoriesOf } from "../../../../scripts/agent/pgBackRest/settings";
import { attemptsOf, whyPrimary } from "../../../../scripts/agent/pgBackRest/standbyFirst";

jest.mock("../../../../scripts/agent/pgBackRest/servers", () => ({
  ...jest.requireActual<object>("../../../../scripts/agent/pgBackRest/servers"),
  whyNoServer: jest.fn(),
}));

const contextOf = (major: number, backups: object | undefined) =>
  ({ config: { stack: "dev", major, backups } }) as unknown as Context;
const settings = { stanza: "main", repositories: [{ number: 1 }, { number: 3 }] };

describe("the server that is read", () => {
  it.each([
    [13, "standby", ["n"]],
    [14, "standby", ["n"]],
    [15, "standby", ["y", "n"]],
    [17, "standby", ["prefer", "n"]],
    [17, undefined, ["n"]],
  ])("of PostgreSQL %s with the standby %s: %j", (major, standby, attempts) => {
    expect(attemptsOf(contextOf(major, { ...settings, standby }))).toEqual(attempts);
  });

  it.each([57, 58, 82])("is the primary after exit code %s", async (code) => {
    const why = await whyPrimary(contextOf(17, settings), { code, stdout: "" });
    expect(why).toMatch(new RegExp(`^The standby could not be used .*\\[${code}\\]`));
  });

  it.each([25, 50, 63, 64, 104])("stays the standby after exit code %s", async (code) => {
    expect(await whyPrimary(contextOf(17, settings), { code, stdout: "" })).toBeUndefined();
  });

  it("is the primary after 56 only when the standby is away", async () => {
    const why = jest.mocked(servers.whyNoServer);
    const sentence = "The standby standby does not answer: it is frozen.";
    why.mockResolvedValueOnce({ standbyAway: true, sentence });
    const failed = { code: 56, stdout: "" };
    expect(await whyPrimary(contextOf(15, settings), failed)).toBe(sentence);
    why.mockResolvedValueOnce({ standbyAway: false, sentence });
    expect(await whyPrimary(contextOf(15, settings), failed)).toBeUndefined();
  });
});

describe("no server to use", () => {
  const away = { kind: "away", why: "connect ENOENT." } as const;
  const writes = { kind: "writes" } as const;
  const follows = { kind: "follows" } as const;

  it.each([
    [away, follows, "The primary does not answer: connect ENOENT."],
    [
      follows,
      follows,
      "The primary is in recovery, so no server can be backed up: look at its log.",
    ],
    [writes, away, "The standby standby does not answer: connect ENOENT."],
    [writes, follows, "The servers answer now: try again."],
    [writes, undefined, "The servers answer now: try again."],
  ])("%j %j: %s", (primary, standby, sentence) => {
    expect(servers.sentenceOn(primary, standby, "standby")).toBe(sentence);
  });

  it("is two primaries after a promotion", () => {
    expect(servers.sentenceOn(writes, writes, "standby")).toBe(
      "There is more than one primary: standby was promoted, and nothing is backed up until it follows again. " +
        "`npm run laterbase -- rebuild standby --force` makes it a standby, and loses what was written on it.",
    );
  });
});

describe("exit codes", () => {
  it("become sentences with pgBackRest's own words", () => {
    const error =
      "WAL segment 000000010000000000000003 was not archived before the 60000ms timeout";
    expect(failureOf({ code: 82, stdout: "", error }).message).toBe(
      "WAL did not arrive in the repository in time. `npm run laterbase -- check` says whether WAL arrives. " +
        `pgBackRest says: ${error}. [82]`,
    );
    expect(failureOf({ code: 63, stdout: "" }).message).toBe(
      "It was stopped before it was done. The next backup goes on with what was copied, unless maintenance comes " +
        "first and removes it. [63]",
    );
    expect(failureOf({ code: 111, stdout: "" }).message).toBe("pgBackRest failed. [111]");
    expect(failureOf({ code: 42, stdout: "", error: "a\u001b[31m" }).message).toContain(
      "a\\x1b[31m",
    );
  });

  it("are sentences without a stop, each with what to do where there is something", () => {
    for (let code = 25; code < 126; code++) {
      const { means, next } = meaningOf(code);
      expect(means).toMatch(/^[A-Za-z`].*[^.]$/);
      if (next !== undefined) expect(next).toMatch(/^\S.*[^.]$/);
    }
  });
});

describe("expire", () => {
  const of = (label: string, type: "full" | "incr", pageErrors?: true) => ({
    ...{ label, type },
    ...(pageErrors ? { pageErrors } : {}),
  });

  it("is held while the newest full backup is not good", () => {
    expect(whyHeld([of("1F", "full"), of("2F", "full", true)], [])).toBe(
      "Nothing expires: the newest full backup, 2F, holds pages whose checksum is wrong.",
    );
    expect(whyHeld([of("1F", "full"), of("2F", "full"), of("2F_3I", "incr")], ["2F"])).toBe(
      "Nothing expires: verify found the newest full backup, 2F, damaged.",
    );
  });

  it("goes on when a good one is the newest", () => {
    expect(whyHeld([of("1F", "full", true), of("2F", "full")], ["1F"])).toBeUndefined();
    expect(whyHeld([], ["1F"])).toBeUndefined();
  });
});

describe("repositories", () => {
  it("are all of them, or the one of the number", () => {
    const context = contextOf(17, settings);
    expect(repositoriesOf(context, undefined)).toEqual([{ number: 1 }, { number: 3 }]);
    expect(repositoriesOf(context, 3)).toEqual([{ number: 3 }]);
    expect(() => repositoriesOf(context, 2)).toThrow("There is no repository 2: choose from 1, 3.");
  });

  it("are missed in one sentence", () => {
    expect(() => repositoriesOf(contextOf(17, undefined), 1)).toThrow(
      "This stack makes no backups: set laterbase:backups and bring it up.",
    );
    expect(() => repositoriesOf(contextOf(17, { ...settings, repositories: [] }), 1)).toThrow(
      "Archiving is off: laterbase:backups.repositories names no repository.",
    );
  });
});

it("says how far a backup is, a line for each tenth", () => {
  const said: string[] = [];
  const progress = new Progress((line) => said.push(line));
  const file = (percent: string) =>
    progress.take(`P01 DETAIL: backup file /var/lib/x (bundle 1/2, 8KB, ${percent}%) checksum 5f`);
  for (const percent of ["0.1", "9.99", "10.5", "12", "34.2", "34.3", "99", "100.00"])
    file(percent);
  progress.take("P00   INFO: new backup label = 20261129-101010F");
  expect(said).toEqual(["10 %", "30 %", "90 %"]);
});

it("says which repositories failed", () => {
  const result = (repository: number, result: "success" | "failed", detail: string) => ({
    ...{ repository, result, detail, seconds: 1 },
  });
  const one = result(1, "success", "Fine.");
  const two = result(2, "failed", "It is away.");
  expect(summary([one], [])).toBe("Fine.");
  expect(summary([one, { ...one, repository: 2 }], [])).toBe(
    "Repository 1: Fine. repository 2: Fine.",
  );
  expect(summary([one, two], [two])).toBe("1 of 2 repositories failed; repository 2: It is away.");
});
