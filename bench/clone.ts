import { type Figure, interleaved, type Measurement, median } from "./figure";
import { fill, type Lab, withLab } from "./lab";
import { caughtUp, discard, type LabStandby, startByHand, startOurs } from "./standbys";

/** Measures from the start of an empty container until the clone is verified and has caught up. */
export const clone: Measurement = {
  name: "clone",
  run: ({ quick, say }) =>
    withLab(say, async (lab) => {
      const scale = quick ? 7 : 137;
      say(`filling the primary (pgbench -s ${scale})`);
      await fill(lab, scale);
      const runs = await interleaved(
        quick ? 1 : 3,
        () => timed(lab, "ours", startOurs, say),
        () => timed(lab, "by_hand", startByHand, say),
      );
      const figure: Figure = {
        measured: `clone of a ${await size(lab)} primary, verified, until caught up`,
        against: "pg_basebackup, pg_verifybackup and start by hand",
        unit: "s",
        ours: median(runs.ours),
        theirs: median(runs.theirs),
        kind: "ratio",
        limit: 1.15,
        runs,
      };
      return [figure];
    }),
};

async function timed(
  lab: Lab,
  name: string,
  start: (lab: Lab, name: string) => Promise<LabStandby>,
  say: (line: string) => void,
): Promise<number> {
  const began = performance.now();
  const standby = await start(lab, name);
  const seconds = ((await caughtUp(lab, standby)) - began) / 1000;
  say(`${name} ${seconds.toFixed(1)} s`);
  await discard(lab, standby);
  return seconds;
}

async function size({ sql }: Lab): Promise<string> {
  const { rows } = await sql.query<{ size: string }>(
    "SELECT pg_size_pretty(sum(pg_database_size(oid))) AS size FROM pg_database",
  );
  return rows[0]?.size ?? "?";
}
