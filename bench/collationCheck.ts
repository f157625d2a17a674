import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { containerName } from "../contract/names";
import { stepScript } from "../scripts/primary";
import type { CollationCheckInput } from "../scripts/primary";
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
 * Measures the check of a standby's text indexes after a clone, in two figures. The first compares
 * the check itself with PostgreSQL's own command. The second is the whole step of `up`: it also makes
 * the extension on the primary, waits for it on the standby, and drops it. These parts take the same
 * time whatever the size of the indexes.
 */
export const collationCheck: Measurement = {
  name: "collation-check",
  run: ({ quick, say }) =>
    withLab(say, async (lab) => {
      await fill(lab, quick ? 20_000 : 850_000, say);
      const standby = await startOurs(lab, "ours", undefined, [
        { name: "collation.json", content: '{"words":[],"orders":[]}' },
      ]);
      await caughtUp(lab, standby);
      // This run warms the caches and sets the hint bits, so that neither measured side has to.
      await byHand(lab, standby, () => checkByHand(standby));
      const what = `${tables * perTable} text indexes of ${await size(lab)}, 17`;
      const whole = await interleaved(
        quick ? 1 : 5,
        () => timed("step: ours", () => step(lab, standby), say),
        () => timed("step: by hand", () => byHand(lab, standby, () => checkByHand(standby)), say),
      );
      let runs = whole;
      await byHand(lab, standby, async () => {
        runs = await interleaved(
          quick ? 1 : 7,
          () =>
            timed(
              "check: ours",
              () => check(standby),
              say,
              () => forget(standby),
            ),
          () => timed("check: by hand", () => checkByHand(standby), say),
        );
      });
      return [
        {
          ...sides(runs),
          measured: `collation check: ${what}`,
          against: "pg_amcheck -j 2 --heapallindexed of the same indexes by hand",
          kind: "ratio",
          limit: 1.15,
        },
        {
          ...sides(whole),
          measured: `the same, the whole step of up: ${what}`,
          against: "CREATE EXTENSION, that command, DROP EXTENSION by hand",
          kind: "difference",
          limit: 2,
        },
      ];
    }),
};

function sides(runs: Figure["runs"]) {
  return { unit: "s", ours: median(runs.ours), theirs: median(runs.theirs), runs };
}

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
  side: () => Promise<unknown>,
  say: (line: string) => void,
  before: () => Promise<unknown> = () => Promise.resolve(),
): Promise<number> {
  await before();
  const began = performance.now();
  await side();
  const seconds = (performance.now() - began) / 1000;
  say(`${name} ${seconds.toFixed(1)} s`);
  return seconds;
}

/** Removes the recorded result for this clone, because a checked clone is not checked again. */
function forget({ container }: LabStandby): Promise<string> {
  return exec(container, [
    "rm",
    "-f",
    "/var/lib/postgresql/standby/order.verdict",
    "/var/lib/postgresql/standby/order.indexes",
  ]);
}

async function check({ container }: LabStandby): Promise<void> {
  verify(await exec(container, ["laterbase-collation", "check"]), "");
}

function verify(said: string, complaint: string): void {
  if (said.includes(`\nverified: ${tables * perTable} text indexes checked, 0 not btree`)) return;
  throw new Error(`the check did not verify all indexes: ${complaint}${said}`);
}

/** Runs the step as `up` does. */
async function step(lab: Lab, standby: LabStandby): Promise<void> {
  await forget(standby);
  const settings = {
    stack: owner,
    role,
    host: containerName(lab.prefix, "primary"),
    port: 5432,
    superuser: "postgres",
    superuserPassword: lab.password,
    database: "postgres",
    version: lab.major,
    transport: { kind: "sql" as const },
  };
  const input: CollationCheckInput = {
    script: stepScript("amcheck", settings, { standby: "standby" }),
    place: { host: "", image: lab.image, network: lab.network },
  };
  const command = [
    "--import",
    "tsx",
    "scripts/steps/collationCheck.ts",
    containerName(lab.prefix, standby.name),
  ];
  const env = { ...process.env, LATERBASE_ENGINE: "" };
  const child = spawn("node", command, { cwd: root, env });
  child.stdin.end(JSON.stringify(input));
  const [said, complaint] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  verify(said, complaint);
}

async function byHand(lab: Lab, standby: LabStandby, work: () => Promise<unknown>): Promise<void> {
  await lab.sql.query("CREATE EXTENSION amcheck");
  await caughtUp(lab, standby);
  await work();
  await lab.sql.query("DROP EXTENSION amcheck");
}

function checkByHand({ container }: LabStandby): Promise<string> {
  const server = ["-h", "/run/pg/standby", "-U", "postgres", "bench"];
  const command = ["pg_amcheck", "-j", "2", "--heapallindexed", "-i", "texts.*"];
  return exec(container, [...command, ...server]);
}

async function size({ sql }: Lab): Promise<string> {
  const { rows } = await sql.query<{ size: string }>(
    "SELECT pg_size_pretty(pg_database_size(current_database())) AS size",
  );
  return rows[0]?.size ?? "?";
}
