import type { RepositorySettings } from "../../../../contract/pgBackRest";
import type { Context } from "../../../../scripts/agent/kit/context";
import * as archive from "../../../../scripts/agent/pgBackRest/archive";
import { checkOne } from "../../../../scripts/agent/pgBackRest/check";
import { findGaps } from "../../../../scripts/agent/pgBackRest/gaps";
import * as info from "../../../../scripts/agent/pgBackRest/info";

jest.mock("node:timers/promises", () => ({ setTimeout: () => Promise.resolve() }));
jest.mock("../../../../scripts/agent/pgBackRest/archive");
jest.mock("../../../../scripts/agent/pgBackRest/info");
jest.mock("../../../../scripts/agent/pgBackRest/vanished", () => ({
  ...jest.requireActual<object>("../../../../scripts/agent/pgBackRest/vanished"),
  vanishedBackups: () => Promise.resolve({ gone: [], dependent: [] }),
}));
jest.mock("../../../../scripts/agent/pgBackRest/arrival", () => ({
  arrivalProblem: () => Promise.resolve(),
}));

const named = (number: number) => `0000000100000000000000${number.toString().padStart(2, "0")}`;
const full = (number: number, endedAt: string): info.Backup => ({
  ...{ label: `${number}F`, type: "full", databaseId: 1, bytes: 1, repositoryBytes: 1 },
  ...{ startedAt: endedAt, endedAt, wal: { start: named(number), stop: named(number) } },
});
const oldest = full(2, "2026-11-01T02:00:00.000Z");
const newest = full(6, "2026-11-02T02:00:00.000Z");
const stanza = (...backups: info.Backup[]): info.StanzaInfo => ({
  ...{ status: 0, message: "ok", versions: ["17"], archiveId: "17-1", newestSegment: named(7) },
  ...{ backups, current: backups },
});
/** The WAL of the oldest backup has expired. */
const left = [6, 7].map(named);

const context = {
  config: { major: 17, backups: { stanza: "main", schedules: {} } },
  paths: { records: "/nowhere" },
} as unknown as Context;
const repository = { number: 1 } as RepositorySettings;
const task = { repository, say: () => undefined, signal: new AbortController().signal };

beforeEach(() => {
  jest.mocked(archive.segmentsIn).mockResolvedValue(left);
  jest.mocked(archive.newestWal).mockResolvedValue(undefined);
  jest.mocked(info.readInfo).mockReset().mockResolvedValue(stanza(newest));
});

it("a backup that expires while a check waits for WAL leaves no gap", async () => {
  jest.mocked(info.readInfo).mockResolvedValueOnce(stanza(oldest, newest));
  const found = await checkOne(context, task);
  expect([found.problems, found.gaps]).toEqual([[], undefined]);
  expect(jest.mocked(archive.newestWal).mock.lastCall?.[2]).toEqual(stanza(newest));
  // Neither was there one to look at again.
  expect(jest.mocked(info.readInfo).mock.calls).toHaveLength(2);
});

it("nor does one that expires between the list of the backups and that of the WAL", async () => {
  expect(await findGaps(context, repository, stanza(oldest, newest))).toEqual([]);
});

it("WAL that a backup lacks which is still there is a gap", async () => {
  jest.mocked(info.readInfo).mockResolvedValue(stanza(oldest, newest));
  expect(await findGaps(context, repository, stanza(oldest, newest))).toEqual([
    { after: named(1), before: named(6), segments: 4 },
  ]);
});
