import { archived, without } from "../../../../support/fakeWal";
import { segmentName } from "../../../../../scripts/agent/pgBackRest/restore/lsn";
import { presentAlong, walAlong } from "../../../../../scripts/agent/pgBackRest/restore/walPath";

const first = [{ timeline: 1 }];
const second = [{ timeline: 1, until: "0/A000098" }, { timeline: 2 }];
const names = (files: readonly { segment: string }[]) => files.map(({ segment }) => segment);
const range = (from: number, to: number, timeline = 1) => names(archived(from, to, timeline));

it("goes from segment to segment, to a segment or to the end", () => {
  const segments = archived(250, 260);
  const all = walAlong(first, { segments }, segmentName(1, 254));
  expect([names(all.files), all.missing]).toEqual([range(254, 260), undefined]);
  const some = walAlong(first, { segments }, segmentName(1, 254), 257);
  expect([names(some.files), some.missing]).toEqual([range(254, 257), undefined]);
});

it("stops at what is missing, and names it", () => {
  const segments = without(archived(1, 12), 5, 6);
  expect(walAlong(first, { segments }, segmentName(1, 2))).toEqual({
    files: archived(2, 4),
    missing: segmentName(1, 5),
  });
  expect(walAlong(first, { segments }, segmentName(1, 2), 4).missing).toBeUndefined();
  // What has not arrived is missing too.
  expect(walAlong(first, { segments }, segmentName(1, 7), 13).missing).toBe(segmentName(1, 13));
});

it("changes to the next timeline in the segment in which that begins", () => {
  const segments = [...archived(1, 14), ...archived(10, 12, 2)];
  const { files, missing } = walAlong(second, { segments }, segmentName(1, 8));
  expect(names(files)).toEqual([...range(8, 9), ...range(10, 12, 2)]);
  expect(missing).toBeUndefined();
});

it("reads that segment of the old timeline while the new one has not arrived", () => {
  const segments = archived(1, 14);
  const { files, missing } = walAlong(second, { segments }, segmentName(1, 8));
  // What the left timeline has beyond the fork is not on the path.
  expect([names(files), missing]).toEqual([range(8, 10), undefined]);
  expect(walAlong(second, { segments }, segmentName(1, 8), 11).missing).toBe(segmentName(2, 11));
});

it("misses the new timeline's segments, not the old one's", () => {
  const segments = [...archived(1, 14), ...without(archived(10, 14, 2), 12)];
  expect(walAlong(second, { segments }, segmentName(1, 8)).missing).toBe(segmentName(2, 12));
});

it("lists what is there beyond a gap", () => {
  const segments = [...without(archived(1, 14), 5), ...archived(10, 12, 2)];
  expect(names(presentAlong(second, { segments }, segmentName(1, 4)))).toEqual([
    ...[...range(4, 4), ...range(6, 9), ...range(10, 12, 2)],
  ]);
});
