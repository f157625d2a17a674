import { EventEmitter } from "node:events";
import type { Client } from "pg";
import { absenceOf, Patient } from "../../../../scripts/agent/health/collect/absence";
import { isRefusal, KeptSession } from "../../../../scripts/agent/health/collect/kept";
import { SchedulerWatch } from "../../../../scripts/agent/health/collect/scheduler";
import type { AgentOverview } from "../../../../contract/agentOverview";

const error = (code: string, message = "words") => Object.assign(new Error(message), { code });
const away = { unknown: "It is away.", down: "silent" } as const;

describe("why something gave no answer", () => {
  it.each([
    ["ENOTFOUND", "stopped"],
    ["EAI_AGAIN", "stopped"],
    ["ECONNREFUSED", "refused"],
    ["ECONNRESET", "silent"],
    ["EHOSTUNREACH", "silent"],
    ["ETIMEDOUT", "silent"],
    ["28P01", "refused"],
    ["57P03", "refused"],
  ])("by %s", (code, down) => expect(absenceOf(error(code), "primary:5432").down).toBe(down));

  it("says what the server said only where that is an answer of PostgreSQL", () => {
    expect(absenceOf(error("28P01", "password authentication failed"), "a:1").unknown).toBe(
      "a:1 answers: password authentication failed.",
    );
    expect(absenceOf(new Error("timeout expired"), "a:1").unknown).toBe("a:1 does not answer.");
  });
});

describe("patience", () => {
  it("keeps the last answer over one look without any", () => {
    const patient = new Patient<{ answer: number }>();
    expect(patient.see({ answer: 1 })).toEqual({ answer: 1 });
    expect(patient.see(away)).toEqual({ answer: 1 });
    expect(patient.see(away)).toEqual(away);
    expect(patient.see({ answer: 2 })).toEqual({ answer: 2 });
    expect(patient.see(away)).toEqual({ answer: 2 });
  });

  it("does not call down what was asked once", () => {
    const patient = new Patient<object>();
    expect(patient.see(away)).toEqual({ unknown: "It is away." });
    expect(patient.see(away)).toEqual(away);
  });
});

class FakeClient extends EventEmitter {
  ended = 0;
  end() {
    this.ended++;
    this.emit("end");
    return Promise.resolve();
  }
}
const asClient = (fake: FakeClient) => fake as unknown as Client;

describe("a kept session", () => {
  it("is opened once, and again after it was lost", async () => {
    const opened: FakeClient[] = [];
    const session = new KeptSession(() => {
      opened.push(new FakeClient());
      return Promise.resolve(asClient(opened.at(-1)!));
    });
    expect(await session.ask(() => Promise.resolve(1))).toBe(1);
    expect(await session.ask(() => Promise.resolve(2))).toBe(2);
    expect(opened).toHaveLength(1);
    await expect(session.ask(() => Promise.reject(error("42P01")))).rejects.toThrow("words");
    await session.ask(() => Promise.resolve(3));
    expect(opened).toHaveLength(1);
    await expect(session.ask(() => Promise.reject(error("ECONNRESET")))).rejects.toThrow("words");
    expect(opened[0]!.ended).toBe(1);
    await session.ask(() => Promise.resolve(4));
    expect(opened).toHaveLength(2);
    opened[1]!.emit("end");
    await session.ask(() => Promise.resolve(5));
    expect(opened).toHaveLength(3);
  });

  it("waits longer after each failed login, and says meanwhile what the last one said", async () => {
    let [now, attempts] = [0, 0];
    const session = new KeptSession(
      () => {
        attempts++;
        return Promise.reject(error("28P01"));
      },
      () => now,
    );
    const tried: number[] = [];
    for (; now <= 100_000; now += 10_000) {
      await expect(session.ask(() => Promise.resolve(0))).rejects.toThrow("words");
      tried.push(attempts);
    }
    expect(tried).toEqual([1, 2, 3, 3, 4, 4, 4, 5, 5, 5, 6]);
  });

  it.each([
    ["42501", true],
    ["57014", true],
    ["57P01", false],
    ["57P03", false],
    ["08006", false],
    ["EPIPE", false],
    ["ECONNRESET", false],
  ])("goes on after %s: %s", (code, goesOn) => expect(isRefusal(error(code))).toBe(goesOn));
});

it("takes a scheduler that never gave a sign for dead after its time", () => {
  const watch = new SchedulerWatch(150);
  const seen = (at: string, beatAt: string | null) =>
    watch.in({ at, scheduler: { beatAt } } as AgentOverview).scheduler!.beatAt;
  expect(seen("2026-11-29T12:00:00Z", null)).toBeNull();
  expect(seen("2026-11-29T12:02:29Z", null)).toBeNull();
  expect(seen("2026-11-29T12:02:30Z", null)).toBe("2026-11-29T12:00:00Z");
  expect(seen("2026-11-29T12:03:00Z", "2026-11-29T12:02:50Z")).toBe("2026-11-29T12:02:50Z");
  expect(seen("2026-11-29T12:04:00Z", null)).toBeNull();
  // A sign of a clock that was ahead is none.
  const ahead = "2026-11-29T13:00:00Z";
  expect(seen("2026-11-29T12:06:29Z", ahead)).toBe(ahead);
  expect(seen("2026-11-29T12:06:30Z", ahead)).toBe("2026-11-29T12:04:00Z");
});
