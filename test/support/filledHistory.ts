import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openHistory } from "../../scripts/agent/health/history/history";

const day = 86_400;

/** Numbers that look like chance, and are the same each time. */
function drawn(): () => number {
  let state = 42;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
}

/**
 * Makes a history of so many days before a moment: hourly dumps, backups, drills, uploads, the lag of two standbys, sizes
 * that grow, and a few outages.
 */
export function fillHistory(folder: string, until: string, days: number): void {
  openHistory(folder, () => undefined).close();
  const end = Math.floor(Date.parse(until) / 1000);
  const begin = end - days * day;
  const database = new DatabaseSync(join(folder, "history.sqlite"));
  const chance = drawn();
  database.exec("BEGIN");
  const run = database.prepare("INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?, ?)");
  const every = (job: string, seconds: number, fails: (at: number) => boolean) => {
    for (let at = end - 360; at > begin; at -= seconds)
      run.run(job, at, at - 90, fails(at) ? "failed" : "success", "It ended.");
  };
  // Days before the end on which something was wrong.
  const ago = (at: number) => Math.floor((end - at) / day);
  every("dump", 3600, (at) => ago(at) % 97 === 6 && chance() < 0.4);
  every("backup diff", day, () => false);
  every("backup incr", 6 * 3600, (at) => ago(at) % 97 === 17);
  every("backup full", 7 * day, () => false);
  every("drill", day, (at) => ago(at) % 97 === 12);
  every("upload", day, (at) => ago(at) % 97 === 20);

  const series = database.prepare("INSERT INTO series (id, kind, name) VALUES (?, ?, ?)");
  const point = database.prepare("INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?)");
  ["standby", "attic"].forEach((name, i) => {
    series.run(i + 1, "lag", name);
    for (let at = begin - (begin % 3600); at < end; at += 3600) {
      const wave = 0.2 + chance() ** 6 * 12;
      point.run(i + 1, 3600, at, ago(at) % 97 === 9 && i === 1 ? 400 * chance() : wave);
    }
    for (let at = Math.max(begin, end - 14 * day); at < end; at += 60)
      point.run(i + 1, 60, at - (at % 60), 0.2 + chance());
    for (let at = Math.max(begin, end - day); at < end; at += 10)
      point.run(i + 1, 10, at - (at % 10), 0.2 + chance());
  });
  ["primary's data", "dumps"].forEach((name, i) => {
    series.run(i + 10, "disk", name);
    for (let at = begin - (begin % 3600); at < end; at += 3600)
      point.run(
        i + 10,
        3600,
        at,
        (i === 0 ? 79e9 : 588e9) - ((end - at) / day) * (i === 0 ? 0.21e9 : 14e9),
      );
  });

  const change = database.prepare(
    "INSERT INTO changes (at, name, status, sentence) VALUES (?, ?, ?, ?)",
  );
  const watched = database.prepare("INSERT INTO watched VALUES (?, ?)");
  change.run(begin, "", "healthy", "Everything works.");
  const outages: [number, number, string, string, string, string][] = [
    [24.6, 5400, "pooler", "degraded", "degraded", "12 wait, the first for 9 s."],
    [17.2, 1260, "archiving", "failed", "unhealthy", "WAL is not archived."],
    [
      12.1,
      19_000,
      "drill",
      "degraded",
      "degraded",
      "The last one failed: There is no room for the data.",
    ],
    [9.3, 30_600, "attic", "degraded", "degraded", "It streams; 1.9 GB and 6 min behind."],
    [
      6.4,
      13_000,
      "dump",
      "failed",
      "unhealthy",
      "The last one failed: The primary does not answer.",
    ],
  ];
  for (let period = Math.floor(days / 97); period >= 0; period--)
    for (const [before, seconds, name, status, verdict, sentence] of outages) {
      const at = Math.floor(end - (before + period * 97) * day);
      if (at < begin) continue;
      change.run(at, name, status, sentence);
      change.run(at, "", verdict, sentence);
      change.run(at + seconds, name, "good", "It works.");
      change.run(at + seconds, "", "healthy", "Everything works.");
    }
  // The monitor's machine was off for some hours.
  const off = end - 14.4 * day;
  if (off > begin) watched.run(begin, Math.floor(off));
  watched.run(off > begin ? Math.floor(off + 4 * 3600) : begin, end);
  database.exec("COMMIT");
  database.close();
}
