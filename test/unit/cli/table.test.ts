import { table } from "../../../scripts/cli/terminal/table";

it("separates columns by two spaces, without borders, colours or spaces at the end of a line", () => {
  const rows = [
    ["ID", "NAME", "SIZE"],
    ["abcd", "x", "1 B"],
    ["e", "", ""],
  ];
  expect(table(rows)).toBe("ID    NAME  SIZE\nabcd  x     1 B\ne");
});

it("lines up letters with accents, wide letters and emoji", () => {
  const rows = [
    ["é", "1"],
    ["e\u0301", "2"],
    ["日本", "3"],
    ["👍🏽", "4"],
  ];
  expect(table(rows)).toBe("é     1\ne\u0301     2\n日本  3\n👍🏽    4");
});
