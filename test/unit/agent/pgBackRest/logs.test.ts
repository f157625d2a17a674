import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitingWal } from "../../../../scripts/agent/pgBackRest/look";
import { keepLogs } from "../../../../scripts/agent/pgBackRest/logs";
import { removeOrphans } from "../../../../scripts/agent/pgBackRest/maintenance";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lbt-backup-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text = "x") => writeFileSync(join(folder, name), text);

it("puts logs away once a day, and removes those that are too old", async () => {
  write("main-backup.log", "today");
  write("main-expire.log", "");
  write("main-backup.log.2026-11-20");
  write("main-backup.log.2026-11-21");
  write("notes.txt");
  const now = new Date("2026-11-29T10:00:00Z");
  expect(await keepLogs(folder, 8, now)).toEqual({
    putAway: ["main-backup.log.2026-11-29"],
    removed: ["main-backup.log.2026-11-20"],
  });
  expect(readFileSync(join(folder, "main-backup.log.2026-11-29"), "utf8")).toBe("today");
  write("main-backup.log", "later");
  expect(await keepLogs(folder, 8, now)).toEqual({ putAway: [], removed: [] });
  expect(readdirSync(folder).sort()).toEqual([
    ...["main-backup.log", "main-backup.log.2026-11-21", "main-backup.log.2026-11-29"],
    ...["main-expire.log", "notes.txt"],
  ]);
});

it("has no logs to keep where there is no folder", async () => {
  expect(await keepLogs(join(folder, "none"), 1, new Date())).toEqual({ putAway: [], removed: [] });
});

it("removes what killed commands left in the archive, after a day", async () => {
  const archive = join(folder, "archive/main/17-1/0000000100000000");
  mkdirSync(archive, { recursive: true });
  const file = (name: string, hours: number) => {
    writeFileSync(join(archive, name), "");
    const at = new Date(Date.now() - hours * 3_600_000);
    utimesSync(join(archive, name), at, at);
  };
  file("000000010000000000000001-aa.lz4", 99);
  file("000000010000000000000002-bb.lz4.1.pgbackrest.tmp", 25);
  file("000000010000000000000003-cc.lz4.2.pgbackrest.tmp", 1);
  expect(await removeOrphans(folder, Date.now())).toBe(1);
  expect(readdirSync(archive).sort()).toEqual([
    "000000010000000000000001-aa.lz4",
    "000000010000000000000003-cc.lz4.2.pgbackrest.tmp",
  ]);
  expect(await removeOrphans(join(folder, "none"), Date.now())).toBe(0);
});

it("counts the WAL that waits, and since when", async () => {
  expect(await waitingWal(folder)).toEqual({ segments: 0 });
  write("000000010000000000000001.done");
  write("000000010000000000000002.ready");
  write("000000010000000000000003.ready");
  const at = new Date("2026-11-29T10:00:00Z");
  utimesSync(join(folder, "000000010000000000000002.ready"), at, at);
  expect(await waitingWal(folder)).toEqual({ segments: 2, since: at.toISOString() });
});
