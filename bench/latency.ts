import { exec } from "./container";
import { type DumpLab, timed, withDumpLab } from "./dumpLab";
import { type Figure, type Measurement, interleaved, median, percentile } from "./figure";

/** Measures how much a dump from the standby slows the primary's clients. */
export const latency: Measurement = {
  name: "latency",
  run: ({ quick, say }) =>
    withDumpLab(17, quick ? 60 : 2048, say, async (lab) => {
      const seconds = quick ? 3 : 15;
      const most = await maximum(lab, seconds);
      say(`the maximum is ${most.toFixed(0)} transactions a second; the runs use half of it`);
      const runs = await interleaved(
        quick ? 1 : 5,
        async () => {
          const dumping = timed(lab, "laterbase-agent dump >/dev/null");
          const p95 = await underLoad(lab, most / 2, seconds);
          await dumping;
          say(`with a dump p95 is ${p95.toFixed(1)} ms`);
          return p95;
        },
        async () => {
          const p95 = await underLoad(lab, most / 2, seconds);
          say(`without a dump p95 is ${p95.toFixed(1)} ms`);
          return p95;
        },
      );
      const figure: Figure = {
        measured: "p95 latency on the primary at half its maximum, a dump running",
        against: "none running",
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
