import { setTimeout as sleep } from "node:timers/promises";
import { exec } from "./container";
import { type Figure, type Measurement, median } from "./figure";
import { fill, type Lab, pgbench, withLab } from "./lab";
import { caughtUp, type LabStandby, startByHand, startOurs } from "./standbys";

/** Measures what an idle standby costs: the WAL that its slot holds, and memory. */
export const idle: Measurement = {
  name: "idle",
  run: ({ quick, say }) =>
    withLab(say, async (lab) => {
      await fill(lab, quick ? 2 : 20);
      const ours = await startOurs(lab, "ours");
      const theirs = await startByHand(lab, "by_hand");
      const both = [ours, theirs];
      for (const standby of both) await caughtUp(lab, standby);
      // Both standbys have replayed the same WAL, and the primary can recycle what no slot needs.
      await pgbench(lab, ["-n", "-c", "4", "-T", quick ? "3" : "20"]);
      await lab.sql.query("CHECKPOINT");
      for (const standby of both) await caughtUp(lab, standby);

      const wal: Figure["runs"] = { ours: [], theirs: [] };
      const memory: Figure["runs"] = { ours: [], theirs: [] };
      for (let i = 0; i < (quick ? 2 : 10); i++) {
        // An idle standby reports its position every ten seconds, so this waits longer.
        await sleep(quick && i > 0 ? 2_000 : 12_000);
        wal.ours.push(await walHeld(lab, ours));
        wal.theirs.push(await walHeld(lab, theirs));
        memory.ours.push(await memoryOf(ours));
        memory.theirs.push(await memoryOf(theirs));
      }
      say(`memory ${median(memory.ours).toFixed(0)} and ${median(memory.theirs).toFixed(0)} MB`);
      return [
        figure("WAL that the slot of an idle standby holds", wal),
        figure("memory of an idle standby", memory),
      ];
    }),
};

function figure(measured: string, runs: Figure["runs"]): Figure {
  return {
    measured,
    against: "the hand-made one",
    unit: "MB",
    ours: median(runs.ours),
    theirs: median(runs.theirs),
    kind: "ratio",
    limit: 1.1,
    runs,
  };
}

/**
 * The WAL that the primary keeps for the slot, in MB. It keeps whole segments, from the one that the
 * slot needs to the one being written.
 */
async function walHeld({ sql }: Lab, { name }: LabStandby): Promise<number> {
  const { rows } = await sql.query<{ mb: number }>(
    `SELECT ((div(pg_current_wal_lsn() - '0/0', size) - div(restart_lsn - '0/0', size) + 1)
             * size / 1048576)::float8 AS mb
     FROM pg_replication_slots,
          (SELECT pg_size_bytes(current_setting('wal_segment_size'))::numeric AS size) segment
     WHERE slot_name = $1`,
    [name],
  );
  const held = rows[0]?.mb;
  if (held === undefined) throw new Error(`The slot ${name} is gone or reserves no WAL.`);
  return held;
}

/**
 * The proportional set size of all processes in the container, in MB. Docker's figure for the
 * container also counts the page cache, which depends on what was read before.
 */
async function memoryOf({ container }: LabStandby): Promise<number> {
  const rollups = await exec(container, [
    "bash",
    "-c",
    // A process may end between the listing and the reading.
    "cat /proc/[0-9]*/smaps_rollup 2>/dev/null || true",
  ]);
  const kilobytes = [...rollups.matchAll(/^Pss: +(\d+) kB$/gm)].map((match) => Number(match[1]));
  if (kilobytes.length === 0)
    throw new Error(`No memory figures can be read in the container ${container.id}.`);
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1024;
}
