import type { RestorePlan } from "../../../../../contract/restorePlan";
import { readPlanArgs } from "../../../../../scripts/agent/pgBackRest/restore/args";
import {
  chooseRepository,
  type Outcome,
} from "../../../../../scripts/agent/pgBackRest/restore/choose";
import { estimate } from "../../../../../scripts/agent/pgBackRest/restore/estimate";
import { segmentName } from "../../../../../scripts/agent/pgBackRest/restore/lsn";

const plan = (repository: number, to: number, timeline = 1): Outcome => ({
  repository,
  plan: {
    repository: { number: repository, location: "x" },
    timeline,
    wal: { from: segmentName(1, 1), to: segmentName(timeline, to), segments: to, bytes: to },
    notes: ["A note."],
  } as unknown as RestorePlan,
});
const refused = (repository: number, sentence = `No ${repository}.`): Outcome => ({
  ...{ repository, refused: { code: "gap", sentence, repository } },
});
const away = (repository: number): Outcome => ({ repository, problem: "It is away." });

async function choose(newest: boolean, ...outcomes: Outcome[]) {
  const asked: number[] = [];
  const numbers = outcomes.map(({ repository }) => repository);
  const reply = await chooseRepository(numbers, newest, (number) => {
    asked.push(number);
    return Promise.resolve(outcomes[number - 1] ?? away(number));
  });
  return { asked, reply };
}
const chosen = ({ reply }: Awaited<ReturnType<typeof choose>>) =>
  "plan" in reply ? [reply.plan.repository.number, ...reply.plan.notes] : [reply.refused];

describe("the repository", () => {
  it("is the first that can do it, and the others are not asked", async () => {
    const got = await choose(false, plan(1, 5), plan(2, 9));
    expect([got.asked, chosen(got)]).toEqual([[1], [1, "A note."]]);
  });

  it("is another where the first cannot do it, and the plan says why", async () => {
    expect(chosen(await choose(false, refused(1), plan(2, 9)))).toEqual([2, "A note.", "No 1."]);
    expect(chosen(await choose(false, away(1), plan(2, 9)))).toEqual([
      ...[2, "A note.", "Repository 1 cannot be read: It is away."],
    ]);
  });

  it("is the one with the newest WAL for the newest state", async () => {
    expect(chosen(await choose(true, plan(1, 5), plan(2, 9), plan(3, 9)))[0]).toBe(2);
    expect(chosen(await choose(true, plan(1, 9), plan(2, 9)))[0]).toBe(1);
    expect(chosen(await choose(true, plan(1, 9), plan(2, 5, 2)))[0]).toBe(2);
  });

  it("is none where all of them refuse, each with its sentence", async () => {
    expect(chosen(await choose(false, refused(1), refused(2), away(3)))).toEqual([
      {
        ...{ code: "gap", repository: 1 },
        sentence: "No 1. No 2. Repository 3 cannot be read: It is away.",
      },
    ]);
    expect(chosen(await choose(false, refused(1, "Same."), refused(2, "Same.")))).toEqual([
      { code: "gap", repository: 1, sentence: "Same." },
    ]);
  });

  it("is a failure where none can be read", async () => {
    await expect(choose(false, away(1), away(2))).rejects.toThrow(
      "Repository 1 cannot be read: It is away. Repository 2 cannot be read: It is away.",
    );
  });
});

describe("an estimate", () => {
  const size = { bytes: 4_000_000_000, walBytes: 100_000_000 };
  const backup = (seconds: number) => ({ kind: "backup" as const, bytes: 1e9, seconds });
  const restore = (seconds: number, replay?: { bytes: number; seconds: number }) => ({
    ...{ kind: "restore" as const, bytes: 1e9, seconds, ...(replay ? { replay } : {}) },
  });

  it("is the median of past restores, or of full backups", () => {
    expect(estimate(size, [])).toBeUndefined();
    expect(estimate(size, [{ kind: "backup", bytes: 0, seconds: 3 }])).toBeUndefined();
    expect(estimate(size, [backup(5), backup(90), backup(4)])).toEqual({
      seconds: 20,
      by: "backups",
    });
    expect(estimate(size, [backup(5), restore(2), restore(4)])).toEqual({
      ...{ seconds: 12, by: "restores" },
    });
    expect(estimate(size, [restore(2, { bytes: 1e7, seconds: 1.5 })])).toEqual({
      ...{ seconds: 23, by: "restores" },
    });
    expect(estimate({ bytes: 1, walBytes: 0 }, [backup(5)])).toEqual({ seconds: 1, by: "backups" });
  });
});

describe("arguments", () => {
  it("are read as they come over the socket", () => {
    expect(readPlanArgs({ toTime: "x", immediate: false, repo: "2", other: 1 })).toEqual({
      ...{ toTime: "x", repo: 2 },
    });
    expect(readPlanArgs({ set: null, inPlace: true, repo: 1 })).toEqual({ inPlace: true, repo: 1 });
  });

  it.each([
    [{ toXid: 742 }, '"toXid" must be a text.'],
    [{ immediate: "yes" }, '"immediate" must be true or false.'],
    [{ repo: "1;ls" }, "A repository is given by its number, such as 1."],
  ])("%j are refused", (args, sentence) => {
    expect(() => readPlanArgs(args)).toThrow(sentence);
  });
});
