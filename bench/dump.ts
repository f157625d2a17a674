import { exec } from "./container";
import { bytes, type DumpLab, timed, withDumpLab } from "./dumpLab";
import { dumpingMany } from "./manyRelations";
import { type Figure, interleaved, type Measurement, median } from "./figure";

/** Compares a dump, with its manifest and checks, and its restore with pg_dump | gzip. */
export const dump: Measurement = {
  name: "dump",
  run: async ({ quick, say }) => {
    const figures: Figure[] = [];
    const megabytes = quick ? 60 : 2048;
    const times = quick ? 1 : 3;
    for (const [major, limits] of [
      [17, { time: 0.3, size: 0.9 }],
      [13, { time: 0.5, size: 1.1 }],
    ] as const) {
      await withDumpLab(major, megabytes, say, async (lab) => {
        figures.push(...(await dumping(lab, times, limits, say)));
        if (major === 17) figures.push(await restoring(lab, times, say), await resting(lab));
      });
    }
    figures.push(...(await dumpingMany(quick, times, say)));
    return figures;
  },
};

async function dumping(
  lab: DumpLab,
  times: number,
  limits: { time: number; size: number },
  say: (line: string) => void,
): Promise<Figure[]> {
  const what = `a dump, PostgreSQL ${lab.major}`;
  const against = "pg_dump | gzip";
  const hand = `pg_dump -h ${lab.prefix}-standby -U postgres bench | gzip >/backups/by_hand.sql.gz`;
  const report = (side: string) => (seconds: number) => {
    say(`${lab.major}: ${side} ${seconds.toFixed(1)} s`);
    return seconds;
  };
  const runs = await interleaved(
    times,
    () => timed(lab, "laterbase-agent dump >/dev/null").then(report("ours")),
    () => timed(lab, hand).then(report("by hand")),
  );
  const ours = await bytes(lab, "$(ls -d /backups/bench/*/bench.backup | tail -n 1)");
  const theirs = await bytes(lab, "/backups/by_hand.sql.gz");
  return [
    {
      measured: `time of ${what}, manifest and checks included`,
      against,
      unit: "s",
      ours: median(runs.ours),
      theirs: median(runs.theirs),
      kind: "ratio",
      limit: limits.time,
      runs,
    },
    {
      measured: `size of ${what}`,
      against,
      unit: "MB",
      ours: ours / 1e6,
      theirs: theirs / 1e6,
      kind: "ratio",
      limit: limits.size,
      runs: { ours: [ours], theirs: [theirs] },
    },
  ];
}

async function restoring(
  lab: DumpLab,
  times: number,
  say: (line: string) => void,
): Promise<Figure> {
  const superuser = { name: "postgres", password: lab.password };
  const asked = JSON.stringify({ dump: "bench", as: "ours", superuser });
  const psql = `psql -X -q -h ${lab.prefix}-primary -U postgres`;
  const drop = (name: string) => timed(lab, `${psql} -d postgres -c 'DROP DATABASE ${name}'`);
  const runs = await interleaved(
    times,
    async () => {
      const seconds = await timed(
        lab,
        `printf '%s' '${asked}' | laterbase-agent restore-dump >/dev/null`,
      );
      say(`restore: ours ${seconds.toFixed(1)} s`);
      await drop("ours");
      return seconds;
    },
    async () => {
      const seconds = await timed(
        lab,
        `${psql} -d postgres -c 'CREATE DATABASE by_hand' && gunzip -c /backups/by_hand.sql.gz | ${psql} -v ON_ERROR_STOP=1 -d by_hand >/dev/null`,
      );
      say(`restore: by hand ${seconds.toFixed(1)} s`);
      await drop("by_hand");
      return seconds;
    },
  );
  return {
    measured: "time of a restore to a verified new name",
    against: "gunzip | psql of the plain file",
    unit: "s",
    ours: median(runs.ours),
    theirs: median(runs.theirs),
    kind: "ratio",
    limit: 0.6,
    runs,
  };
}

/** The agent's resident memory, ten seconds after its last work. */
async function resting({ agent }: DumpLab): Promise<Figure> {
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const sizes = await exec(agent, [
    "bash",
    "-c",
    "grep -h ^VmRSS /proc/[0-9]*/status | grep -v ' 0 kB'",
  ]);
  // The agent is the largest process; the others belong to this command.
  const largest = Math.max(...[...sizes.matchAll(/(\d+) kB/g)].map((match) => Number(match[1])));
  const mebibytes = largest / 1024;
  return {
    measured: "resident memory of the agent between runs",
    against: "nothing",
    unit: "MiB",
    ours: mebibytes,
    theirs: 0,
    kind: "difference",
    limit: 80,
    runs: { ours: [mebibytes], theirs: [] },
  };
}
