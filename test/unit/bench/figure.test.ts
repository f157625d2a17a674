import { type Figure, holds, interleaved, median, percentile, value } from "../../../bench/figure";
import { renderTable } from "../../../bench/table";

const figure = (over: Partial<Figure>): Figure => ({
  measured: "a clone",
  against: "by hand",
  unit: "s",
  ours: 11,
  theirs: 10,
  kind: "ratio",
  limit: 1.15,
  runs: { ours: [11], theirs: [10] },
  ...over,
});

describe("figures", () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
  ])("the median of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it("takes a percentile by nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
    expect(percentile(hundred, 99)).toBe(99);
    expect(percentile([7, 3], 99)).toBe(7);
    expect(() => percentile([], 99)).toThrow("at least one value");
  });

  it.each<[Partial<Figure>, number, boolean]>([
    [{}, 1.1, true],
    [{ ours: 11.5 }, 1.15, true],
    [{ ours: 12 }, 1.2, false],
    [{ kind: "difference", limit: 1.2 }, 1, true],
    [{ kind: "difference", limit: 0.9 }, 1, false],
    [{ ours: 0, theirs: 0 }, NaN, false],
  ])("%j gives %d, holds: %s", (over, expected, kept) => {
    expect(value(figure(over))).toBe(expected);
    expect(holds(figure(over))).toBe(kept);
  });

  it("lets the two sides begin in turns", async () => {
    const order: string[] = [];
    const side = (name: string) => () => Promise.resolve(order.push(name));
    const runs = await interleaved(3, side("ours"), side("theirs"));
    expect(order).toEqual(["ours", "theirs", "theirs", "ours", "ours", "theirs"]);
    expect(runs).toEqual({ ours: [1, 4, 5], theirs: [2, 3, 6] });
  });
});

describe("the table", () => {
  it("shows what was missed, and both kinds of limits", () => {
    const lines = renderTable([
      figure({ ours: 12 }),
      figure({ measured: "a start", kind: "difference", limit: 1.2 }),
    ]).split("\n");
    expect(lines[2]).toMatch(/^a clone +by hand +12\.0 s +10\.0 s +1\.20 +1\.15 +MISSED$/);
    expect(lines[3]).toMatch(/^a start +by hand +11\.0 s +10\.0 s +\+1\.00 s +\+1\.20 s +holds$/);
  });
});
