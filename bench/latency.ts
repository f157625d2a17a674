import { exec } from "./container";
import { type DumpLab, timed, withDumpLab } from "./dumpLab";
import { type Figure, type Measurement, interleaved, median, percentile } from "./figure";

/**
 * Measures how much a dump from the standby slows the primary's clients, against a dump by hand there
 * with the same limits. On two shared cores any dump at full speed slows them.
 */
export const latency: Measurement = {
  name: "latency",
  run: ({ quick, say }) =>
    withDumpLab(17, quick ? 60 : 2048, say, async (lab) => {
      const seconds = quick ? 3 : 15;
      const most = await maximum(lab, seconds);
      say(`the maximum is ${most.toFixed(0)} transactions a second; the runs use half of it`);
      const during = async (dump: string, name: string) => {
        const p95 = await whileDumping(lab, dump, () => underLoad(lab, most / 2, seconds));
        say(`with ${name} p95 is ${p95.toFixed(1)} ms`);
        return p95;
      };
      const runs = await interleaved(
        quick ? 1 : 3,
        () => during("laterbase-agent dump >/dev/null", "our dump"),
        () => during(byHand(lab), "pg_dump by hand"),
      );
      const figure: Figure = {
        measured: "p95 latency on the primary at half its maximum, a dump running",
        against: "the same while pg_dump -Fc by hand runs there",
        unit: "ms",
        ours: median(runs.ours),
        theirs: median(runs.theirs),
        kind: "ratio",
        limit: 1.3,
        runs,
      };
      return [figure];
    }),
};

/** In the agent's container, so with its limits. */
const byHand = ({ prefix }: DumpLab) =>
  `pg_dump -h ${prefix}-standby -U postgres -Fc -f /backups/by_hand.backup bench`;

/** Dumps again and again until the work is done: a faster dump must not leave a quiet rest. */
async function whileDumping(
  lab: DumpLab,
  dump: string,
  work: () => Promise<number>,
): Promise<number> {
  await exec(lab.agent, ["rm", "-f", "/tmp/measured"]);
  const dumps = timed(lab, `while [ ! -e /tmp/measured ]; do ${dump}; done`);
  try {
    return await work();
  } finally {
    await exec(lab.agent, ["touch", "/tmp/measured"]);
    await dumps;
  }
}

async function maximum(lab: DumpLab, seconds: number): Promise<number> {
  const said = await load(lab, ["-T", String(seconds)]);
  const tps = /^tps = ([\d.]+)/m.exec(said)?.[1];
  if (!tps) throw new Error(`pgbench printed no tps:\n${said}`);
  return Number(tps);
}

/** The 95th percentile in ms. It includes the wait for a free connection, as a client sees it. */
async function underLoad(lab: DumpLab, rate: number, seconds: number): Promise<number> {
  await exec(lab.primary, ["bash", "-c", "rm -f /tmp/latency.*"]);
  await load(lab, [
    "-T",
    String(seconds),
    "-R",
    rate.toFixed(0),
    "-l",
    "--log-prefix=/tmp/latency",
  ]);
  const log = await exec(lab.primary, ["bash", "-c", "cut -d' ' -f3 /tmp/latency.*"]);
  return percentile(log.trim().split("\n").map(Number), 95) / 1000;
}

function load({ primary }: DumpLab, options: string[]): Promise<string> {
  const pgbench = [
    "pgbench",
    "-h",
    "/run/pg/primary",
    "-U",
    "postgres",
    "-n",
    "-c",
    "4",
    "-j",
    "1",
  ];
  return exec(primary, [...pgbench, ...options, "bench"]);
}
