import type Docker from "dockerode";
import { startAgent } from "./agent";
import { exec } from "./container";
import { fill, type Lab, withLab } from "./lab";
import { caughtUp, startOurs } from "./standbys";

export interface DumpLab extends Lab {
  agent: Docker.Container;
}

/** What the database holds: megabytes of rows, or empty partitions with indexes. */
export type Contents = number | { partitions: number; indexes: number };

/** A primary with text, numbers and large objects, a standby that has caught up, and an agent. */
export function withDumpLab<T>(
  major: number,
  contents: Contents,
  say: (line: string) => void,
  body: (lab: DumpLab) => Promise<T>,
): Promise<T> {
  return withLab(
    say,
    async (lab) => {
      if (typeof contents === "number") {
        say(`PostgreSQL ${major}: filling about ${contents} MB`);
        await fillMixed(lab, contents);
      } else await fillMany(lab, contents, say);
      const standby = await startOurs(lab, "standby");
      await caughtUp(lab, standby);
      return body({ ...lab, agent: await startAgent(lab, "standby", say) });
    },
    major,
  );
}

/**
 * Fills the database: a third pgbench's rows, a third prose, the rest numbers and large objects. No
 * row is a copy of another, because copies favour a compressor with a large window.
 */
async function fillMixed(lab: Lab, megabytes: number): Promise<void> {
  // The dump by hand takes so long that the standby would cancel it to replay a vacuum.
  await lab.sql.query("ALTER SYSTEM SET autovacuum = off");
  await lab.sql.query("SELECT pg_reload_conf()");
  const share = megabytes / 3;
  const objects = Math.round(share * 1.6);
  await fill(lab, Math.max(1, Math.round(share / 15)));
  await lab.sql.query(`
    SELECT setseed(0.5);
    CREATE TABLE words AS SELECT i, lower(substr(translate(encode(sha256(i::text::bytea), 'base64'), '+/=0123456789', ''), 1, 3 + i % 8)) AS word
      FROM generate_series(0, 4095) i;
    CREATE TABLE prose (id bigint PRIMARY KEY, title text, body text);
    -- The fourth power makes a few words frequent and most words rare, as in a language.
    INSERT INTO prose SELECT n, min(word), string_agg(word, ' ')
      FROM (SELECT n, (4096 * random() ^ 4)::int % 4096 AS pick FROM generate_series(1, ${Math.round(share * 950)}) n, generate_series(1, 150)) picks
      JOIN words ON i = pick GROUP BY n;
    CREATE TABLE figures AS SELECT n AS id, random() * 1e6 AS a, (random() * 1e9)::bigint AS b, round((random() * 1e5)::numeric, 2) AS c,
        now() - random() * interval '900 days' AS at FROM generate_series(1, ${Math.round(share * 6000)}) n;
    -- Large objects of a quarter of a megabyte, also prose.
    SELECT count(lo_from_bytea(0, convert_to(text, 'UTF8')))
      FROM (SELECT string_agg(body, ' ') AS text FROM prose WHERE id <= ${objects * 260} GROUP BY id % ${objects}) texts;
    DROP TABLE words;
    CHECKPOINT;`);
  await lab.sql.query("VACUUM ANALYZE");
}

/** In steps, because a transaction can lock only so many relations. */
async function fillMany(
  { sql }: Lab,
  { partitions, indexes }: Exclude<Contents, number>,
  say: (line: string) => void,
): Promise<void> {
  say(`making ${partitions} partitions with ${indexes} indexes each`);
  const columns = Array.from({ length: indexes }, (_, i) => `c${i}`);
  await sql.query(
    `CREATE TABLE many (n int, ${columns.map((column) => `${column} int`).join(", ")}) PARTITION BY RANGE (n)`,
  );
  for (const column of columns) await sql.query(`CREATE INDEX ON many (${column})`);
  for (let n = 0; n < partitions; n++) {
    await sql.query(
      `CREATE TABLE many_${n} PARTITION OF many FOR VALUES FROM (${n}) TO (${n + 1})`,
    );
  }
  // An INSERT locks every index of the partitions that it fills.
  for (let n = 0; n < partitions; n += 100) {
    const last = Math.min(n + 100, partitions) - 1;
    await sql.query(`INSERT INTO many SELECT n FROM generate_series(${n}, ${last}) n`);
  }
  await sql.query("CHECKPOINT");
}

/** Runs a shell script in the agent's container, with the superuser's login. Returns its seconds. */
export async function timed(lab: DumpLab, script: string): Promise<number> {
  const began = performance.now();
  await exec(lab.agent, [
    "bash",
    "-c",
    `set -euo pipefail; export PGPASSFILE=/etc/laterbase/pgpass; ${script}`,
  ]);
  return (performance.now() - began) / 1000;
}

/** The size of a file in the agent's container, in bytes. */
export async function bytes(lab: DumpLab, path: string): Promise<number> {
  return Number(await exec(lab.agent, ["bash", "-c", `cat ${path} | wc -c`]));
}
