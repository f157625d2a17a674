import { type BackupStack, type Repository, withBackupStack } from "./backupStack";
import { type Figure, interleaved, type Measurement, median } from "./figure";
import { until } from "./until";

interface Sizes {
  quick: boolean;
  /** The scale of pgbench: a unit is about 15 MB. */
  scale: number;
  times: number;
  say: (line: string) => void;
}

/** Compares backups with bare pgBackRest, and a primary that archives with one that does not. */
export const backup: Measurement = {
  name: "backup",
  run: ({ quick, say }) =>
    withBackupStack(say, async (stack) => {
      const sizes = { quick, scale: quick ? 4 : 137, times: quick ? 1 : 5, say };
      await stack.withRepository({ type: "posix" });
      say(`filling about ${sizes.scale * 15} MB`);
      await stack.pgbench(`-i -I dtGvp -q -s ${sizes.scale}`);
      const made = [
        await fullBackups(stack, sizes),
        ...(await incrementals(stack, sizes)),
        await idlePrimary(stack, sizes),
        await archiving(stack, sizes, "posix"),
      ];
      await stack.withRepository({ type: "objectStore" });
      return [...made, await archiving(stack, sizes, "objectStore")];
    }),
};

async function fullBackups(stack: BackupStack, { times, say }: Sizes): Promise<Figure> {
  const side = (name: string, command: string) => async () => {
    const seconds = await timed(stack, command);
    say(`full backup, ${name}: ${seconds.toFixed(1)} s`);
    return seconds;
  };
  const runs = await interleaved(
    times,
    side("ours", "laterbase-agent backup --type full --repo 1"),
    // The same configuration files.
    side("by hand", "pgbackrest --stanza=main --repo=1 --type=full --log-level-console=off backup"),
  );
  return {
    measured: "time of a full backup, process-max 2, lz4",
    against: "pgbackrest by hand",
    unit: "s",
    ours: median(runs.ours),
    theirs: median(runs.theirs),
    kind: "difference",
    limit: 1,
    runs,
  };
}

/** Each after one percent of the largest table was changed in one place, and against a full one before it. */
async function incrementals(stack: BackupStack, { scale, times, say }: Sizes): Promise<Figure[]> {
  const rows = scale * 1000;
  const time: Figure["runs"] = { ours: [], theirs: [] };
  const size: Figure["runs"] = { ours: [], theirs: [] };
  const made = async (type: string) => {
    const seconds = await timed(stack, `laterbase-agent backup --type ${type} --repo 1`);
    const newest = (await stack.backups()).at(-1)!;
    if (newest.type !== type) throw new Error(`a ${newest.type} backup was made, not ${type}`);
    const megabytes = newest.info.repository.delta / 1e6;
    say(`${type} backup: ${seconds.toFixed(1)} s, ${megabytes.toFixed(1)} MB`);
    return [seconds, megabytes] as const;
  };
  for (let i = 0; i < times; i++) {
    const [fullSeconds, fullSize] = await made("full");
    const first = i * rows + 1;
    await stack.sql(
      `UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid BETWEEN ${first} AND ${first + rows - 1}`,
    );
    await stack.sql("CHECKPOINT");
    const [seconds, megabytes] = await made("incr");
    time.ours.push(seconds);
    time.theirs.push(fullSeconds);
    size.ours.push(megabytes);
    size.theirs.push(fullSize);
  }
  const figure = (what: string, unit: string, limit: number, runs: Figure["runs"]): Figure => ({
    measured: `${what} of an incremental backup, 1 % changed in one place`,
    against: "a full backup before it",
    unit,
    ours: median(runs.ours),
    theirs: median(runs.theirs),
    kind: "ratio",
    limit,
    runs,
  });
  return [figure("time", "s", 0.3, time), figure("size", "MB", 0.05, size)];
}

/** From a commit until its WAL is in the repository, while nothing else is written. */
async function idlePrimary(stack: BackupStack, { quick, say }: Sizes): Promise<Figure> {
  await stack.sql("CREATE TABLE written (at timestamptz)");
  const waits: number[] = [];
  for (let i = 0; i < (quick ? 1 : 3); i++) {
    await stack.archived();
    await stack.sql("INSERT INTO written VALUES (now())");
    const began = performance.now();
    const segment = await stack.sql("SELECT pg_walfile_name(pg_current_wal_insert_lsn())");
    await until(`${segment} is archived`, 180, async () =>
      (await stack.newestWal()) >= segment ? true : undefined,
    );
    waits.push((performance.now() - began) / 1000);
    say(`idle primary: archived after ${waits.at(-1)!.toFixed(1)} s`);
  }
  return {
    measured: "until WAL is in the archive, idle primary",
    against: "nothing",
    unit: "s",
    ours: median(waits),
    theirs: 0,
    kind: "difference",
    limit: 65,
    runs: { ours: waits, theirs: [] },
  };
}

/** The rate of clients while WAL is archived, and while it is not. */
async function archiving(
  stack: BackupStack,
  { quick, times, say }: Sizes,
  type: Repository["type"],
): Promise<Figure> {
  const seconds = quick ? 5 : 60;
  const side = (name: string, setting: string) => async () => {
    await stack.archived();
    await stack.sql(`ALTER SYSTEM ${setting}`);
    await stack.sql("SELECT pg_reload_conf()");
    await stack.sql("CHECKPOINT");
    const said = await stack.pgbench(`-n -c 8 -j 2 -T ${seconds}`);
    await stack.sql("ALTER SYSTEM RESET archive_command");
    await stack.sql("SELECT pg_reload_conf()");
    const tps = Number(/^tps = ([\d.]+)/m.exec(said)?.[1]);
    if (!(tps > 0)) throw new Error(`pgbench printed no tps:\n${said}`);
    say(`pgbench, 8 clients, ${name}: ${tps.toFixed(0)} transactions a second`);
    return tps;
  };
  const runs = await interleaved(
    times,
    side(`archiving to ${type}`, "RESET archive_command"),
    side("archiving off", "SET archive_command = '/bin/true'"),
  );
  // The limit is an upper one, so it is the time of a transaction that is compared: 1 / 0.85.
  const ms = (rates: number[]) => rates.map((tps) => 8000 / tps);
  const durations = { ours: ms(runs.ours), theirs: ms(runs.theirs) };
  return {
    measured: `pgbench, 8 clients, archiving to ${type}: time of a transaction`,
    against: "archiving off",
    unit: "ms",
    ours: median(durations.ours),
    theirs: median(durations.theirs),
    kind: "ratio",
    limit: 1 / 0.85,
    runs: durations,
  };
}

/** Runs a command in the agent's container. Returns its seconds. */
async function timed(stack: BackupStack, command: string): Promise<number> {
  const began = performance.now();
  await stack.inAgent(`${command} >/dev/null`);
  return (performance.now() - began) / 1000;
}
