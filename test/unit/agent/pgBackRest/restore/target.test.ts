import { readRestoreOptions } from "../../../../../contract/restoreTarget";
import { resolveWish } from "../../../../../scripts/agent/pgBackRest/restore/target";

const now = Date.UTC(2026, 10, 29, 12) * 1000;

function resolved(toTime: string, timeZone: string) {
  const wish = readRestoreOptions({ toTime, timeline: "2" });
  if ("problem" in wish) throw new Error(wish.problem);
  return resolveWish(wish, { timeZone, now });
}

it("reads a time without zone in the stack's, and one with a zone in its own", () => {
  const wish = (moment: number) => ({ timeline: 2, target: { kind: "time", moment } });
  expect(resolved("2026-11-29 12:30", "Europe/Berlin")).toEqual(wish(now - 1800_000_000));
  expect(resolved("2026-11-29 12:30+01:00", "Asia/Tokyo")).toEqual(wish(now - 1800_000_000));
  expect(resolved("2026-11-29 12:00", "Etc/UTC")).toEqual(wish(now));
});

it.each<[string, string, string, string]>([
  [
    "2026-11-29 13:00:00.000001",
    "Europe/Berlin",
    "future",
    "2026-11-29 13:00:00.000001+01:00 (2026-11-29 12:00:00.000001 UTC) is in the future: " +
      "it is 2026-11-29 13:00:00+01:00 (2026-11-29 12:00:00 UTC).",
  ],
  [
    "2026-10-25 01:30",
    "Europe/London",
    "time-twice",
    "2026-10-25 01:30:00 comes twice in Europe/London, because the clocks go back: " +
      'say --to-time "2026-10-25 01:30:00+01:00" (2026-10-25 00:30:00 UTC) or ' +
      '--to-time "2026-10-25 01:30:00+00:00" (2026-10-25 01:30:00 UTC).',
  ],
  [
    "2026-03-29 01:30:00.5",
    "Europe/London",
    "time-never",
    "2026-03-29 01:30:00.5 comes never in Europe/London, because the clocks go forward: " +
      'say --to-time "2026-03-29 00:30:00.5+00:00" (2026-03-29 00:30:00.5 UTC) or ' +
      '--to-time "2026-03-29 02:30:00.5+01:00" (2026-03-29 01:30:00.5 UTC).',
  ],
])("%s in %s is refused as %s", (toTime, timeZone, code, sentence) => {
  expect(resolved(toTime, timeZone)).toEqual({ refused: { code, sentence } });
});

it("leaves other targets as they are", () => {
  const wish = readRestoreOptions({ toXid: "742", set: "20261129-020000F" });
  if ("problem" in wish) throw new Error(wish.problem);
  expect(resolveWish(wish, { timeZone: "Etc/UTC", now })).toEqual({
    ...{ target: { kind: "xid", xid: 742 }, set: "20261129-020000F" },
  });
});
