import type { Context } from "../../../../scripts/agent/kit/context";
import { emptyVolume } from "../../../../scripts/agent/pgBackRest/drill/cleanUp";
import { restoreNewest } from "../../../../scripts/agent/pgBackRest/drill/restoreSet";
import { readInfo } from "../../../../scripts/agent/pgBackRest/info";
import { stackFacts } from "../../../../scripts/agent/pgBackRest/restore/gather";
import { askServer } from "../../../../scripts/agent/pgBackRest/servers";

jest.mock("../../../../scripts/agent/pgBackRest/drill/cleanUp");
jest.mock("../../../../scripts/agent/pgBackRest/info");
jest.mock("../../../../scripts/agent/pgBackRest/servers");
jest.mock("../../../../scripts/agent/pgBackRest/drill/room", () => ({
  ...jest.requireActual<object>("../../../../scripts/agent/pgBackRest/drill/room"),
  freeRoom: () => Promise.resolve({ free: 0, size: 0 }),
}));

const context = {
  config: { major: 17, timeZone: "Etc/UTC" },
  paths: { records: "/nowhere" },
} as unknown as Context;

/** The primary says this of max_wal_size. Undefined: it does not answer. */
const primarySays = (size: string | undefined) =>
  jest
    .mocked(askServer)
    .mockImplementation(() =>
      size === undefined
        ? Promise.reject(new Error("away"))
        : Promise.resolve({ size, timeline: "00000003" }),
    );

it("a plan has the primary's limit of WAL, where it answers", async () => {
  primarySays("1GB");
  expect(await stackFacts(context)).toMatchObject({ timeline: 3, maxWal: 1024 });
  primarySays(undefined);
  expect(Object.keys(await stackFacts(context))).toEqual(["major", "timeZone", "now", "runs"]);
});

it.each([
  ["1GB", "2.4 GB"],
  ["10GB", "13.1 GB"],
  [undefined, "6.0 GB"],
])("a drill counts the WAL that a primary with %j leaves", async (size, needed) => {
  primarySays(size);
  const start = "000000010000000000000001";
  const set = { bytes: 1_000_000_000, wal: { start, stop: start } };
  jest.mocked(emptyVolume).mockResolvedValue(undefined);
  jest
    .mocked(readInfo)
    .mockResolvedValue({ current: [set], newestSegment: "000000010000001000000001" } as never);
  const task = { repository: 1, say: () => undefined, signal: new AbortController().signal };
  await expect(restoreNewest(context, task, () => undefined)).rejects.toThrow(
    `The drill needs ${needed} for the restored data and their WAL`,
  );
});
