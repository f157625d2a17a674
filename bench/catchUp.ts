import { setTimeout as sleep } from "node:timers/promises";
import { type Figure, interleaved, type Measurement, median } from "./figure";
import { fill, type Lab, pgbench, withLab } from "./lab";
import { caughtUp, type LabStandby, startByHand, startOurs } from "./standbys";
import { until } from "./until";

/** How long the link is cut, in minutes, and how often. A shorter cut leaves less to catch up with. */
const minutes = Number(process.env.LATERBASE_CUT_MINUTES ?? 5);
const rounds = Number(process.env.LATERBASE_CUT_ROUNDS ?? 5);

/** The major of DaVinci Resolve's server on a Mac, which is cut off each night. */
const major = 13;

/** Transactions a second while the link is cut. */
const rate = 1000;

/** Measures the time from when the link is back until the standby has replayed what it missed. */
export const catchUp: Measurement = {
  name: "catch-up",
  run: ({ quick, say }) =>
    withLab(say, (lab) => measure(lab, quick ? 5 : minutes * 60, quick ? 1 : rounds, say), major),
};

async function measure(
  lab: Lab,
  seconds: number,
  count: number,
  say: (line: string) => void,
): Promise<Figure[]> {
  await fill(lab, seconds < 60 ? 2 : 20);
  // The standbys use the address: without the network each look-up of a name takes ten seconds.
  const { NetworkSettings } = await lab.primary.inspect();
  const host = NetworkSettings.Networks[lab.network]!.IPAddress;
  const standbys = [
    await startOurs(lab, "ours", host),
    await startByHand(lab, "by_hand", host),
  ] as const;
  for (const standby of standbys) await caughtUp(lab, standby);
  let turns = 0;
  const side = (standby: LabStandby) => async () => {
    // Both standbys are cut off together, once for two turns. Then each reconnects alone.
    if (turns++ % 2 === 0) say(`${await missed(lab, standbys, seconds)} MB of WAL were missed`);
    const taken = await back(lab, standby);
    say(`${standby.name} ${taken.toFixed(1)} s`);
    return taken;
  };
  const runs = await interleaved(count, side(standbys[0]), side(standbys[1]));
  return [
    {
      measured: `catching up after ${seconds} s cut off, pgbench -R ${rate} meanwhile`,
      against: "a hand-made standby, cut off at the same time",
      unit: "s",
      ours: median(runs.ours),
      theirs: median(runs.theirs),
      kind: "ratio",
      limit: 1.3,
      runs,
    },
  ];
}

/**
 * Cuts the links without notice while the primary works, as a sleeping Mac does. Returns the missed
 * WAL in MB.
 */
async function missed(lab: Lab, standbys: readonly LabStandby[], seconds: number): Promise<string> {
  const { sql, engine, network } = lab;
  const position = "SELECT pg_current_wal_lsn() AS lsn";
  const from = (await sql.query<{ lsn: string }>(position)).rows[0]!.lsn;
  for (const { container } of standbys) {
    await engine.getNetwork(network).disconnect({ Container: container.id });
  }
  const load = ["-n", "-c", "8", "-j", "2", "-R", String(rate), "-T", String(seconds)];
  await Promise.all([pgbench(lab, load), sleep(seconds * 1000)]);
  const { rows } = await sql.query<{ mb: string }>(
    "SELECT round((pg_current_wal_lsn() - $1::pg_lsn) / 1048576) AS mb",
    [from],
  );
  return rows[0]!.mb;
}

/** Reconnects the standby. Returns the seconds until it has replayed what was written before. */
async function back({ sql, engine, network }: Lab, standby: LabStandby): Promise<number> {
  const began = performance.now();
  const { rows } = await sql.query<{ lsn: string }>("SELECT pg_current_wal_lsn() AS lsn");
  await engine.getNetwork(network).connect({ Container: standby.container.id });
  await until(`${standby.name} has caught up`, 900, async () => {
    const { rowCount } = await sql.query(
      "SELECT FROM pg_stat_replication WHERE application_name = $1 AND replay_lsn >= $2",
      [standby.name, rows[0]!.lsn],
    );
    return rowCount ? true : undefined;
  });
  return (performance.now() - began) / 1000;
}
