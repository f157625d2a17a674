import type { RestorePlan } from "../../../contract/restorePlan";

/** A plan for this target, as the agent makes it: a full backup and two segments of WAL, in one repository. */
export const plannedFor = (
  target: RestorePlan["target"],
  change: Partial<RestorePlan> = {},
): RestorePlan => ({
  target,
  repository: { number: 1, location: "volume" },
  set: {
    ...{ label: "20261129-120000F", type: "full", endedAt: "2026-11-29T12:10:00.000Z" },
    ...{ ended: "2026-11-29 12:10:00 UTC", bytes: 1_300_000_000, standsOn: [] },
  },
  ...{ timeline: 1, through: [1] },
  wal: { from: "000000010000000000000004", to: "000000010000000000000005", segments: 2, bytes: 99 },
  arguments: ["restore", "--repo=1"],
  notes: [],
  ...change,
});
