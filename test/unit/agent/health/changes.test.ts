import type { Check } from "../../../../contract/health/check";
import type { StackFacts } from "../../../../contract/health/facts";
import { changesOf, nothingTold, type Told } from "../../../../scripts/agent/health/notify/changes";
import type { Message } from "../../../../scripts/agent/health/notify/message";
import { toldTo } from "../../../../scripts/agent/health/notify/notifier";
import { bad, good, later, snapshotOf, stackFacts } from "../../../support/healthSnapshot";

/** Looks, one after the other, as seconds, checks and facts. Returns what was said at which of them. */
function said(...looks: [number, Check[], StackFacts?][]): { at: number; message: Message }[] {
  let told: Told = nothingTold;
  const found = [];
  for (const [seconds, checks, facts] of looks) {
    const snapshot = snapshotOf(checks, later(seconds), facts);
    const { told: next, message } = changesOf("dev", told, snapshot);
    // As it comes back from the file.
    told = JSON.parse(JSON.stringify(next)) as Told;
    if (message) found.push({ at: seconds, message });
  }
  return found;
}

/** The changes of each message, in short. */
const brief = (messages: { at: number; message: Message }[]) =>
  messages.map(({ at, message: { event, checks } }) => [
    at,
    event,
    ...checks.map(({ name, was, status }) => `${name}: ${was} → ${status}`),
  ]);

it("a change is one message, and what stays the same is none", () => {
  const messages = said(
    [0, [good("primary"), good("standby")]],
    [10, [good("primary"), bad("standby", "failed", { command: "npm run x" })]],
    [20, [good("primary"), bad("standby", "failed")]],
    [30, [good("primary"), bad("standby", "degraded")]],
    [130, [good("primary"), good("standby")]],
  );
  expect(brief(messages)).toEqual([
    [10, "change", "standby: good → failed"],
    [30, "change", "standby: failed → degraded"],
    [130, "change", "standby: degraded → good"],
  ]);
  expect(messages[0]!.message).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{24}$/),
    ...{ event: "change", stack: "dev", at: later(10), verdict: "unhealthy" },
    sentence: "Not everything works: standby.",
    checks: [
      {
        ...{ name: "standby", status: "failed", was: "good", sentence: "It is failed." },
        ...{ since: later(10), command: "npm run x" },
      },
    ],
    ...{ more: 0, others: [] },
  });
  // How long it lasted is counted from the first moment at which it was not good.
  expect(messages[2]!.message).toMatchObject({
    ...{ verdict: "healthy", was: "degraded" },
    checks: [{ status: "good", since: later(10), lastedSeconds: 120 }],
  });
});

it("what changes in one look is one message, the worst first, with what else is not good", () => {
  const messages = said(
    [0, [bad("archiving", "failed"), bad("pooler", "degraded"), good("standby")]],
    [10, [bad("archiving", "failed"), good("pooler"), bad("standby", "degraded")]],
  );
  expect(brief(messages)).toEqual([
    [0, "change", "archiving: good → failed", "pooler: good → degraded"],
    [10, "change", "standby: good → degraded", "pooler: degraded → good"],
  ]);
  expect(messages[1]!.message.others).toEqual([{ name: "archiving", status: "failed" }]);
});

it("pending is not news, and a check that waits after a fault is good again", () => {
  const pending: Check = { name: "drill", status: "pending", sentence: "None yet." };
  expect(said([0, [pending]], [10, [good("drill")]], [20, [pending]])).toEqual([]);
  const back = said([0, [bad("drill", "failed")]], [10, [pending]]);
  expect(brief(back)[1]).toEqual([10, "change", "drill: failed → good"]);
});

it.each(["unknown", "failed"] as const)(
  "a check that is gone is good again, but not while its part is %s",
  (status) => {
    const clocks = bad("clocks", "degraded");
    const lost = bad("agent", status);
    const away = { ...stackFacts, agent: { unknown: "It is away.", down: "silent" as const } };
    const looks = said(
      [0, [clocks, bad("connections", "degraded")]],
      [10, [lost], away],
      [20, [lost], away],
      [30, [good("agent")]],
    );
    expect(brief(looks).slice(1)).toEqual([
      [10, "change", `agent: good → ${status}`, "connections: degraded → good"],
      [30, "change", `agent: ${status} → good`, "clocks: degraded → good"],
    ]);
  },
);

it("of two checks with one name the worse one counts", () => {
  const messages = said([0, [bad("disk", "failed"), bad("disk", "degraded"), good("disk")]]);
  expect(brief(messages)).toEqual([[0, "change", "disk: good → failed"]]);
});

it("says each day what is still not good", () => {
  const day = 86_400;
  const wrong = [bad("standby", "failed", { since: later(-60) }), bad("pooler", "degraded")];
  const messages = said(
    [0, wrong],
    [day - 1, wrong],
    [day, wrong],
    [day + 10, wrong],
    [2 * day, [good("standby"), bad("pooler", "degraded")]],
    [3 * day - 1, [good("standby"), bad("pooler", "degraded")]],
    [3 * day, [good("standby"), bad("pooler", "degraded")]],
    [4 * day, [good("standby"), good("pooler")]],
    [9 * day, [good("standby"), good("pooler")]],
  );
  expect(brief(messages)).toEqual([
    [0, "change", "standby: good → failed", "pooler: good → degraded"],
    [day, "reminder", "standby: failed → failed", "pooler: degraded → degraded"],
    [2 * day, "change", "standby: failed → good"],
    [3 * day, "reminder", "pooler: degraded → degraded"],
    [4 * day, "change", "pooler: degraded → good"],
  ]);
  expect(messages[1]!.message.checks[0]!.since).toBe(later(-60));
});

it("a target that is new is told what is not good", () => {
  const wrong = [bad("standby", "failed")];
  const before = changesOf("dev", nothingTold, snapshotOf(wrong, later(0))).told;
  const next = (...targets: string[]) => {
    const told = toldTo(targets, { told: before, targets: { "notify 1 (slack)": {} as never } });
    return changesOf("dev", told, snapshotOf(wrong, later(10))).message?.event;
  };
  expect(next("notify 1 (slack)")).toBeUndefined();
  expect(next("notify 1 (slack)", "notify 2 (email)")).toBe("reminder");
  const good = toldTo(["notify 1 (email)"], { told: nothingTold, targets: {} });
  expect(changesOf("dev", good, snapshotOf([], later(0))).message).toBeUndefined();
});

it("a target that is new while all is well leaves no reminder due", () => {
  const before: Told = { ...nothingTold, at: later(0) };
  const told = toldTo(["notify 1 (slack)"], { told: before, targets: {} });
  const well = changesOf("dev", told, snapshotOf([good("lag")], later(10)));
  expect([well.message, well.told.at]).toEqual([undefined, later(10)]);
  // It has changed too often, so it waits until it is steady.
  const often = { ...well.told, changes: { lag: Array.from({ length: 6 }, () => later(20)) } };
  const next = changesOf("dev", often, snapshotOf([bad("lag", "degraded")], later(30)));
  expect(next.message).toBeUndefined();
});

it("a clock that was wrong silences no reminder", () => {
  const wrong = [bad("standby", "failed")];
  expect(brief(said([86_400 * 30, wrong], [0, wrong], [10, wrong]))).toEqual([
    [86_400 * 30, "change", "standby: good → failed"],
    [0, "reminder", "standby: failed → failed"],
  ]);
});

it("a check that changes all the time is said six times in an hour, and then when it is steady", () => {
  const looks: [number, Check[]][] = [];
  for (let look = 0; look < 60; look++) {
    looks.push([look * 10, [look % 2 === 0 ? bad("lag", "degraded") : good("lag")]]);
  }
  // It is good at the last of them, as people were told, then degraded for good.
  looks.push([600, [bad("lag", "degraded")]]);
  looks.push([600 + 899, [bad("lag", "degraded")]]);
  looks.push([600 + 900, [bad("lag", "degraded")]]);
  const messages = said(...looks);
  expect(messages.map(({ at }) => at)).toEqual([0, 10, 20, 30, 40, 50, 1500]);
  expect(messages.map(({ message }) => message.checks[0]!.unsteady)).toEqual([
    ...[undefined, undefined, undefined, undefined, undefined, true, true],
  ]);
});

it("a message has fifty checks at most, and says how many more there are", () => {
  const many = Array.from({ length: 60 }, (_, index) => bad(`dump ${index}`, "degraded"));
  const [first] = said([0, [...many, bad("primary", "failed")]]);
  const { checks, more } = first!.message;
  expect([checks.length, more, checks[0]!.name]).toEqual([50, 11, "primary"]);
});
