import { age, count, moment, seconds, size, word } from "../../../scripts/cli/terminal/format";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [9_960, "10 kB"],
  [999_600, "1.0 MB"],
  [812_345_678, "812 MB"],
  [2_100_000_000_000_000, "2100 TB"],
])("%d bytes are %s", (bytes, expected) => expect(size(bytes)).toBe(expected));

it.each([
  ["2026-11-21T11:59:30Z", "now"],
  ["2026-11-21T11:01:00Z", "59 min"],
  ["2026-11-21T09:59:00Z", "2 h"],
  ["2026-11-18T11:00:00Z", "3 days"],
])("the age of %s is %s at noon", (then, expected) =>
  expect(age(then, new Date("2026-11-21T12:00:00Z"))).toBe(expected),
);

it("writes moments, counts and durations for people", () => {
  expect(moment("2026-11-21T03:00:00.123Z")).toBe("2026-11-21 03:00:00 UTC");
  expect([count(1, "row"), count(1234567, "row")]).toEqual(["1 row", "1,234,567 rows"]);
  expect([seconds(1.25), seconds(600)]).toEqual(["1.3 s", "10 min"]);
});

it("quotes what a shell would split", () => {
  expect(word("app/20261121T030000Z")).toBe("app/20261121T030000Z");
  expect(word(`My "L" 'é'`)).toBe(`'My "L" '\\''é'\\'''`);
});
