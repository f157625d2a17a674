import { exec } from "./container";
import { type DumpLab, timed, withDumpLab } from "./dumpLab";
import { type Figure, type Measurement, interleaved, median, percentile } from "./figure";

/** What a dump from the standby costs the primary's clients. */
export const latency: Measurement = {
  name: "latency",
  run: ({ quick, say }) =>
    withDumpLab(17, quick ? 60 : 2048, say, async (lab) => {
      const seconds = quick ? 3 : 15;
      const most = await maximum(lab, seconds);
      say(`at most ${most.toFixed(0)} transactions a second; half of it from now on`);
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
          say(`without it is ${p95.toFixed(1)} ms`);
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
  if (!tps) throw new Error(`pgbench says no tps:\n${said}`);
  return Number(tps);
}

/** The 95th percentile in ms, the wait for a turn included: that is what a client feels. */
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
