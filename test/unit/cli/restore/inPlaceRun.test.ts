import type { InPlaceJournal } from "../../../../contract/restoreInPlace";
import { letFollow } from "../../../../scripts/cli/restore/inPlace/follow";
import { goOn } from "../../../../scripts/cli/restore/inPlace/go";
import { Outage } from "../../../../scripts/cli/restore/inPlace/outage";
import type { Place } from "../../../../scripts/cli/restore/inPlace/place";
import { notesOf, putBackStep, tidyStep } from "../../../../scripts/cli/restore/inPlace/putBack";
import {
  startStandby,
  stopStandby,
  untilFollowing,
} from "../../../../scripts/cli/restore/inPlace/standbys";
import type { VolumeState } from "../../../../scripts/cli/restore/inPlace/volume";
import { GaveUp } from "../../../../scripts/engine/untilReady";

jest.mock("../../../../scripts/cli/restore/inPlace/standbys");
jest.mock("../../../../scripts/engine/connect", () => ({
  connect: () => ({
    getContainer: () => ({ inspect: () => Promise.resolve({ Config: { Env: [] } }) }),
  }),
}));

const replaying: InPlaceJournal = {
  version: 1,
  phase: "replaying",
  startedAt: "2026-11-29T13:00:00.000Z",
  delta: false,
  options: {},
  plan: {
    ...{ target: "the LSN 0/F000100", kind: "lsn", value: "0/F000100", repository: 1 },
    ...{ set: "20261129-120000F", timeline: 1, bytes: 1, wal: "x", words: ["restore"] },
  },
  standbys: ["standby"],
};

/** A volume with restored data, and a stack whose servers do what the test says. */
class Lab {
  did: string[] = [];
  said: string[] = [];
  journal: InPlaceJournal | undefined;
  timeline = 1;
  before = true;
  start: () => Promise<void> = () => Promise.resolve();
  reached: () => Promise<NonNullable<InPlaceJournal["reached"]>> = () =>
    Promise.resolve({ timeline: 2, lsn: "0/F000100" });
  ask: (command: string) => Promise<unknown> = () => Promise.resolve([]);

  constructor(journal: InPlaceJournal = replaying) {
    this.journal = journal;
  }

  readonly note = (journal: InPlaceJournal, phase = journal.phase) => {
    this.did.push(`note ${phase}`);
    this.journal = { ...journal, phase };
    return Promise.resolve("");
  };

  private did1 =
    <T>(what: string, work: () => Promise<T>) =>
    () => {
      this.did.push(what);
      return work();
    };

  readonly place = {
    server: {
      name: "x-primary",
      checkpoint: () => Promise.resolve(),
      stop: this.did1("stop", () => Promise.resolve()),
      start: this.did1("start", () => this.start()),
      reached: () => this.reached(),
      forgetRecovery: () => Promise.resolve(),
      logins: () => Promise.resolve({}),
    },
    volume: {
      look: (): Promise<Partial<VolumeState>> =>
        Promise.resolve({
          folders: { live: "whole", restoring: "none", before: this.before, leaving: false },
          ...{ journal: this.journal, timeline: this.timeline, timelineBefore: 1 },
        }),
      note: this.note,
      putBack: (journal: InPlaceJournal) => {
        this.did.push("put back");
        this.before = false;
        this.start = () => Promise.resolve();
        return this.note(journal, "tidying");
      },
      clear: this.did1("clear", () => Promise.resolve((this.journal = undefined))),
    },
    session: {
      stack: "dev",
      servers: {
        pause: (_: unknown, { lease }: { lease?: number }) =>
          this.did1(lease === undefined ? "pause" : "hold", () => Promise.resolve(true))(),
        resume: this.did1("resume", () => Promise.resolve()),
      },
      command: (words: string) => `npm run laterbase -- ${words}`,
      stopIfInterrupted: () => undefined,
      unlessInterrupted: <T>(work: Promise<T>) => work,
      askBackups: (command: string) => this.ask(command),
      stackOutputs: () =>
        Promise.resolve({ backups: { repositories: [{ number: 1 }, { number: 2 }] } }),
    },
    pooler: { name: "x-pooler" },
    standbys: new Map([["standby", { name: "x-standby" }]]),
    say: (line: string) => this.said.push(line),
    turnOf: () => () => undefined,
  } as unknown as Place;

  /** The sentence with which a run ends that fails. */
  async fails(): Promise<string> {
    const outage = new Outage(this.place);
    return goOn(this.place, outage).then(
      () => "it did not fail",
      ({ message }: Error) => message,
    );
  }
}

beforeEach(() => {
  jest.resetAllMocks();
  jest.mocked(stopStandby).mockResolvedValue();
  jest.mocked(startStandby).mockResolvedValue();
  jest.mocked(untilFollowing).mockResolvedValue();
});

describe("a restored server that fails", () => {
  const gaveUp = () => Promise.reject(new GaveUp("it ended with exit code 1: no WAL."));

  it("gives way to the data from before, as long as nobody can have written", async () => {
    const lab = new Lab();
    lab.start = gaveUp;
    expect(await lab.fails()).toBe(
      "The restored data cannot be used: it ended with exit code 1: no WAL. The data from before are back, and the primary runs on them.",
    );
    expect([lab.did.includes("put back"), lab.journal]).toEqual([true, undefined]);
  });

  it("says then which standby does not follow", async () => {
    const lab = new Lab();
    lab.start = gaveUp;
    jest.mocked(untilFollowing).mockRejectedValue(new Error("no room"));
    expect(await lab.fails()).toContain(
      "on them. x-standby does not follow: no room. It goes on trying;",
    );
  });

  it("keeps its data once it has opened its timeline", async () => {
    const lab = new Lab();
    lab.start = gaveUp;
    lab.timeline = 2;
    expect(await lab.fails()).toContain("'npm run laterbase -- restore --in-place' goes on");
    expect([lab.did.includes("put back"), lab.journal]).toEqual([false, replaying]);
  });

  it.each<[string, (lab: Lab, error: Error) => void]>([
    ["is lost from sight", (lab, error) => (lab.start = () => Promise.reject(error))],
    ["does not say what it reached", (lab, error) => (lab.reached = () => Promise.reject(error))],
  ])("keeps its data when it only %s", async (_, fail) => {
    const lab = new Lab();
    fail(lab, new Error("socket hang up"));
    expect(await lab.fails()).toBe(
      "socket hang up. Nothing is put back, because the primary goes on: 'npm run laterbase -- restore --in-place' goes on from there.",
    );
    expect([lab.did.includes("put back"), lab.journal]).toEqual([false, replaying]);
  });
});

describe("a recovery that ended elsewhere", () => {
  const sentence =
    "The recovery ended at 0/E000000, before 0/F000100, where the LSN 0/F000100 is. 'npm run laterbase -- restore --undo' puts the data from before back.";

  it("is noted, gets no clients of the pooler, and no later run goes on from it", async () => {
    const lab = new Lab();
    lab.reached = () => Promise.resolve({ timeline: 2, lsn: "0/E000000" });
    expect(await lab.fails()).toBe(sentence);
    expect([lab.did, lab.journal?.phase]).toEqual([
      ["start", "hold", "note replaying"],
      "replaying",
    ]);
    // A server that was started again may not know any more.
    lab.reached = () => Promise.resolve({ timeline: 2 });
    expect(await lab.fails()).toBe(sentence);
    expect([lab.did.length, lab.journal?.reached?.timeline]).toEqual([3, 2]);
  });

  it("without a new timeline leaves none to discard", async () => {
    const lab = new Lab();
    lab.reached = () => Promise.resolve({ timeline: 1 });
    expect(await lab.fails()).toContain("should have opened a new one after 1");
    expect(lab.journal?.reached).toBeUndefined();
  });
});

describe("a standby that could not be stopped", () => {
  it("is noted, and stopped with the request before it is started", async () => {
    const lab = new Lab();
    jest.mocked(stopStandby).mockRejectedValueOnce(new Error("no route"));
    const { place } = lab;
    const outage = new Outage(place);
    await putBackStep(place, await place.volume.look(), outage);
    expect(lab.journal?.away).toEqual({ standby: "no route" });
    const order: string[] = [];
    jest.mocked(stopStandby).mockImplementation(() => Promise.resolve(void order.push("stop")));
    jest.mocked(startStandby).mockImplementation(() => Promise.resolve(void order.push("start")));
    const { standbys } = await tidyStep(place, lab.journal!, new Outage(place));
    expect([order, standbys]).toEqual([["stop", "start"], { following: ["standby"], not: {} }]);
  });

  it("never follows by the new clone that nobody asked for", async () => {
    const { place } = new Lab();
    const away = new Map([["standby", "no route"]]);
    jest.mocked(stopStandby).mockRejectedValue(new Error("still no route"));
    const { following, not } = await letFollow(place, ["standby"], away);
    expect([following, not["standby"], [...away]]).toEqual([
      [],
      expect.stringContaining("x-standby could not be stopped (still no route)"),
      [["standby", "still no route"]],
    ]);
    expect(startStandby).not.toHaveBeenCalled();
  });
});

it("lets the standbys follow while the agent is away, and says that the undo goes on", async () => {
  const lab = new Lab({ ...replaying, phase: "tidying", reached: { timeline: 2 } });
  lab.ask = () => Promise.reject(new Error("The agent does not answer"));
  const undone = await tidyStep(lab.place, lab.journal!);
  expect(undone.standbys.following).toEqual(["standby"]);
  expect(notesOf(lab.place.session, undone)).toEqual(
    [1, 2].map(
      (repository) =>
        `Timeline 2 is still in repository ${repository}: The agent does not answer. 'npm run laterbase -- restore --undo' goes on.`,
    ),
  );
  expect(lab.journal?.phase).toBe("tidying");
});
