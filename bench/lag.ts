import { setTimeout as sleep } from "node:timers/promises";
import { stop } from "./container";
import { type Figure, interleaved, type Measurement, median, percentile } from "./figure";
import { fill, type Lab, pgbench, withLab } from "./lab";
import { caughtUp, type LabStandby, startByHand, startOurs } from "./standbys";

/** Measures how far replay is behind under write load, by the primary's own figure. */
export const lag: Measurement = {
  name: "lag",
  run: ({ quick, say }) =>
    withLab(say, async (lab) => {
      const seconds = quick ? 5 : 60;
      await fill(lab, quick ? 2 : 20);
      const sides = [await startOurs(lab, "ours"), await startByHand(lab, "by_hand")] as const;
      for (const standby of sides) {
        await caughtUp(lab, standby);
        await stop(standby.container);
      }
      const side = (standby: LabStandby) => async () => {
        const p99 = await underLoad(lab, standby, seconds);
        say(`${standby.name} ${p99.toFixed(1)} ms`);
        return p99;
      };
      const runs = await interleaved(quick ? 1 : 5, side(sides[0]), side(sides[1]));
      const figure: Figure = {
        measured: `p99 replay lag, pgbench -c 8 for ${seconds} s`,
        against: "the same with a hand-made standby",
        unit: "ms",
        ours: median(runs.ours),
        theirs: median(runs.theirs),
        kind: "ratio",
        limit: 1.5,
        runs,
      };
      return [figure];
    }),
};

/** One run with this standby alone. The other one is stopped and uses no resources. */
async function underLoad(lab: Lab, standby: LabStandby, seconds: number): Promise<number> {
  await standby.container.start();
  await caughtUp(lab, standby);
  // After a checkpoint every run writes the same full-page images.
  await lab.sql.query("CHECKPOINT");
  await caughtUp(lab, standby);
  const samples: number[] = [];
  let running = true;
  const load = pgbench(lab, ["-n", "-c", "8", "-j", "2", "-T", String(seconds)]).finally(
    () => (running = false),
  );
  const sampling = (async () => {
    for (; running; await sleep(50)) samples.push(...(await replayLag(lab, standby)));
  })();
  await Promise.all([load, sampling]);
  await stop(standby.container);
  return percentile(samples, 99);
}

/** The current lag in ms. The list is empty until the primary has measured one. */
async function replayLag({ sql }: Lab, { name }: LabStandby): Promise<number[]> {
  const { rows } = await sql.query<{ ms: number }>(
    `SELECT (extract(epoch FROM replay_lag) * 1000)::float8 AS ms
     FROM pg_stat_replication WHERE application_name = $1 AND replay_lag IS NOT NULL`,
    [name],
  );
  return rows.map(({ ms }) => ms);
}
