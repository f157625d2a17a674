import { isOfTimeline } from "../../../../scripts/agent/pgBackRest/discardTimeline";

it.each([
  ["00000002.history", true],
  ["0000000200000000/000000020000000000000007-5f1c0a.lz4", true],
  ["0000000200000000/000000020000000000000007.00000028.backup", true],
  ["00000001.history", false],
  ["00000020.history", false],
  ["0000000100000000/000000010000000000000002-5f1c0a.lz4", false],
  ["0000002000000000/000000200000000000000002-5f1c0a.lz4", false],
  ["archive.info", false],
])("of timeline 2: %s is %s", (path, own) => {
  expect(isOfTimeline(path, "00000002")).toBe(own);
});
