import type { RestorePlan } from "../../../contract/restorePlan";
import { pointProblem, type ReachedPoint } from "../../../scripts/cli/restore/point";
import { restoreWords } from "../../../scripts/cli/restore/restoreFiles";
import { lsnValue } from "../../../scripts/primary/recovered";
import { roomFor } from "../../../scripts/cli/restore/room";

const wal = { from: "000000010000000000000004", to: "000000010000000000000005", segments: 2 };

function plan(
  target: RestorePlan["target"],
  reaches?: RestorePlan["reaches"],
  timeline = 1,
): RestorePlan {
  return {
    target,
    timeline,
    wal: { ...wal, bytes: 1 },
    ...(reaches ? { reaches } : {}),
  } as RestorePlan;
}

const point = (lsn: string | null, at: string | null = null, left = 1): ReachedPoint => ({
  lsn,
  at,
  timeline: 2,
  history: `${left}\t0/50001A8\tbefore 2026-11-29 12:00:00+00\n`,
});

const time = { kind: "time", value: "2026-11-29T12:00:00.5Z" } as const;
const reaches = { lsn: "0/5000098", at: "2026-11-29T12:00:00.25Z" };

describe("the point that a recovery reached", () => {
  it.each<[string, RestorePlan, ReachedPoint]>([
    ["a time", plan(time), point("0/5000100", "2026-11-29T12:00:00.500000Z")],
    ["a time before any transaction", plan(time), point("0/5000100")],
    [
      "a transaction",
      plan({ kind: "xid", value: "742" }, reaches),
      point("0/50000C0", "2026-11-29T12:00:00.250000Z"),
    ],
    ["an LSN", plan({ kind: "lsn", value: "0/5000098" }), point("0/5000099")],
    ["a restore point", plan({ kind: "name", value: "x" }, reaches), point("0/5000100")],
    ["a restore point of unknown place", plan({ kind: "name", value: "x" }), point("0/9000100")],
    ["the end of a backup", plan({ kind: "immediate" }), point("0/6000000")],
    ["all that was archived", plan({ kind: "latest" }, reaches), point("0/9000000")],
    ["all, where nothing was known", plan({ kind: "latest" }), point("0/9000000")],
    ["timeline 2", plan(time, undefined, 2), point("0/5000100", null, 2)],
  ])("is the one that was asked for: %s", (_what, wanted, reached) => {
    expect(pointProblem(wanted, reached)).toBeUndefined();
  });

  const other = "The restored server is not at the point that was asked for: the plan promised ";
  it.each<[string, RestorePlan, ReachedPoint, string]>([
    [
      "after a time",
      plan(time),
      point("0/5000100", "2026-11-29T12:00:00.500001Z"),
      "nothing after 2026-11-29T12:00:00.5Z, and it reached 0/5000100, with the last transaction at 2026-11-29T12:00:00.500001Z.",
    ],
    [
      "before a transaction",
      plan({ kind: "xid", value: "742" }, reaches),
      point("0/5000098", "2026-11-29T12:00:00.250000Z"),
      "the record at 0/5000098, of 2026-11-29T12:00:00.25Z, and it reached 0/5000098, with the last transaction at 2026-11-29T12:00:00.250000Z.",
    ],
    [
      "after a transaction",
      plan({ kind: "xid", value: "742" }, reaches),
      point("0/5000198", "2026-11-29T12:00:00.250001Z"),
      "the record at 0/5000098, of 2026-11-29T12:00:00.25Z, and it reached 0/5000198, with the last transaction at 2026-11-29T12:00:00.250001Z.",
    ],
    [
      "before an LSN",
      plan({ kind: "lsn", value: "0/5000098" }),
      point("0/5000098"),
      "the record at 0/5000098, and it reached 0/5000098.",
    ],
    [
      "after a restore point",
      plan({ kind: "name", value: "x" }, reaches),
      point("0/5001098"),
      "the record at 0/5000098, and it reached 0/5001098.",
    ],
    [
      "after the end of a backup",
      plan({ kind: "immediate" }),
      point("0/6000001"),
      "the end of 000000010000000000000005, and it reached 0/6000001.",
    ],
    [
      "before what was archived",
      plan({ kind: "latest" }, reaches),
      point("0/5000000"),
      "the record at 0/5000098, and it reached 0/5000000.",
    ],
    [
      "on another timeline",
      plan(time, undefined, 3),
      point("0/5000100", null, 2),
      "timeline 3, and it reached 0/5000100, on timeline 2.",
    ],
    [
      "without a recovery",
      plan({ kind: "latest" }),
      { ...point(null), lsn: null },
      "a recovery, and it reached nowhere.",
    ],
  ])("is another one: %s", (_what, wanted, reached, sentence) => {
    expect(pointProblem(wanted, reached)).toBe(`${other}${sentence}`);
  });

  it("is read from both halves of an LSN", () => {
    expect(lsnValue("2/A")).toBe(0x2_0000_000an);
    expect([lsnValue("x"), lsnValue(null), lsnValue(undefined)]).toEqual([
      ...[undefined, undefined, undefined],
    ]);
  });
});

it("a restore's command line names the folder, and the folder from which the server will serve", () => {
  const path = "/var/lib/postgresql/primary/data.restored";
  expect(restoreWords("main", ["restore", "--repo=1", "--set=x"], path)).toEqual([
    ...["pgbackrest", "restore", "--stanza=main", `--pg1-path=${path}`],
    ...["--log-level-file=off", "--log-level-console=detail", "--log-level-stderr=off"],
    ...["--repo=1", "--set=x"],
    '--recovery-option=restore_command=pgbackrest --stanza=main --pg1-path=/var/lib/postgresql/primary/data --repo=1 archive-get %f "%p" || { c=$?; [ $c = 1 ] || c=255; exit $c; }',
  ]);
});

it("a restore needs room for the data, and for WAL until the primary's next checkpoint", () => {
  const of = (segments: number, maxSize?: number) =>
    roomFor({ set: { bytes: 1000 }, wal: { segments, maxSize } } as RestorePlan) - 1000 - 2 ** 28;
  expect([of(0), of(2), of(200)]).toEqual([0, 2 * 16777216, 200 * 16777216]);
  // Ten percent more than 4GB, and than what the primary has.
  expect([of(5000), of(5000, 1000), of(5000, 10_000)]).toEqual([
    ...[4_724_464_026, 1_153_433_600, 11_534_336_000],
  ]);
});
