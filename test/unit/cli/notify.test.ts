import type { TestResult } from "../../../contract/health/notifyTest";
import { askingMonitor } from "../../support/unit/askingMonitor";

const monitored = { health: { container: "laterbase-dev-health", dockerHost: "ssh://nas" } };

const run = (words: string[], results: TestResult[], plain: object = monitored) =>
  askingMonitor(words, results, plain);

const sent: TestResult = { target: "notify 1 (slack)", sent: true, seconds: 0.4 };
const lost: TestResult = { target: "notify 2 (email)", sent: false, code: "SMTP 535", seconds: 1 };

it("asks the monitor, and prints what became of each target", async () => {
  const note = "1 of 2 recipients were refused.";
  expect(
    await run(["notify", "--test"], [sent, { ...sent, target: "notify 3 (email)", note }]),
  ).toEqual({
    code: 0,
    printed: [
      "notify 1 (slack): sent in 0.4 s",
      "notify 3 (email): sent in 0.4 s; 1 of 2 recipients were refused.",
    ].join("\n"),
    said: "",
    asked: [[{ name: "laterbase-dev-health", host: "ssh://nas" }, "notify-test", {}]],
  });
});

it("exits with 1 when a target was not reached, and prints all the same", async () => {
  const { code, printed, said } = await run(["notify", "--test"], [sent, lost]);
  expect([code, printed, said]).toEqual([
    1,
    "notify 1 (slack): sent in 0.4 s\nnotify 2 (email): not sent: SMTP 535",
    "laterbase: notify 2 (email) was not reached.",
  ]);
  const json = await run(["notify", "--test", "--json"], [sent, lost]);
  expect([json.code, JSON.parse(json.printed)]).toEqual([1, [sent, lost]]);
});

it.each([
  // Commander itself says why.
  [["notify"], 2, [], undefined, /^$/],
  [["notify", "--test"], 4, [], undefined, /^laterbase: The stack dev sends no messages: set /],
  [["notify", "--test"], 4, [], {}, /^laterbase: The stack dev has no monitor: /],
])("%j ends with %i and one sentence", async (words, expected, results, state, sentence) => {
  const { code, printed, said } = await run(words, results, state);
  expect([code, printed]).toEqual([expected, ""]);
  expect(said).toMatch(sentence);
});
