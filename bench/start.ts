import { root, timed } from "./command";
import { pulumiOnDev, bringDevUpToDate } from "./dev";
import { type Figure, interleaved, type Measurement, median } from "./figure";

/** Measures what set-up and our scripts add to an `up` with nothing to do. */
export const start: Measurement = {
  name: "start",
  run: async ({ quick, say }) => {
    await bringDevUpToDate(say);
    const runs = await interleaved(
      quick ? 1 : 5,
      () => timed("npm", ["start"], { cwd: root }),
      () => pulumiOnDev("up", "--yes", "--skip-preview", "--expect-no-changes"),
    );
    const figure: Figure = {
      measured: "second npm start, nothing to do",
      against: "that no-op up alone",
      unit: "s",
      ours: median(runs.ours),
      theirs: median(runs.theirs),
      kind: "difference",
      limit: 1.2,
      runs,
    };
    return [figure];
  },
};
