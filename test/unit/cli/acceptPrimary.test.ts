import type { PrimaryAcceptance } from "../../../contract/health/acceptPrimary";
import { askingMonitor } from "../../support/unit/askingMonitor";

const monitored = { health: { container: "laterbase-dev-health", dockerHost: null } };

function run(words: string[], accepted: boolean, plain: object = monitored) {
  const result: PrimaryAcceptance = { seen: { systemIdentifier: "8", timeline: 1 }, accepted };
  return askingMonitor(words, result, plain);
}

it("asks the monitor, and says which cluster it takes", async () => {
  expect(await run(["accept-primary"], true)).toEqual({
    code: 0,
    printed:
      "Accepted: the cluster 8 on timeline 1 is the stack's primary. The check is good within half a minute. Backups of the former cluster stay what they are.",
    said: "",
    asked: [[{ name: "laterbase-dev-health" }, "accept-primary", {}]],
  });
  const { printed } = await run(["accept-primary", "--json"], true);
  expect(JSON.parse(printed)).toEqual({
    ...{ seen: { systemIdentifier: "8", timeline: 1 }, accepted: true },
  });
});

it("refuses where nothing has to be accepted, and without a monitor", async () => {
  expect(await run(["accept-primary"], false)).toMatchObject({
    ...{ code: 4, printed: "" },
    said: "laterbase: The primary is the cluster 8 on timeline 1, which the monitor knows: nothing changed.",
  });
  expect(await run(["accept-primary"], true, {})).toMatchObject({ code: 4, asked: [] });
});
