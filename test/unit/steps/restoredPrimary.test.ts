import { readRestoredPlan, writeRestoredPlan } from "../../../contract/restoredPlan";
import type { PlannedRestore } from "../../../contract/restoreInPlace";
import type { Said } from "../../../scripts/primary/recovered";
import { comparedWithPlan, forgetPlan } from "../../../scripts/steps/backups/restoredPrimary";

const file = "/var/lib/postgresql/primary/restored.json";

const planned: PlannedRestore = {
  ...{ target: "everything that is archived", kind: "latest", repository: 1 },
  ...{ set: "20261129-120000F", timeline: 1, bytes: 1000, reaches: "0/F0000F0" },
  ...{ wal: "00000001000000000000000F", words: ["restore", "--repo=1"] },
};
const said: Said = {
  ...{ lsn: "0/F000100", at: "2026-11-29T12:14:59.500000Z", timeline: 2 },
  history: "1\t0/F000100\tno recovery target specified\n",
};

/** A primary with these files, and what was asked of it. */
function primary(files: Record<string, string>, answer: Said = said) {
  const asked: string[] = [];
  return {
    asked,
    read: (path: string) => Promise.resolve(files[path] ?? ""),
    json: <T>(query: string) => {
      asked.push(query.includes("pg_last_wal_replay_lsn()") ? "its recovery" : query);
      return Promise.resolve(answer as T);
    },
    remove: (path: string) => {
      asked.push(`rm ${path}`);
      return Promise.resolve();
    },
  };
}

const compared = (plan: Partial<PlannedRestore>, answer?: Said) =>
  comparedWithPlan(primary({ [file]: writeRestoredPlan({ ...planned, ...plan }) }, answer));

const again =
  "So the restored primary is not at the state that was planned. The repositories have what they had: " +
  "docs/total-loss.md#restore-again shows how to restore again.";

it("asks nothing of a primary that was not restored, or was compared already", async () => {
  const one = primary({});
  expect([await comparedWithPlan(one), one.asked]).toEqual([undefined, []]);
});

it("says where the recovery ended, and that this was the plan", async () => {
  const one = primary({ [file]: writeRestoredPlan(planned) });
  expect([await comparedWithPlan(one), one.asked]).toEqual([
    "The recovery of the restored primary ended at 0/F000100, with the last transaction of 2026-11-29T12:14:59.500000Z, as planned.",
    ["its recovery"],
  ]);
  // Started again since: memory is empty, and the history is there.
  expect(await compared({}, { timeline: 2, history: said.history! })).toBe(
    "The recovery of the restored primary ended at 0/F000100, as planned.",
  );
});

it.each<[string, Partial<PlannedRestore>, Said, string]>([
  [
    "archived work that is missing",
    { reaches: "0/10000028" },
    said,
    "The recovery ended at 0/F000100, before 0/10000028, where everything that is archived is.",
  ],
  [
    "a transaction from after the time",
    { kind: "time", value: "2026-11-29T12:14:00Z", target: "2026-11-29 12:14:00 UTC" },
    said,
    "The last transaction is of 2026-11-29T12:14:59.500000Z, after 2026-11-29 12:14:00 UTC.",
  ],
  [
    "an LSN that was not reached",
    { kind: "lsn", value: "1/0", target: "1/0" },
    said,
    "The recovery ended at 0/F000100, before 1/0, where 1/0 is.",
  ],
  [
    "a server that recovered nothing",
    {},
    { timeline: 1 },
    "The primary is on timeline 1, and should have opened a new one after 1.",
  ],
  [
    "a name of a restore point that tries to look like something else",
    { kind: "name", target: "the restore point \u001b[2Jx\n", reaches: "1/0" },
    said,
    "The recovery ended at 0/F000100, before 1/0, where the restore point \\x1b[2Jx\\n is.",
  ],
])("warns of %s", async (_, plan, answer, problem) => {
  expect(await compared(plan, answer)).toBe(`warning: ${problem} ${again}`);
});

it("does not say that all is as planned where nobody knows", async () => {
  expect(await compared({}, { timeline: 2 })).toBe(
    "warning: The server does not say where its recovery ended, so nothing says whether the restored primary is at the state that was planned.",
  );
  const unread = `warning: The plan in ${file} cannot be read, so nothing says whether the restored primary is at the state that was planned.`;
  for (const text of [
    "{",
    '{"version":2}',
    JSON.stringify({ version: 1, plan: { kind: "all" } }),
  ]) {
    expect(await comparedWithPlan(primary({ [file]: text }))).toBe(unread);
  }
});

it("removes the plan, and nothing else", async () => {
  const one = primary({});
  await forgetPlan(one);
  expect(one.asked).toEqual([`rm ${file}`]);
});

it("reads what the restore wrote", () => {
  expect(readRestoredPlan(writeRestoredPlan(planned))).toEqual(planned);
});
