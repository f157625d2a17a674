import type { RepositorySettings } from "../../../../contract/pgBackRest";
import type { Context } from "../../../../scripts/agent/kit/context";
import { checkOne } from "../../../../scripts/agent/pgBackRest/check";
import * as command from "../../../../scripts/agent/pgBackRest/command";
import { findOpenGaps } from "../../../../scripts/agent/pgBackRest/gaps";
import { parseInfo } from "../../../../scripts/agent/pgBackRest/info";

jest.mock("node:timers/promises", () => ({ setTimeout: () => Promise.resolve() }));
jest.mock("../../../../scripts/agent/pgBackRest/arrival", () => ({
  arrivalProblem: () => Promise.resolve(),
}));
jest.mock("../../../../scripts/agent/pgBackRest/vanished", () => ({
  ...jest.requireActual<object>("../../../../scripts/agent/pgBackRest/vanished"),
  vanishedBackups: () => Promise.resolve({ gone: [], dependent: [] }),
}));
jest.mock("../../../../scripts/agent/pgBackRest/command", () => ({
  ...jest.requireActual<object>("../../../../scripts/agent/pgBackRest/command"),
  pgBackRest: jest.fn(),
}));

// The stanza knew a server of 15 on timeline 2 before that of 17 on timeline 1.
const older = { id: 1, segment: "000000020000000000000009", time: 1_795_000_000 };
const newer = { id: 2, segment: "000000010000000000000002", time: 1_795_900_000 };
const segments = ["2", "3", "5"].map((end) => `00000001000000000000000${end}`);
const [after, before] = [segments[1], segments[2]];

const full = ({ id, segment, time }: typeof older) => ({
  ...{ label: `${id}F`, type: "full", database: { id } },
  archive: { start: segment, stop: segment },
  timestamp: { start: time, stop: time },
  info: { size: 1, repository: { delta: 1 } },
});

const info = (fulls: (typeof older)[]) =>
  JSON.stringify([
    {
      ...{ name: "main", status: { code: 0, message: "ok" } },
      repo: [],
      db: [
        { id: 2, version: "17" },
        { id: 1, version: "15" },
      ],
      archive: [
        { id: "15-1", database: { id: 1 }, min: older.segment, max: older.segment },
        { id: "17-2", database: { id: 2 }, min: segments[0], max: before },
      ],
      backup: fulls.map(full),
    },
  ]);

const listing = JSON.stringify(
  Object.fromEntries(segments.map((one) => [`${one}-5f.lz4`, { type: "file", size: 1, time: 1 }])),
);

const context = {
  config: { major: 17, backups: { stanza: "main", schedules: {} } },
  paths: { records: "/nowhere" },
} as unknown as Context;
const repository = { number: 1 } as RepositorySettings;
const task = { repository, say: () => undefined, signal: new AbortController().signal };

function pgBackRestLists(...fulls: (typeof older)[]): void {
  jest
    .mocked(command.pgBackRest)
    .mockImplementation((_context, [name]) =>
      Promise.resolve({ code: 0, stdout: name === "info" ? info(fulls) : listing }),
    );
}

it("tells the backups of the newest server from those of an older one", () => {
  const { backups, current } = parseInfo(info([older, newer]));
  expect(backups.map(({ label }) => label)).toEqual(["1F", "2F"]);
  expect(current.map(({ label }) => label)).toEqual(["2F"]);
});

it("finds a gap open when only a backup of the older server is on a later timeline", async () => {
  pgBackRestLists(older, newer);
  expect(await findOpenGaps(context, repository)).toEqual([{ after, before, segments: 1 }]);
  const { problems } = await checkOne(context, task);
  expect(problems).toEqual([
    `1 WAL segment is missing between ${after} and ${before}: a restore cannot reach the time between them. ` +
      "A full backup follows: at most one in 24 hours, and none while another repository is away.",
  ]);
});

it("says in a check that the newest server has no backup yet", async () => {
  pgBackRestLists(older);
  expect((await checkOne(context, task)).problems).toEqual(["There is no backup yet."]);
});
