import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type History, openHistory } from "../scripts/agent/health/history/history";
import { pageOf } from "../scripts/agent/health/page/page";
import { fillHistory } from "../test/support/filledHistory";
import { healthy, moment } from "../test/support/healthSnapshots";
import { type Figure, interleaved, type Measurement, median } from "./figure";

/** Measures what 400 days of history cost when the monitor's page is made. */
export const healthPage: Measurement = {
  name: "health-page",
  run: async ({ quick, say }) => {
    const folder = mkdtempSync(join(tmpdir(), "lbb-health-page-"));
    const sides = { ours: open(join(folder, "400"), 400), theirs: open(join(folder, "1"), 1) };
    try {
      // The first pages are made by code that is not compiled yet.
      for (let i = 0; i < 20; i++) Object.values(sides).forEach(page);
      const runs = await interleaved(
        quick ? 20 : 300,
        () => Promise.resolve(page(sides.ours)),
        () => Promise.resolve(page(sides.theirs)),
      );
      say(`a page takes ${(median(runs.ours) * 1000).toFixed(1)} ms`);
      const figure: Figure = {
        measured: "the health page with 400 days of history",
        against: "the same with one day",
        unit: "s",
        ours: median(runs.ours),
        theirs: median(runs.theirs),
        kind: "ratio",
        limit: 2.0,
        runs,
      };
      return [figure];
    } finally {
      Object.values(sides).forEach(({ history }) => history.close());
      rmSync(folder, { recursive: true });
    }
  },
};

interface Side {
  history: History;
  /** The minute of its last look. */
  minute: number;
}

function open(folder: string, days: number): Side {
  fillHistory(folder, moment, days);
  const history = openHistory(folder, (sentence) => {
    throw new Error(sentence);
  });
  return { history, minute: 0 };
}

/** Seconds for a page after a look that wrote, so that no answer of the one before is used again. */
function page(side: Side): number {
  side.minute++;
  const now = new Date(Date.parse(moment) + side.minute * 60_000);
  const snapshot = { ...healthy, at: now.toISOString() };
  void side.history.note(snapshot, undefined);
  const begun = performance.now();
  const text = pageOf(snapshot, side.history, { stack: "homelab", timeZone: "Europe/London", now });
  const seconds = (performance.now() - begun) / 1000;
  if (!text.includes("<h1>Healthy</h1>")) throw new Error("The page has no verdict.");
  return seconds;
}
