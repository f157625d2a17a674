import { Outage } from "../../../../scripts/cli/restore/inPlace/outage";
import type { Place } from "../../../../scripts/cli/restore/inPlace/place";

/** A place whose servers note what happens, in its order. */
function place(pause: () => Promise<boolean>, resume = () => Promise.resolve()) {
  const did: string[] = [];
  const note =
    <T>(what: string, work: () => Promise<T>) =>
    () => {
      did.push(what);
      return work();
    };
  const done = () => Promise.resolve();
  const made = {
    server: {
      name: "x-primary",
      checkpoint: note("checkpoint", done),
      stop: note("stop", done),
    },
    session: {
      servers: { pause: note("pause", pause), resume: note("resume", resume) },
      command: (words: string) => `npm run laterbase -- ${words}`,
    },
    pooler: { name: "x-pooler" },
    standbys: new Map(),
    say: (line: string) => did.push(`(${line})`),
  } as unknown as Place;
  return { made, did, work: () => did.filter((one) => !one.startsWith("(")) };
}

it("lets the pooler's clients wait from before the primary's stop until the end, once", async () => {
  const { made, work } = place(() => Promise.resolve(true));
  const outage = new Outage(made);
  await outage.begin([]);
  expect(work()).toEqual(["checkpoint", "pause", "stop"]);
  await outage.end();
  await outage.end();
  expect(work()).toEqual(["checkpoint", "pause", "stop", "resume"]);
  expect(outage.pausedSeconds).toEqual(expect.any(Number));
});

it("stops the primary although transactions do not finish, and says that they end", async () => {
  const { made, did, work } = place(() => Promise.reject(new Error("app is busy.")));
  const outage = new Outage(made);
  await outage.begin([]);
  await outage.end();
  expect(work()).toEqual(["checkpoint", "pause", "stop"]);
  expect(did).toContain("(app is busy. Their connections end.)");
  expect(outage.pausedSeconds).toBeUndefined();
});

it("resumes nobody where nobody waits", async () => {
  const { made, work } = place(() => Promise.resolve(false));
  const outage = new Outage(made);
  await outage.begin([]);
  await outage.end();
  expect(work()).toEqual(["checkpoint", "pause", "stop"]);
});

it("names the command where the pooler does not resume", async () => {
  const { made, did } = place(
    () => Promise.resolve(true),
    () => Promise.reject(new Error("The pooler is away.")),
  );
  const outage = new Outage(made);
  await outage.begin([]);
  await outage.end();
  expect(did).toContain("(The pooler is away. Try 'npm run laterbase -- resume-pooler'.)");
});

describe("with a clock", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it("renews the pause before the pooler's lease ends, and counts all of it", async () => {
    const { made, work } = place(() => Promise.resolve(true));
    const outage = new Outage(made);
    await outage.begin([]);
    await jest.advanceTimersByTimeAsync(150_000);
    expect(work()).toEqual(["checkpoint", "pause", "stop", "pause", "pause"]);
    await outage.end();
    expect(outage.pausedSeconds).toBe(150);
    await jest.advanceTimersByTimeAsync(150_000);
    expect(work().at(-1)).toBe("resume");
  });

  it("counts the same while somebody sets the clock back", async () => {
    const { made } = place(() => Promise.resolve(true));
    const outage = new Outage(made);
    await outage.begin([]);
    await jest.advanceTimersByTimeAsync(10_000);
    jest.setSystemTime(new Date("2001-01-01"));
    await outage.end();
    expect(outage.pausedSeconds).toBe(10);
  });

  it("counts no longer than the pooler kept its clients waiting", async () => {
    let pauses = 0;
    const { made } = place(() =>
      ++pauses === 1 ? Promise.resolve(true) : Promise.reject(new Error("The pooler is away.")),
    );
    const outage = new Outage(made);
    await outage.begin([]);
    await jest.advanceTimersByTimeAsync(400_000);
    await outage.end();
    expect(outage.pausedSeconds).toBe(120);
  });

  it("resumes after a renewal that is under way, which would pause the clients again", async () => {
    let renewed = () => {};
    let pauses = 0;
    const { made, work } = place(() =>
      ++pauses === 1
        ? Promise.resolve(true)
        : new Promise((resolve) => (renewed = () => resolve(true))),
    );
    const outage = new Outage(made);
    await outage.begin([]);
    await jest.advanceTimersByTimeAsync(60_000);
    const ended = outage.end();
    await jest.advanceTimersByTimeAsync(1000);
    expect(work().at(-1)).toBe("pause");
    renewed();
    await ended;
    expect(work().at(-1)).toBe("resume");
  });

  it("keeps clients from a state that is not the planned one, and says how they get there", async () => {
    const { made, did, work } = place(() => Promise.resolve(true));
    const outage = new Outage(made);
    await outage.begin([]);
    await outage.hold();
    await outage.end();
    await jest.advanceTimersByTimeAsync(150_000);
    expect(work()).toEqual(["checkpoint", "pause", "stop", "pause"]);
    expect(did.at(-1)).toBe(
      "(The pooler's clients do not get to this state for a day: 'npm run laterbase -- resume-pooler' lets them go on with it.)",
    );
  });
});
