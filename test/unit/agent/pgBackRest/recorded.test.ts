import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseListing, segmentOf } from "../../../../scripts/agent/pgBackRest/archive";
import { parseInfo } from "../../../../scripts/agent/pgBackRest/info";
import { manifestIn } from "../../../../scripts/agent/pgBackRest/manifest";
import { Progress } from "../../../../scripts/agent/pgBackRest/progress";
import { gapsOf } from "../../../../scripts/agent/pgBackRest/segments";
import { readVerifyLog, readVerifyReport } from "../../../../scripts/agent/pgBackRest/verifyText";

// What pgBackRest itself printed, in the images of PostgreSQL 13, 15 and 17.
const folder = join(__dirname, "recorded");
const releases = readdirSync(folder);

describe.each(releases)("pgBackRest %s", (release) => {
  const text = (name: string) => readFileSync(join(folder, release, name), "utf8");
  const { archiveId, backups, current, ...info } = parseInfo(text("info.json"));

  it("lists its backups", () => {
    const types = backups.map(({ type }) => type);
    expect(types).toEqual(release === "2.33" ? ["full", "incr"] : ["full", "incr", "diff"]);
    const [full, incr] = backups;
    expect(full).toEqual({
      label: expect.stringMatching(/^20261129-\d{6}F$/),
      type: "full",
      databaseId: 1,
      startedAt: expect.stringMatching(/^2026-11-29T10:[23]\d:\d\d\.000Z$/),
      endedAt: expect.stringMatching(/^2026-11-29T10:[23]\d:\d\d\.000Z$/),
      bytes: expect.any(Number),
      repositoryBytes: expect.any(Number),
      wal: { start: "000000010000000000000002", stop: "000000010000000000000002" },
      ...(release === "2.33"
        ? {}
        : { lsn: { start: "0/2000028", stop: expect.stringMatching(/^0\/20001[02]0$/) } }),
    });
    expect(current).toEqual(backups);
    expect(full!.bytes).toBeGreaterThan(20_000_000);
    expect(full!.repositoryBytes).toBeLessThan(5_000_000);
    expect([incr?.prior, incr?.label]).toEqual([full?.label, expect.stringMatching(/I$/)]);
    expect([info.status, archiveId]).toEqual([0, expect.stringMatching(/^1[357]-1$/)]);
  });

  it("says what a repository without the stanza, and one without backups, is", () => {
    expect(parseInfo(text("info-missing.json"))).toEqual({
      ...{ status: 1, message: "missing stanza path", versions: [], backups: [], current: [] },
    });
    const empty = parseInfo(text("info-empty.json"));
    expect([empty.status, empty.backups, empty.versions]).toEqual([
      ...[2, [], [archiveId?.split("-")[0]]],
    ]);
  });

  it("says what a repository that cannot be read is", () => {
    if (!existsSync(join(folder, release, "info-dead.json"))) return;
    const { status, message } = parseInfo(text("info-dead.json"));
    expect([status, message]).toEqual([99, expect.stringContaining("Permission denied")]);
  });

  it("lists the archive", () => {
    const files = parseListing(text("repo-ls.json"));
    const segments = files.flatMap(({ path }) => segmentOf(path) ?? []);
    expect(segments.length).toBeGreaterThan(5);
    expect(files.length).toBeGreaterThan(segments.length);
    expect(segments[0]).toBe("000000010000000000000001");
    expect(files[0]?.at).toMatch(/^2026-11-29T10:[23]\d:\d\d/);
    expect(gapsOf(segments)).toEqual([]);
    expect(gapsOf(segments.filter((one) => !one.endsWith("3")))).toEqual([
      {
        ...{ after: "000000010000000000000002", before: "000000010000000000000004" },
        segments: 1,
      },
    ]);
  });

  it("verifies", () => {
    const read = release === "2.33" ? readVerifyLog : readVerifyReport;
    expect(read(text("verify-good.txt"))).toEqual({ ok: true, invalidBackups: [], problems: [] });
    const damaged = read(text("verify-damaged.txt"));
    expect([damaged.ok, damaged.invalidBackups]).toEqual([false, backups.map((one) => one.label)]);
    expect(damaged.problems).toContain(`backup ${backups[0]?.label} is invalid`);
    const what = release === "2.33" ? "other" : "checksum invalid";
    expect(damaged.problems).toContain(`backup ${backups[0]?.label}: ${what}: 1`);
    expect(damaged.problems).toContain(`WAL of ${archiveId}: other: 1`);
    expect(read("").ok).toBe(false);
    expect(read("stanza: main\nstatus: okay\n").ok).toBe(false);
  });

  it("says in its manifest which server it copied, and whether its pages are good", () => {
    const manifest = text("manifest.txt");
    expect(manifestIn(manifest)).toEqual({ source: "primary", pageErrors: false });
    const standby = manifest.replace("option-backup-standby=false", "option-backup-standby=true");
    expect(manifestIn(standby)).toEqual({ source: "standby", pageErrors: false });
    const wrong = manifest.replace(
      '"checksum-page":true',
      '"checksum-page":false,"checksum-page-error":[3,7]',
    );
    expect(manifestIn(wrong)).toEqual({ source: "primary", pageErrors: true });
  });

  it("shows how far it is", () => {
    const said: string[] = [];
    const progress = new Progress((line) => said.push(line));
    for (const line of text("backup.txt").split("\n")) progress.take(line);
    expect(said.length).toBeGreaterThan(0);
    expect(said.at(-1)).toMatch(/^[1-9]0 %$/);
  });
});
