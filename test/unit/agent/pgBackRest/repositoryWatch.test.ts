import { untilNextLook } from "../../../../scripts/agent/server/repositoryWatch";

it.each([
  ["at the start", 0, 1_000_000_000_000, 0],
  ["after a look", 1_000_000, 1_000_000, 30_000],
  ["after the look of a command, not a whole interval later", 1_029_000, 1_030_500, 28_500],
  ["when it is due", 1_000_000, 1_030_000, 0],
  ["after a clock was set back", 1_000_000, 400_000, 30_000],
])("waits for the next look at the repositories %s", (_, lookedAt, now, pause) =>
  expect(untilNextLook(lookedAt, now)).toBe(pause),
);
