import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "node:child_process";
import { volumeScript } from "../../../scripts/cli/restore/inPlace/volumeScript";
import { run } from "../../support/process";

let volume = "";
beforeEach(() => (volume = mkdtempSync(join(tmpdir(), "laterbase-volume-"))));
afterEach(() => rmSync(volume, { recursive: true, force: true }));

const tell = (...words: string[]) =>
  run("bash", ["-c", volumeScript, "laterbase", volume, ...words], { seconds: 40 });

async function ok(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await tell(...words);
  expect([code, stderr]).toEqual([0, ""]);
  return stdout;
}

/** A data directory whose files say what it is. */
function data(folder: string, what: string): void {
  for (const one of ["global", "pg_wal/archive_status"]) {
    mkdirSync(join(volume, folder, one), { recursive: true });
  }
  writeFileSync(join(volume, folder, "global/pg_control"), what);
  writeFileSync(join(volume, folder, "pg_hba.conf"), `hba ${what}`);
}

const holds = (folder: string) =>
  existsSync(join(volume, folder))
    ? readFileSync(join(volume, folder, "global/pg_control"), "utf8")
    : undefined;
const journal = () => readFileSync(join(volume, "restore.json"), "utf8").trim();
const names = () =>
  readdirSync(volume)
    .filter((name) => name !== ".lock")
    .toSorted();
const segment = (folder: string, name: string, status?: string) => {
  writeFileSync(join(volume, folder, "pg_wal", name), name);
  if (status) writeFileSync(join(volume, folder, "pg_wal/archive_status", `${name}.${status}`), "");
};

describe("a swap", () => {
  const swap = (spool = "", timeline = "") => ok("swap", "SWAPPING", "REPLAYING", spool, timeline);

  it("gives the restored data the name, and keeps the others with today's pg_hba.conf", async () => {
    data("data", "old");
    data("data.restoring", "new");
    await swap();
    expect([holds("data"), holds("data.before-restore"), journal()]).toEqual([
      ...["new", "old", "REPLAYING"],
    ]);
    expect(readFileSync(join(volume, "data/pg_hba.conf"), "utf8")).toBe("hba old");
    expect(names()).toEqual(["data", "data.before-restore", "restore.json"]);
  });

  it.each<[string, string, string]>([
    ["before the first rename", "data", "data.restoring"],
    ["between the renames", "data.before-restore", "data.restoring"],
    ["after the second rename", "data.before-restore", "data"],
  ])("goes on after a kill %s", async (_, old, restored) => {
    data(old, "old");
    data(restored, "new");
    writeFileSync(join(volume, "restore.json"), "SWAPPING");
    await swap();
    await swap();
    expect([holds("data"), holds("data.before-restore"), journal()]).toEqual([
      ...["new", "old", "REPLAYING"],
    ]);
  });

  it("does without data from before", async () => {
    data("data.restoring", "new");
    await swap();
    expect(names()).toEqual(["data", "restore.json"]);
  });

  it("takes WAL over that is not archived, of the timeline that is followed", async () => {
    data("data", "old");
    data("data.restoring", "new");
    segment("data", "000000010000000000000001", "done");
    segment("data", "000000010000000000000002", "ready");
    segment("data", "000000020000000000000003", "ready");
    await swap("", "00000001");
    expect(readdirSync(join(volume, "data/pg_wal")).toSorted()).toEqual([
      ...["000000010000000000000002", "archive_status"],
    ]);
  });

  it("empties the spool, whose names another timeline has again", async () => {
    data("data.restoring", "new");
    const spool = join(volume, "spool");
    mkdirSync(join(spool, "out"), { recursive: true });
    writeFileSync(join(spool, "out/000000020000000000000003.ok"), "");
    await swap(spool);
    expect(readdirSync(spool)).toEqual([]);
  });

  it("waits for a server that has the volume, and changes nothing then", async () => {
    data("data", "old");
    data("data.restoring", "new");
    const holder = spawn("flock", ["--no-fork", join(volume, ".lock"), "sleep", "60"]);
    for (let i = 0; i < 100 && !existsSync(join(volume, ".lock")); i++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
    const { code, stderr } = await tell("swap", "SWAPPING", "REPLAYING", "", "");
    holder.kill();
    expect([code, stderr.trim()]).toEqual([75, "a server still uses the volume of the data"]);
    expect([holds("data"), existsSync(join(volume, "restore.json"))]).toEqual(["old", false]);
  }, 60_000);
});

describe("an undo", () => {
  const undo = () => ok("put_back", "UNDOING", "TIDYING", "");

  it.each<[string, string | undefined, string]>([
    ["before the first rename", "data", "data.before-restore"],
    ["between the renames", "data.leaving", "data.before-restore"],
    ["after the second rename", "data.leaving", "data"],
    ["without restored data", undefined, "data.before-restore"],
  ])("goes on after a kill %s", async (_, restored, old) => {
    if (restored !== undefined) data(restored, "new");
    data(old, "old");
    await undo();
    await undo();
    expect([holds("data"), journal()]).toEqual(["old", "TIDYING"]);
    expect(names()).toEqual(
      restored === undefined ? ["data", "restore.json"] : ["data", "data.leaving", "restore.json"],
    );
    await ok("clear");
    expect(names()).toEqual(["data"]);
  });
});

it("never lets half-deleted data take the primary's name again", async () => {
  data("data", "new");
  data("data.before-restore", "old");
  await ok("accept", "ACCEPTING");
  expect([holds("data"), names()]).toEqual(["new", ["data", "data.leaving", "restore.json"]]);
  await ok("clear");
  expect(names()).toEqual(["data"]);
});

it("keeps today's pg_hba.conf and WAL once, however often an overwrite begins", async () => {
  data("data", "old");
  segment("data", "000000010000000000000002", "ready");
  const begin = () => ok("overwrite", '{"phase":"overwriting"}', "", "00000001");
  await begin();
  // pgBackRest has put its own there, and the run was killed.
  writeFileSync(join(volume, "data/pg_hba.conf"), "of the backup");
  rmSync(join(volume, "data/pg_wal/000000010000000000000002"));
  await begin();
  await ok("overwritten", "REPLAYING");
  expect(readFileSync(join(volume, "data/pg_hba.conf"), "utf8")).toBe("hba old");
  expect(existsSync(join(volume, "data/pg_wal/000000010000000000000002"))).toBe(true);
});

it("says what is there", async () => {
  data("data", "new");
  segment("data", "000000010000000000000009");
  segment("data", "000000020000000000000003");
  mkdirSync(join(volume, "data.restoring"));
  writeFileSync(join(volume, "data.restoring/PG_VERSION"), "17");
  writeFileSync(join(volume, "restore.json"), '{"phase":"x"}');
  const [first = "", second] = (await ok("look", "sizes")).split("\n");
  expect(JSON.parse(first)).toMatchObject({
    ...{ live: "whole", restoring: "half", before: false, leaving: false, resumable: true },
    ...{ tablespaces: false, timeline: "00000002", timelineBefore: "", clean: false },
    ...{ freeKb: expect.any(Number), liveKb: expect.any(Number), restoringKb: expect.any(Number) },
  });
  expect(second).toBe('{"phase":"x"}');
});
