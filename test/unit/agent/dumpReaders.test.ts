import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../../../scripts/agent/kit/context";
import { beingRead, forgetReaders, whileReading } from "../../../scripts/agent/dump/reading";
import { retain } from "../../../scripts/agent/dump/retention";
import * as dumps from "../../../scripts/agent/dump/finished";
import type { FinishedDump } from "../../../scripts/agent/dump/finished";
import * as findDump from "../../../scripts/agent/restore/findDump";
import * as received from "../../../scripts/agent/restore/received";
import { verifyDump } from "../../../scripts/agent/restore/verify";
import { daily } from "../../support/schedules";
import * as folders from "../../../scripts/agent/dump/folders";

jest.mock("../../../scripts/agent/dump/finished", () => ({
  ...jest.requireActual<typeof dumps>("../../../scripts/agent/dump/finished"),
  finishedDumps: jest.fn(),
}));
jest.mock("../../../scripts/agent/dump/folders");
jest.mock("../../../scripts/agent/restore/findDump");
jest.mock("../../../scripts/agent/restore/received");

const run = mkdtempSync(join(tmpdir(), "laterbase-reading-"));
const context = {
  paths: { run, records: run },
  config: { timeZone: "Etc/UTC", dumps: { schedule: daily, retentionDays: 1, retentionCount: 1 } },
} as unknown as Context;

afterEach(() => forgetReaders(context));
afterAll(() => rmSync(run, { recursive: true }));

const read = async (...ids: string[]) => {
  const is = await beingRead(context);
  return ids.filter((id) => is(id));
};

it("names what is read, while it is read", async () => {
  await whileReading(context, "app/1", async () => {
    expect(await read("app/1", "app/2")).toEqual(["app/1"]);
    await whileReading(context, undefined, async () => {
      expect(await read("app/1", "app/2")).toEqual(["app/1", "app/2"]);
    });
  });
  expect(await read("app/1", "app/2")).toEqual([]);
});

it("takes no note of a reader that failed, or that is gone", async () => {
  const failing = whileReading(context, "app/1", () => Promise.reject(new Error("no")));
  await expect(failing).rejects.toThrow("no");
  const { pid } = spawnSync("true");
  mkdirSync(join(run, "reading"), { recursive: true });
  writeFileSync(join(run, "reading", `${pid}.dead`), "app/1");
  expect(await read("app/1")).toEqual([]);
});

it("keeps retention from an expired dump until its reader is done", async () => {
  const ago = (days: number) => new Date(Date.now() - days * 24 * 3600_000).toISOString();
  const there = [1, 2, 3].map((day) => ({
    id: `app/${day}`,
    manifest: { takenAt: ago(4 - day) },
  })) as FinishedDump[];
  jest.mocked(dumps.finishedDumps).mockResolvedValue(there);
  const kept = await whileReading(context, "app/1", () => retain(context, "app"));
  expect(kept).toEqual({ removed: ["app/2"] });
  expect((await retain(context, "app")).removed.sort()).toEqual(["app/1", "app/2"]);
  expect(jest.mocked(folders.removeDump)).toHaveBeenCalledTimes(3);
});

it("names the dump that is verified: without its files it would be called damaged", async () => {
  const dump = { id: "app/1", folder: run, manifest: { files: [] }, archive: { name: "a" } };
  jest.mocked(received.dumpFor).mockResolvedValue(dump as unknown as findDump.FoundDump);
  jest.mocked(findDump.checkFiles).mockImplementation(async () => {
    expect(await read("app/1", "app/2")).toEqual(["app/1"]);
    throw new Error("read");
  });
  const { signal } = new AbortController();
  const verified = verifyDump({ dump: "app/1" }, context, () => undefined, signal);
  await expect(verified).rejects.toThrow("read");
  expect(await read("app/1")).toEqual([]);
});
