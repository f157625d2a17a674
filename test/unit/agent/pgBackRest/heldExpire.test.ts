import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RepositoryFindings } from "../../../../contract/backupRecord";
import type { RepositorySettings } from "../../../../contract/pgBackRest";
import type { Context } from "../../../../scripts/agent/kit/context";
import { Failure } from "../../../../scripts/agent/kit/failure";
import * as command from "../../../../scripts/agent/pgBackRest/command";
import { expireIn } from "../../../../scripts/agent/pgBackRest/expire";
import { repositoryFacts } from "../../../../scripts/agent/pgBackRest/restore/gather";
import { noteHold } from "../../../../scripts/agent/pgBackRest/holds";
import { backupJobRun } from "../../../../scripts/agent/pgBackRest/run";
import { verifySeconds } from "../../../../scripts/agent/pgBackRest/verify";

jest.mock("../../../../scripts/agent/pgBackRest/command", () => ({
  ...jest.requireActual<object>("../../../../scripts/agent/pgBackRest/command"),
  pgBackRest: jest.fn(),
}));

const nobody = () => undefined;
const never = new AbortController().signal;
const repository = { number: 1, type: "s3", encrypted: false, location: "" } as RepositorySettings;
const newest = { "2.33": "20261129-103458F", "2.55": "20261129-102703F" };
let records: string;

beforeEach(() => {
  records = mkdtempSync(join(tmpdir(), "lbt-held-"));
});
afterEach(() => rmSync(records, { recursive: true }));

const contextOf = (major: number) =>
  ({
    config: { stack: "dev", major, backups: { stanza: "main", repositories: [repository] } },
    paths: { records },
    log: nobody,
  }) as unknown as Context;

/** What pgBackRest says: what was recorded, or what stands in for it. Returns the commands that it ran. */
function pgBackRestSays(
  release: keyof typeof newest,
  instead: Record<string, string | undefined> = {},
) {
  const ran: string[] = [];
  const recorded = (name: string) =>
    readFileSync(join(__dirname, "recorded", release, name), "utf8");
  const files: Record<string, string> = {
    info: "info.json",
    "repo-ls": "repo-ls.json",
    verify: "verify-good.txt",
    "repo-get": "manifest.txt",
  };
  jest.mocked(command.pgBackRest).mockImplementation((_context, [name = "", ...words], options) => {
    ran.push(name);
    const isFolder = words.at(-1) === "backup/main";
    const file = isFolder
      ? foldersOf(recorded("info.json"), instead["gone"])
      : (instead[name] ?? files[name]);
    if (file === "away") return Promise.reject(new Failure("It is away."));
    const stdout = file === undefined ? "" : file.includes("\n") ? file : recorded(file);
    for (const line of stdout.split("\n")) options?.onLine?.(line);
    return Promise.resolve({ code: 0, stdout });
  });
  return ran;
}

/** What `repo-ls` says of the folder of the backups. */
function foldersOf(info: string, gone: string | undefined): string {
  const [stanza] = JSON.parse(info) as { backup: { label: string }[] }[];
  const labels = (stanza?.backup ?? []).map(({ label }) => label).filter((label) => label !== gone);
  const names = [".", "backup.history", ...labels];
  const folders = Object.fromEntries(names.map((name) => [name, { type: "path" }]));
  return `${JSON.stringify(folders)}\n`;
}

/** A verify, and what its record says of the repository. */
async function verify(major: number): Promise<RepositoryFindings | undefined> {
  const args = { job: "verify", trigger: "schedule" };
  const record = await backupJobRun(args, contextOf(major), nobody, never);
  return (record as { repositories: RepositoryFindings[] }).repositories[0];
}

const expire = (major: number) =>
  expireIn(contextOf(major), repository, { say: nobody, signal: never });

describe("the hold of verify", () => {
  const held = {
    labels: [],
    remarks: [`Nothing expires: verify found the newest full backup, ${newest["2.55"]}, damaged.`],
  };

  it("stays when a later verify cannot look", async () => {
    pgBackRestSays("2.55", { verify: "verify-damaged.txt" });
    expect((await verify(17))?.invalidBackups).toContain(newest["2.55"]);
    expect(await expire(17)).toEqual(held);
    for (const instead of [{ verify: "away" }, { info: "away" }, { verify: "status: error\n" }]) {
      pgBackRestSays("2.55", instead);
      const found = await verify(17);
      expect([found?.result, found?.invalidBackups]).toEqual(["failed", undefined]);
    }
    const ran = pgBackRestSays("2.55");
    expect(await expire(17)).toEqual(held);
    expect(ran).not.toContain("expire");
    // A restore plans by the same rule.
    const { invalid } = await repositoryFacts(contextOf(17), repository);
    expect(invalid).toContain(newest["2.55"]);
  });

  it("ends when a later verify finds the backups good", async () => {
    pgBackRestSays("2.55", { verify: "verify-damaged.txt" });
    await verify(17);
    const ran = pgBackRestSays("2.55");
    const found = await verify(17);
    expect([found?.result, found?.invalidBackups]).toEqual(["success", []]);
    expect(await expire(17)).toEqual({ labels: [], remarks: [] });
    expect(ran).toContain("expire");
  });
});

it("removes nothing by a clock that may have leapt ahead", async () => {
  const ran = pgBackRestSays("2.55");
  const context = contextOf(17);
  const hourly = { text: "30 * * * *", fields: ["30", "*", "*", "*", "*"] };
  Object.assign(context.config, { timeZone: "Etc/UTC" });
  Object.assign(context.config.backups!, { schedules: { check: hourly } });
  const run = JSON.stringify({ endedAt: "2020-01-01T00:00:00.000Z" });
  writeFileSync(join(records, "check-backups.log.jsonl"), `${run}\n`);
  const { remarks } = await expireIn(context, repository, { say: nobody, signal: never });
  expect(remarks).toEqual([expect.stringMatching(/^Nothing expires today: no job ran for /)]);
  expect(ran).not.toContain("expire");
});

it("removes nothing while a restore is at work, and then as ever", async () => {
  const ran = pgBackRestSays("2.55");
  const id = "0123456789abcdef";
  await noteHold(contextOf(17), { id, seconds: 180 });
  const remarks = ["Nothing expires while a restore is at work."];
  expect(await expire(17)).toEqual({ labels: [], remarks });
  expect(ran).not.toContain("expire");
  await noteHold(contextOf(17), { id, seconds: 0 });
  expect(await expire(17)).toEqual({ labels: [], remarks: [] });
  expect(ran).toContain("expire");
});

it("keeps the last good full backup where only the manifest says that the newest one is not", async () => {
  const file = join(__dirname, "recorded", "2.33", "manifest.txt");
  const wrong = readFileSync(file, "utf8").replace(
    '"checksum-page":true',
    '"checksum-page":false,"checksum-page-error":[3,7]',
  );
  const ran = pgBackRestSays("2.33", { "repo-get": wrong });
  const held = `Nothing expires: the newest full backup, ${newest["2.33"]}, holds pages whose checksum is wrong.`;
  expect(await expire(13)).toEqual({ labels: [], remarks: [held] });
  expect(ran).not.toContain("expire");
  pgBackRestSays("2.33", { "repo-get": "away" });
  await expect(expire(13)).rejects.toThrow("It is away.");
  const good = pgBackRestSays("2.33");
  expect(await expire(13)).toEqual({ labels: [], remarks: [] });
  expect(good).toContain("expire");
});

it("removes nothing where the files of a listed backup are gone, which verify says", async () => {
  for (const [major, release] of [
    [13, "2.33"],
    [17, "2.55"],
  ] as const) {
    const gone = newest[release];
    const ran = pgBackRestSays(release, { gone });
    const { remarks } = await expire(major);
    expect(remarks).toEqual([expect.stringMatching(/^Nothing expires until the next backup, /)]);
    expect(ran).not.toContain("expire");
    const found = await verify(major);
    expect(found?.result).toBe("failed");
    expect(found?.detail).toContain(
      `The files of the backup ${gone} are gone from the repository, and nothing expired it.`,
    );
    expect(found?.detail).toContain(`such files, and cannot be restored: ${gone}_`);
  }
});

it("gives a verify the time that its repository needs", async () => {
  pgBackRestSays("2.55");
  await verify(17);
  const call = jest
    .mocked(command.pgBackRest)
    .mock.calls.findLast(([, [name]]) => name === "verify");
  expect(call?.[2]?.seconds).toBeGreaterThan(72 * 3600);
  const bytes = (repositoryBytes: number) => ({ repositoryBytes });
  expect(verifySeconds([])).toBe(72 * 3600);
  // At 2 MB/s, and no more than a timer of Node can wait.
  expect(verifySeconds([bytes(6e11), bytes(4e11)])).toBe(72 * 3600 + 500_000);
  expect(verifySeconds([bytes(1e13)]) * 1000).toBeLessThan(2 ** 31);
});

it("hears an expire, so that a long one is not ended", async () => {
  const ran = pgBackRestSays("2.55");
  expect(await expire(17)).toEqual({ labels: [], remarks: [] });
  expect(ran).toContain("expire");
  const { calls } = jest.mocked(command.pgBackRest).mock;
  expect(calls.findLast(([, [name]]) => name === "expire")?.[2]?.onLine).toBeInstanceOf(Function);
});
