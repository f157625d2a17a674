import { ok } from "../test/support/process";
import { type BackupStack, withBackupStack } from "./backupStack";
import { type Figure, interleaved, type Measurement, median } from "./figure";

interface Sizes {
  quick: boolean;
  /** The scale of pgbench: a unit is about 15 MB. */
  scale: number;
  times: number;
  say: (line: string) => void;
}

/** Compares restores and drills with the same commands by hand. */
export const restore: Measurement = {
  name: "restore",
  run: ({ quick, say }) =>
    withBackupStack(say, async (stack) => {
      const sizes = { quick, scale: quick ? 4 : 137, times: quick ? 1 : 3, say };
      await stack.withRepository({ type: "posix" });
      say(`filling about ${sizes.scale * 15} MB`);
      await stack.pgbench(`-i -I dtGvp -q -s ${sizes.scale}`);
      await stack.inAgent("laterbase-agent backup --type full --repo 1 >/dev/null");
      const beside = await restoresBeside(stack, sizes);
      return [
        beside,
        await deltaInPlace(stack, sizes, beside.runs.ours),
        await drills(stack, sizes),
        await plans(stack, sizes),
      ];
    }),
};

const path = "/var/lib/postgresql/primary";
const socket = "/tmp";
const psql = (database: string) =>
  `psql -XqAt -v ON_ERROR_STOP=1 -h ${socket} -U postgres -d ${database}`;

/** Starts a server on restored data by hand, until it takes writes. */
const start = (data: string) => `
postgres -D ${data} -c listen_addresses= -c unix_socket_directories=${socket} -c max_connections=500 \\
  -c archive_mode=off >/dev/null 2>&1 &
until [ "$(${psql("postgres")} -c 'SELECT pg_is_in_recovery()' 2>/dev/null)" = f ]; do sleep 0.1; done`;

/** From the command until the restored server takes writes. */
async function restoresBeside(stack: BackupStack, { times, say }: Sizes): Promise<Figure> {
  const moment = await stack.moment();
  const ours = async () => {
    const began = performance.now();
    const done = stack.operate("restore", "--to-time", moment);
    await Promise.race([done, stack.restoredTakesWrites()]);
    const seconds = (performance.now() - began) / 1000;
    await done;
    await stack.operate("restore", "--remove", "--yes");
    say(`restore beside, ours: ${seconds.toFixed(1)} s`);
    return seconds;
  };
  const theirs = async () => {
    const volume = `${stack.container("by-hand")}-data`;
    const options = [
      ...[`--pg1-path=${path}/data`, "--type=time", `--target=${moment}`],
      ...["--target-action=promote", "--archive-mode=off", "--log-level-file=off"],
    ];
    const words = options.map((one) => `'${one}'`).join(" ");
    const script = `mkdir -m 0700 ${path}/data; pgbackrest --stanza=main ${words} restore >/dev/null; ${start(`${path}/data`)}`;
    const seconds = await timed(() => stack.byHand(volume, script));
    await ok("docker", ["volume", "rm", volume]);
    say(`restore beside, by hand: ${seconds.toFixed(1)} s`);
    return seconds;
  };
  const runs = await interleaved(times, ours, theirs);
  return ratio("a restore to a moment, beside, until it takes writes", 1.2, runs, {
    against: "pgbackrest restore and postgres by hand",
  });
}

/** From the command until the primary answers, after a twentieth of its data was changed. */
async function deltaInPlace(
  stack: BackupStack,
  { scale, times, say }: Sizes,
  beside: readonly number[],
): Promise<Figure> {
  const runs: Figure["runs"] = { ours: [], theirs: [...beside] };
  for (let i = 0; i < times; i++) {
    const moment = await stack.moment();
    await stack.sql(
      `UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid <= ${scale * 5000}`,
    );
    await stack.sql("CHECKPOINT");
    await stack.archived();
    const began = performance.now();
    const done = stack.operate("restore", "--in-place", "--delta", "--yes", "--to-time", moment);
    let stopped = false;
    while (!stopped || !(await stack.answers())) {
      stopped ||= !(await stack.answers());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    runs.ours.push((performance.now() - began) / 1000);
    say(`restore in place by --delta: answers after ${runs.ours.at(-1)!.toFixed(1)} s`);
    await done;
  }
  return ratio("--delta in place after 5 % changed, until the primary answers", 0.6, runs, {
    against: "a restore beside",
  });
}

/** All four proofs. */
async function drills(stack: BackupStack, { times, say }: Sizes): Promise<Figure> {
  // Not on the volume of drills: the agent clears that.
  const folder = "/var/lib/laterbase/records/by-hand";
  const table = "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM pgbench_accounts t";
  const primary = "psql -XqAt -v ON_ERROR_STOP=1 -h /run/pg/primary -U postgres -d bench";
  const script = `
rm -rf ${folder}; mkdir -m 0700 ${folder}
segment=$(${primary} -c "SELECT pg_walfile_name(pg_create_restore_point('by-hand'))")
before=$(${primary} -c "${table}")
${primary} -c "SELECT pg_switch_wal()" >/dev/null
until pgbackrest --stanza=main --log-level-console=off --no-archive-async archive-get $segment /tmp/by-hand 2>/dev/null; do sleep 0.2; done
pgbackrest --stanza=main --pg1-path=${folder} --type=name --target=by-hand --target-action=promote \\
  --archive-mode=off --log-level-file=off restore >/dev/null
${start(folder)}
[ "$before" = "$(${psql("bench")} -c "${table}")" ]
pg_amcheck -h ${socket} -U postgres --all --install-missing --heapallindexed --no-dependent-toast
pg_ctl -D ${folder} stop -m fast >/dev/null
pg_checksums --check -D ${folder} >/dev/null
rm -rf ${folder} /tmp/by-hand`;
  const side = (name: string, command: string) => async () => {
    const seconds = await timed(() => stack.inAgent(command));
    say(`drill, ${name}: ${seconds.toFixed(1)} s`);
    return seconds;
  };
  const runs = await interleaved(
    times,
    side("ours", "laterbase-agent drill --repo 1 >/dev/null"),
    side("by hand", script),
  );
  return ratio("a drill with its four proofs", 1.2, runs, { against: "the same four by hand" });
}

/** A plan where the repository has thirty backups. */
async function plans(stack: BackupStack, { quick, times, say }: Sizes): Promise<Figure> {
  const wanted = quick ? 3 : 30;
  say(`making backups until there are ${wanted}`);
  while ((await stack.backups()).length < wanted) {
    await stack.inAgent("laterbase-agent backup --type incr --repo 1 >/dev/null");
  }
  const moment = await stack.moment();
  const seconds: number[] = [];
  for (let i = 0; i < times; i++) {
    seconds.push(await timed(() => stack.operate("restore", "--dry-run", "--to-time", moment)));
    say(`plan: ${seconds.at(-1)!.toFixed(1)} s`);
  }
  return {
    measured: `the plan of a restore, ${wanted} backups in the repository`,
    against: "nothing",
    unit: "s",
    ours: median(seconds),
    theirs: 0,
    kind: "difference",
    limit: 3,
    runs: { ours: seconds, theirs: [] },
  };
}

function ratio(
  measured: string,
  limit: number,
  runs: Figure["runs"],
  { against }: { against: string },
): Figure {
  const [ours, theirs] = [median(runs.ours), median(runs.theirs)];
  return { measured, against, unit: "s", ours, theirs, kind: "ratio", limit, runs };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}
