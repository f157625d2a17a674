import type Docker from "dockerode";
import type { InPlaceJournal } from "../../../../contract/restoreInPlace";
import { restoreInPlace } from "../../../../scripts/cli/commands/restoreInPlace";
import { planned } from "../../../../scripts/cli/commands/restorePlan";
import { inPlace, type Place } from "../../../../scripts/cli/restore/inPlace/place";
import { PrimaryServer } from "../../../../scripts/cli/restore/inPlace/primaryServer";
import { stopStandby } from "../../../../scripts/cli/restore/inPlace/standbys";
import { LocalPrimary } from "../../../../scripts/primary/localPrimary";
import { plannedFor } from "../../../support/unit/plannedFor";

jest.mock("../../../../scripts/cli/commands/restorePlan");
jest.mock("../../../../scripts/cli/restore/inPlace/place");
jest.mock("../../../../scripts/cli/restore/inPlace/standbys");
jest.mock("../../../../scripts/cli/restore/restoreFiles");
jest.mock("../../../../scripts/primary/localPrimary");
jest.mock("../../../../scripts/engine/connect", () => ({
  connect: () => ({
    getContainer: () => ({ inspect: () => Promise.resolve({ Config: { Env: [] } }) }),
  }),
}));

const plan = plannedFor({ kind: "latest" });

/** Runs the command on a volume that has this journal, and on one whose pg_control is damaged. */
async function run(journal?: InPlaceJournal) {
  const asked: [string, Record<string, unknown>][] = [];
  const journals: InPlaceJournal[] = [];
  let noted = journal;
  const note = (next: InPlaceJournal, phase = next.phase) => {
    noted = { ...next, phase };
    journals.push(noted);
    return Promise.resolve("");
  };
  const look = () => {
    const before = ["replaying", "following"].includes(noted?.phase ?? "");
    const restoring = noted?.phase === "restored" ? "whole" : "none";
    return Promise.resolve({
      folders: { live: "whole", restoring, before, leaving: false },
      ...{ journal: noted, timeline: 1, checkpoint: "", resumable: false, tablespaces: false },
      freeKb: 1e9,
    });
  };
  const session = {
    stack: "dev",
    terminal: { progress: () => undefined },
    command: (words: string) => words,
    confirm: () => Promise.resolve(),
    show: () => undefined,
    stopIfInterrupted: () => undefined,
    unlessInterrupted: <T>(work: Promise<T>) => work,
    askBackups: (command: string, args: Record<string, unknown>) => {
      asked.push([command, args]);
      return Promise.resolve({ result: "success" });
    },
  };
  const done = () => Promise.resolve();
  const place = {
    ...{ session, say: () => undefined, turnOf: () => () => undefined },
    standbys: new Map([["standby", { name: "x-standby" }]]),
    volume: {
      ...{ look, note, empty: done },
      swap: (next: InPlaceJournal) => note(next, "replaying"),
    },
    server: {
      ...{ name: "x-primary", checkpoint: done, stop: done, forgetRecovery: done },
      start: () => new Promise((resolve) => setTimeout(resolve, 30)),
      reached: () => Promise.resolve({ timeline: 2, lsn: "0/5000100" }),
      logins: () => Promise.resolve({}),
    },
  } as unknown as Place;
  jest.mocked(inPlace).mockImplementation((_, work) => work(place));
  jest.mocked(planned).mockResolvedValue({ ...plan, stops: [] });
  await restoreInPlace(place.session, {}).catch(({ message }: Error) => expect(message).toBe(""));
  return { asked, journals };
}

beforeEach(() => jest.mocked(stopStandby).mockResolvedValue());

it("tells the agent how long a restore took, which plans estimate by", async () => {
  const { asked } = await run();
  const records = asked.filter(([command]) => command === "record-restore");
  const replayed = { bytes: 99, seconds: expect.any(Number) };
  expect(records.map(([, record]) => record)).toEqual([
    {
      ...{ target: "everything that is archived", set: "20261129-120000F", bytes: 1_300_000_000 },
      seconds: expect.any(Number),
      replay: replayed,
    },
  ]);
  const [{ replay } = { replay: replayed }] = records.map(([, record]) => record as any);
  expect(replay.seconds).toBeGreaterThan(0.02);
});

it("tells it nothing of a restore that went on from an earlier run", async () => {
  const { journals } = await run();
  const restored = journals.find(({ phase }) => phase === "restored");
  const { asked } = await run(restored);
  expect(asked.map(([command, { seconds }]) => [command, seconds])).toEqual([
    ["hold-expire", 180],
    ["hold-expire", 0],
    ["backup", undefined],
  ]);
});

it("notes the standbys that it could not stop, and no place of a checkpoint that nobody knows", async () => {
  jest.mocked(stopStandby).mockRejectedValue(new Error("no route"));
  const { journals } = await run();
  const swapped = journals.find(({ phase }) => phase === "replaying");
  expect([swapped?.away, swapped?.left]).toEqual([{ standby: "no route" }, { timeline: 1 }]);
  expect(journals.at(-1)).toMatchObject({ phase: "restored-and-kept", away: swapped?.away });
});

it("reads of each password's digest too little to guess from", async () => {
  const json = jest.spyOn(LocalPrimary.prototype, "json").mockResolvedValue({});
  const engine = { getContainer: () => ({}) } as unknown as Docker;
  await new PrimaryServer(engine, "x-primary").logins();
  expect(json.mock.calls[0]?.[0]).toMatch(/ left\(encode\(sha256\(.*, 'hex'\), 4\) AS digest$/m);
});
