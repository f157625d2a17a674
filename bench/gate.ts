import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { stepScript } from "../scripts/primary";
import type { TextOrderInput } from "../scripts/textOrder";
import { exec } from "./container";
import { type Figure, interleaved, type Measurement, median } from "./figure";
import type { Lab } from "./lab";
import { withLab } from "./lab";
import { caughtUp, type LabStandby, startOurs } from "./standbys";

const root = join(__dirname, "..");
const tables = 3;
const perTable = 4;
const role = "laterbase_bench";
const owner = "laterbase/bench";

/**
 * The check of a standby's text indexes after a clone, with all that belongs to it: the extension is
 * made on the primary, awaited on the standby and dropped again, on both sides.
 */
export const gate: Measurement = {
  name: "gate",
  run: ({ quick, say }) =>
    withLab(say, async (lab) => {
      await fill(lab, quick ? 20_000 : 850_000, say);
      const standby = await startOurs(lab, "ours", undefined, [
        { name: "order.json", content: '{"words":[],"orders":[]}' },
      ]);
      await caughtUp(lab, standby);
      // Neither side shall be the one that sets the hint bits.
      await byHand(lab, standby);
      const runs = await interleaved(
        quick ? 1 : 5,
        () => timed("ours", () => ours(lab, standby), say),
        () => timed("by hand", () => byHand(lab, standby), say),
      );
      const figure: Figure = {
        measured: `amcheck gate, PostgreSQL 17: ${tables * perTable} text indexes of ${await size(lab)}`,
        against: "pg_amcheck -j 2 --heapallindexed of the same indexes by hand",
        unit: "s",
        ours: median(runs.ours),
        theirs: median(runs.theirs),
        kind: "ratio",
        limit: 1.15,
        runs,
      };
      return [figure];
    }),
};

async function fill({ sql }: Lab, rows: number, say: (line: string) => void): Promise<void> {
  say(`making ${tables} tables of ${rows} rows with ${perTable} text indexes each`);
  const columns = Array.from({ length: perTable }, (_, i) => `t${i}`);
  await sql.query("CREATE SCHEMA texts");
  for (let table = 0; table < tables; table++) {
    const name = `texts.table_${table}`;
    const values = columns.map((column) => `md5(n || '${column}') AS ${column}`);
    await sql.query(
      `CREATE TABLE ${name} AS SELECT ${values.join(", ")} FROM generate_series(1, ${rows}) n`,
    );
    for (const column of columns) await sql.query(`CREATE INDEX ON ${name} (${column})`);
    await sql.query(`VACUUM (FREEZE, ANALYZE) ${name}`);
  }
  const record = JSON.stringify({ laterbase: 1, owner, slots: [] });
  await sql.query(`CREATE ROLE ${role}; COMMENT ON ROLE ${role} IS '${record}'; CHECKPOINT`);
}

async function timed(
  name: string,
  side: () => Promise<void>,
  say: (line: string) => void,
): Promise<number> {
  const began = performance.now();
  await side();
  const seconds = (performance.now() - began) / 1000;
  say(`${name} ${seconds.toFixed(1)} s`);
  return seconds;
}

/** As `up` runs it. What it knows of this clone is forgotten first, or it would do nothing. */
async function ours(lab: Lab, { name, container }: LabStandby): Promise<void> {
  await exec(container, ["rm", "-f", "/var/lib/postgresql/standby/order.verdict"]);
  const settings = {
    stack: owner,
    role,
    host: `${lab.prefix}-primary`,
    port: 5432,
    superuser: "postgres",
    superuserPassword: lab.password,
    database: "postgres",
    version: lab.major,
    transport: { kind: "sql" as const },
  };
  const input: TextOrderInput = {
    script: stepScript("amcheck", settings, { standby: "standby" }),
    place: { host: "", image: lab.image, network: lab.network },
  };
  const command = ["--import", "tsx", "scripts/textOrder.ts", `${lab.prefix}-${name}`];
  const env = { ...process.env, LATERBASE_ENGINE: "" };
  const child = spawn("node", command, { cwd: root, env });
  child.stdin.end(JSON.stringify(input));
  const [said, complaint] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (!said.includes(`\nverified: ${tables * perTable} text indexes checked, 0 not btree`)) {
    throw new Error(`not checked as it should be: ${complaint}${said}`);
  }
}

async function byHand(lab: Lab, standby: LabStandby): Promise<void> {
  await lab.sql.query("CREATE EXTENSION amcheck");
  await caughtUp(lab, standby);
  await exec(standby.container, [
    ...["pg_amcheck", "-j", "2", "--heapallindexed", "-i", "texts.*"],
    ...["-h", "/run/pg/standby", "-U", "postgres", "bench"],
  ]);
  await lab.sql.query("DROP EXTENSION amcheck");
}

async function size({ sql }: Lab): Promise<string> {
  const { rows } = await sql.query<{ size: string }>(
    "SELECT pg_size_pretty(pg_database_size(current_database())) AS size",
  );
  return rows[0]?.size ?? "?";
}
