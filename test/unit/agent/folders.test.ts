import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import promises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../../scripts/agent/kit/context";
import { finishedDumps, listDumps } from "../../../scripts/agent/dump/finished";
import {
  folderName,
  groupMistake,
  newPartial,
  removeDump,
  stamp,
  takeBackups,
} from "../../../scripts/agent/dump/folders";
import { agentFiles } from "../../../contract/agentPaths";
import { checkSigned, findDump } from "../../../scripts/agent/restore/findDump";
import { publish } from "../../../scripts/agent/dump/publish";
import { readRecord, writeRecord } from "../../../scripts/agent/kit/records";
import type { JobRecord } from "../../../contract/jobRecord";
import type { Manifest } from "../../../contract/manifest";
import { wholeManifest } from "../../support/unit/wholeManifest";

const sha256 = "ab".repeat(32);
let root: string;
let context: Context;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "lbt-folders-"));
  const paths = { backups: root, records: join(root, ".records"), etc: root, run: root };
  context = { config: { stack: "dev" }, paths, log: () => undefined } as unknown as Context;
});
afterEach(() => rmSync(root, { recursive: true }));

const manifest = (name: string, takenAt: string): Manifest => ({
  ...wholeManifest,
  takenAt,
  database: { ...wholeManifest.database, name },
  files: [{ kind: "dump", name: "x.backup", bytes: 3, sha256 }],
});

async function make(name: string, takenAt: string): Promise<string> {
  const partial = await newPartial(context, "x");
  writeFileSync(join(partial, "x.backup"), "abc");
  return publish(context, partial, manifest(name, takenAt));
}

test.each([
  ['My Library "2024" é', 'My Library "2024" é'],
  ["a/b", "a%2Fb"],
  ["..", "%2E."],
  [".hidden", "%2Ehidden"],
  ["a.b", "a.b"],
  ["50%\\", "50%25%5C"],
  ["a\nb\x7f", "a%0Ab%7F"],
])("the folder of database %j", (name, folder) => {
  expect(folderName(name)).toBe(folder);
});

test("stamps sort as moments do", () => {
  expect(stamp(new Date("2026-11-21T03:00:00.123Z"))).toBe("20261121T030000Z");
});

test("what a crash left is removed, finished dumps stay", async () => {
  await takeBackups(context);
  const id = await make("app", "2026-11-21T03:00:00.000Z");
  mkdirSync(join(root, ".partial/app-1"));
  writeFileSync(join(root, ".partial/app-1/app.backup"), "half");
  expect(await takeBackups(context)).toBe(1);
  expect(readdirSync(join(root, ".partial"))).toEqual([]);
  expect(existsSync(join(root, id, "manifest.json"))).toBe(true);
});

test("another stack's folder is refused, and nothing in it touched", async () => {
  await takeBackups(context);
  mkdirSync(join(root, ".partial/app-1"));
  const other = { ...context, config: { ...context.config, stack: "prod" } };
  await expect(takeBackups(other)).rejects.toThrow(
    "The folder of the dumps belongs to the stack dev: give prod another laterbase:dumps.path, or remove .stack from it.",
  );
  expect(readdirSync(join(root, ".partial"))).toEqual(["app-1"]);
});

test("two dumps of one second get names of their own, and both are listed, the newest first", async () => {
  await takeBackups(context);
  const first = await make("app", "2026-11-21T03:00:00.100Z");
  const second = await make("app", "2026-11-21T03:00:00.200Z");
  const other = await make("a/b", "2026-11-21T02:00:00.000Z");
  expect([first, second, other]).toEqual([
    "app/20261121T030000Z",
    "app/20261121T030000Z-2",
    "a%2Fb/20261121T020000Z",
  ]);
  expect((await finishedDumps(context)).map(({ id }) => id)).toEqual([second, first, other]);
  expect(readFileSync(join(root, first, "SHA256SUMS"), "utf8")).toBe(`${sha256}  x.backup\n`);
  const listed = await listDumps(context, "a/b");
  expect(listed).toEqual([
    {
      id: other,
      database: "a/b",
      takenAt: "2026-11-21T02:00:00.000Z",
      bytes: 3,
      source: "standby",
      major: 17,
      signature: "unknown",
      leftOut: 1,
      omissions: wholeManifest.leftOut,
    },
  ]);
});

test("a folder without a manifest is not listed", async () => {
  mkdirSync(join(root, "app/20261121T030000Z"), { recursive: true });
  mkdirSync(join(root, "lost+found"));
  expect(await finishedDumps(context)).toEqual([]);
});

test("a wrong manifest is named with its key, and the other dumps are still listed", async () => {
  await takeBackups(context);
  const good = await make("app", "2026-11-21T03:00:00.000Z");
  const bad = await make("app", "2026-11-21T04:00:00.000Z");
  const broken = await make("other", "2026-11-21T05:00:00.000Z");
  const file = join(root, bad, "manifest.json");
  const content = readFileSync(file, "utf8");
  writeFileSync(file, content.replace('"name": "x.backup"', '"name": "../../etc/passwd"'));
  writeFileSync(join(root, broken, "manifest.json"), "nothing\n");
  const said: string[] = [];
  const listed = await listDumps(context, undefined, (sentence) => said.push(sentence));
  expect(listed.map(({ id }) => id)).toEqual([good]);
  expect(said.sort()).toEqual([
    "app/20261121T040000Z is not used as a dump: in its manifest.json, files[0].name must be the name of a file in the dump's own folder.",
    "other/20261121T050000Z is not used as a dump: in its manifest.json, it is not JSON.",
  ]);
  await expect(findDump(context, bad)).rejects.toThrow(said[0]);
  expect((await findDump(context, "app")).id).toBe(good);
});

test("a signed dump is ours, a changed one is refused, and another key's is of unknown origin", async () => {
  await takeBackups(context);
  const unsigned = await make("app", "2026-11-21T02:00:00.000Z");
  const key = join(root, agentFiles.manifestKey);
  writeFileSync(key, "key of the stack");
  const id = await make("app", "2026-11-21T03:00:00.000Z");
  const signatures = async () =>
    Object.fromEntries((await listDumps(context)).map((dump) => [dump.id, dump.signature]));
  expect(await signatures()).toEqual({ [id]: "ours", [unsigned]: "unknown" });

  const found = await findDump(context, unsigned);
  expect(() => checkSigned(found, true)).not.toThrow();
  expect(() => checkSigned(found, false)).toThrow(
    `This stack did not sign ${unsigned}: a version without signatures wrote it, another stack, or somebody with access to the folder. If you know where it is from, restore it with --yes.`,
  );

  const file = join(root, id, "manifest.json");
  const content = readFileSync(file, "utf8");
  writeFileSync(file, content.replace('"connectionLimit": -1', '"connectionLimit": 5'));
  expect(await signatures()).toEqual({ [id]: "changed", [unsigned]: "unknown" });
  await expect(findDump(context, id)).rejects.toThrow(
    `The manifest of ${id} was changed after this stack signed it: the dump is neither verified nor restored. Take another dump.`,
  );

  writeFileSync(file, content);
  writeFileSync(key, "key of another stack");
  expect(await signatures()).toEqual({ [id]: "unknown", [unsigned]: "unknown" });
});

test("a removed dump leaves no trace", async () => {
  await takeBackups(context);
  const id = await make("app", "2026-11-21T03:00:00.000Z");
  await removeDump(context, id);
  expect(await finishedDumps(context)).toEqual([]);
  expect(readdirSync(join(root, ".partial"))).toEqual([]);
});

test("records: the last run, the last good one, and the last five hundred", async () => {
  const record = (result: JobRecord["result"], detail: string): JobRecord => ({
    job: "dump",
    trigger: "schedule",
    startedAt: "2026-11-21T03:00:00Z",
    endedAt: "2026-11-21T03:00:01Z",
    result,
    detail,
  });
  expect(await readRecord(context, "dump")).toBeUndefined();
  await writeRecord(context, record("success", "good"));
  await writeRecord(context, record("failed", "bad"));
  await writeRecord(context, record("skipped", "overlap"));
  expect((await readRecord(context, "dump"))?.detail).toBe("bad");
  expect((await readRecord(context, "dump", "success"))?.detail).toBe("good");
  const log = () => readFileSync(join(root, ".records/dump.log.jsonl"), "utf8").trim().split("\n");
  expect(log().map((line) => JSON.parse(line).detail)).toEqual(["good", "bad", "overlap"]);
  const many = log().concat(
    Array.from({ length: 600 }, () => JSON.stringify(record("failed", "x"))),
  );
  writeFileSync(join(root, ".records/dump.log.jsonl"), `${many.join("\n")}\n`);
  await writeRecord(context, record("success", "last"));
  expect(log()).toHaveLength(500);
  expect(JSON.parse(log().at(-1) ?? "").detail).toBe("last");
});

test("a run of one database or repository hides no failure of another one", async () => {
  const ran = (parts: Record<string, "success" | "failed">, partial = false): JobRecord => ({
    ...{ job: "dump", trigger: "operator", detail: Object.keys(parts).join(" ") },
    ...{ startedAt: "2026-11-21T03:00:00Z", endedAt: "2026-11-21T03:00:01Z" },
    result: Object.values(parts).includes("failed") ? "failed" : "success",
    ...(partial ? { partial } : {}),
    databases: Object.entries(parts).map(([database, result]) => ({
      ...{ database, result, detail: "", seconds: 1 },
    })),
  });
  const last = async () => (await readRecord(context, "dump"))?.detail;
  await writeRecord(context, ran({ a: "success", b: "failed" }));
  await writeRecord(context, ran({ a: "success" }, true));
  expect(await last()).toBe("a b");
  expect((await readRecord(context, "dump", "success"))?.detail).toBe("a");
  await writeRecord(context, ran({ b: "success" }, true));
  expect(await last()).toBe("b");
  // Of all of them: the other one is not there any more.
  await writeRecord(context, ran({ a: "success", b: "failed" }));
  await writeRecord(context, ran({ a: "success" }));
  expect(await last()).toBe("a");
  const checked = (repository: number, result: "success" | "failed"): JobRecord => ({
    ...{ job: "check-backups", trigger: "operator", result, detail: `${repository}` },
    ...{ startedAt: "2026-11-21T03:00:00Z", endedAt: "2026-11-21T03:00:01Z", partial: true },
    repositories: [{ repository, result, detail: `It ${result}.`, seconds: 1 }],
  });
  await writeRecord(context, checked(2, "failed"));
  await writeRecord(context, checked(1, "success"));
  expect((await readRecord(context, "check-backups"))?.detail).toBe("Repository 2: It failed.");
});

describe("the group of the dumps' folder", () => {
  afterEach(() => jest.restoreAllMocks());

  it("can be kept here, and the check leaves nothing behind", async () => {
    await takeBackups(context);
    expect(await groupMistake(context)).toBeUndefined();
    expect(readdirSync(join(root, ".partial"))).toEqual([]);
  });

  it.each([
    ["every file has the same mode, as on a share", { mode: 0o100777, gid: 7 }],
    ["every file has the same group", { mode: 0o100640, gid: 100 }],
  ])("cannot be kept where %s", async (_what, file) => {
    await takeBackups(context);
    jest
      .spyOn(promises, "stat")
      .mockImplementation((path) =>
        Promise.resolve((path === root ? { mode: 0o40777, gid: 7 } : file) as never),
      );
    expect(await groupMistake(context)).toBe(
      "The folder of the dumps keeps no group and no mode, so Duplicati may not read the dumps: give laterbase:dumps.path a folder on a file system of Linux.",
    );
  });

  it("cannot be kept where a mode cannot be changed, as on exFAT", async () => {
    await takeBackups(context);
    jest
      .spyOn(promises, "chmod")
      .mockRejectedValue(Object.assign(new Error("no"), { code: "EPERM" }));
    expect(await groupMistake(context)).toContain("keeps no group");
  });
});
