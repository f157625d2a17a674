import promises from "node:fs/promises";
import type { ClientBase } from "pg";
import type { Manifest } from "../../../contract/manifest";
import { checkRoom, estimate, roomProblem } from "../../../scripts/agent/dump/room";
import type { FinishedDump } from "../../../scripts/agent/dump/finished";
import type { Context } from "../../../scripts/agent/kit/context";

const GB = 1e9;
const file = (kind: string, bytes: number) => ({ kind, name: kind, bytes, sha256: "" });
const last = (files: object[], databaseBytes?: number) =>
  ({
    manifest: { files, ...(databaseBytes ? { databaseBytes } : {}) } as Manifest,
  }) as FinishedDump;

describe("how much a dump takes", () => {
  it("is a third of the database's size where there is none yet, and twice that with plain", () => {
    expect(estimate(undefined, 3 * GB, false)).toEqual({
      needed: GB,
      because: "it is the first one, and the database has 3.0 GB",
    });
    expect(estimate(undefined, 3 * GB, true).needed).toBe(2 * GB);
  });

  it("is what the last one took, as much more as the database has grown", () => {
    const files = [file("dump", GB), file("globals", 1000)];
    expect(estimate(last(files), 9 * GB, false).needed).toBe(GB + 1000);
    expect(estimate(last(files, 4 * GB), 8 * GB, false)).toEqual({
      needed: 2 * GB + 2000,
      because: "the last one took 1.0 GB",
    });
  });

  it("is a third of the size where the last one was of an almost empty database", () => {
    const empty = last([file("dump", 3000)], 8e6);
    expect(estimate(empty, 60 * GB, false)).toEqual({
      needed: 20 * GB,
      because: "the database had 8.0 MB at the last one, and has 60.0 GB now",
    });
    expect(estimate(empty, 60 * GB, true).needed).toBe(40 * GB);
    expect(estimate(last([file("dump", 30e6)], 60e6), 120e6, false).needed).toBe(60e6);
  });

  it("counts the plain file only where one is written", () => {
    const files = [file("dump", GB), file("plain", 2 * GB)];
    expect(estimate(last(files), GB, true).needed).toBe(3 * GB);
    expect(estimate(last(files), GB, false).needed).toBe(GB);
    expect(estimate(last([file("dump", GB)]), GB, true).needed).toBe(2 * GB);
  });
});

describe("a dump that would leave too little", () => {
  const room = {
    total: 100 * GB,
    free: 12 * GB,
    needed: 3 * GB,
    because: "the last one took 3.0 GB",
  };
  const share = { text: "10%", percent: 10 };
  const problem = (change: object, least: Parameters<typeof roomProblem>[3] = share) =>
    roomProblem("app", "in the volume of the dumps", { ...room, ...change }, least);

  it("is refused with the figures and the key", () => {
    expect(problem({})).toBe(
      'A dump of "app" takes about 3.0 GB (the last one took 3.0 GB), and would leave 9.0 GB of 100 GB free ' +
        "in the volume of the dumps; laterbase:dumps.minFree is 10%, which is 10.0 GB. Make room there, or lower minFree.",
    );
    expect(problem({ free: 2 * GB })).toContain("and there are only 2.0 GB of 100 GB free");
    expect(problem({ free: 20 * GB }, { text: "20GB", bytes: 20 * GB })).toContain(
      "laterbase:dumps.minFree is 20GB. Make",
    );
  });

  it("is made where enough is left, to the byte", () => {
    expect(problem({ free: 13 * GB })).toBeUndefined();
    expect(problem({ free: 13 * GB - 1 })).toContain("would leave 10.0 GB");
    expect(problem({}, { text: "0%", percent: 0 })).toBeUndefined();
    expect(problem({}, { text: "9GB", bytes: 9 * GB })).toBeUndefined();
  });
});

describe("the look before a dump", () => {
  afterEach(() => jest.restoreAllMocks());
  const query = () => Promise.resolve({ rows: [{ bytes: "3000000000" }] });
  const look = (dumps: object, figures: object) => {
    jest.spyOn(promises, "statfs").mockResolvedValue(figures as never);
    const context = { config: { dumps }, paths: { backups: "/backups" } } as unknown as Context;
    return checkRoom(context, { query } as unknown as ClientBase, "app", undefined);
  };
  // Root has 1e5 blocks for itself.
  const full = { blocks: 1.1e6, bfree: 3e5, bavail: 2e5, bsize: 4096 };

  it("is at the folder of the dumps, and names it", async () => {
    await expect(
      look({ path: "/srv/dumps", minFree: { text: "10%", percent: 10 } }, full),
    ).rejects.toThrow(
      /there are only 819 MB of 4.1 GB free in laterbase:dumps.path, "\/srv\/dumps"/,
    );
    expect(promises.statfs).toHaveBeenCalledWith("/backups");
  });

  it("refuses nothing without figures or without minFree, and always knows the database's size", async () => {
    const least = { text: "10%", percent: 10 };
    expect(await look({ minFree: least }, { ...full, blocks: 0 })).toBe(3 * GB);
    expect(await look({}, full)).toBe(3 * GB);
  });
});
