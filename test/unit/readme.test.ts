import { readFileSync } from "node:fs";

describe("the README", () => {
  it("has at most 200 lines", () => {
    expect(readFileSync("README.md", "utf8").split("\n").length - 1).toBeLessThanOrEqual(200);
  });
});
