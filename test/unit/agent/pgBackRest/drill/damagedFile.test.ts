import { readFileSync } from "node:fs";
import { fileIn } from "../../../../../scripts/agent/pgBackRest/drill/damagedFile";

const recorded = (name: string) =>
  readFileSync(`test/unit/agent/pgBackRest/recorded/2.33/${name}.txt`, "utf8").split("\n");

it("names the file of a backup that verify calls damaged, and no WAL", () => {
  const file = "20261129-103458F/pg_data/base/1/1247.lz4";
  expect(fileIn(recorded("verify-damaged"), "20261129-103458F")).toBe(file);
  // A diff or incr stands on its full one.
  expect(fileIn(recorded("verify-damaged"), "20261129-103458F_20261129-103504I")).toBe(file);
  expect(fileIn(recorded("verify-damaged"), "20261129-200000F")).toBeUndefined();
  expect(fileIn(recorded("verify-good"), "20261129-103458F")).toBeUndefined();
});

it("reads it as 2.55 says it", () => {
  const line =
    "2026-11-29 17:45:49.956 P01   INFO: invalid checksum '20261129-174540F/pg_data/base/1/1247.lz4'";
  expect(fileIn([line], "20261129-174540F")).toBe("20261129-174540F/pg_data/base/1/1247.lz4");
});

it("shows no control character of a name", () => {
  expect(
    fileIn(
      ["P01 INFO: invalid checksum '20261129-103458F/pg_data/a\u001b[31m'"],
      "20261129-103458F",
    ),
  ).toBe("20261129-103458F/pg_data/a\\x1b[31m");
});
