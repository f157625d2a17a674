import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { root } from "./command";
import { type Figure, type Measurement, median } from "./figure";
import { type Lab, withLab } from "./lab";
import { containerName } from "../contract/names";
import { readReport, stepInput } from "../scripts/primary";

const databases = 50;
const indexes = 100;

/** Measures the preflight of a big primary as `up` runs it: in a container, one connection at a time. */
export const preflight: Measurement = {
  name: "preflight",
  run: ({ quick, say }) =>
    withLab(say, async (lab) => {
      await fillWithIndexes(lab, say);
      const runs: number[] = [];
      let most = 0;
      for (let i = 0; i < (quick ? 1 : 5); i++) {
        const watch = watchConnections(lab);
        runs.push(await look(lab));
        most = Math.max(most, await watch());
      }
      const alone = { against: "", theirs: 0, kind: "difference" } as const;
      const figures: Figure[] = [
        {
          ...alone,
          measured: `preflight of ${databases} databases, ${databases * indexes} indexes`,
          unit: "s",
          ours: median(runs),
          limit: 5,
          runs: { ours: runs, theirs: [] },
        },
        {
          ...alone,
          measured: "its connections at one time",
          unit: "",
          ours: most,
          limit: 1,
          runs: { ours: [most], theirs: [] },
        },
      ];
      return figures;
    }),
};

/** Makes the databases, each with a hundred indexes. Half of these are on text. */
async function fillWithIndexes({ sql }: Lab, say: (line: string) => void): Promise<void> {
  say(`making ${databases} databases with ${indexes} indexes each`);
  const half = indexes / 2;
  await sql.query(`DO $$ BEGIN
    FOR i IN 1..${half} LOOP
      EXECUTE format('CREATE TABLE bench_%s (n int PRIMARY KEY, name text UNIQUE)', i);
    END LOOP; END $$`);
  for (let i = 1; i < databases; i++) await sql.query(`CREATE DATABASE bench_${i} TEMPLATE bench`);
}

/** Runs the preflight and returns its seconds. Fails unless the report is complete. */
async function look(lab: Lab): Promise<number> {
  const input = stepInput(
    "preflight",
    {
      stack: "laterbase/bench",
      role: "laterbase_bench",
      host: containerName(lab.prefix, "primary"),
      port: 5432,
      superuser: "postgres",
      superuserPassword: lab.password,
      database: "postgres",
      version: lab.major,
      transport: { kind: "sql" },
    },
    { slots: ["laterbase_standby_slot"], report: true },
  );
  const began = performance.now();
  const child = spawn("node", ["--import", "tsx", "scripts/steps/primaryStep.ts", "apply"], {
    cwd: root,
    env: {
      ...process.env,
      LATERBASE_ENGINE: "",
      LATERBASE_IMAGE: lab.image,
      LATERBASE_NETWORK: lab.network,
    },
  });
  child.stdin.end(input);
  const [said, complaint] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  const seconds = (performance.now() - began) / 1000;
  const { server } = readReport(said);
  if ((server?.databases ?? 0) < databases)
    throw new Error(`the report is incomplete: ${complaint}${said}`);
  return seconds;
}

/** Counts the preflight's connections. The returned function stops this and returns the maximum. */
function watchConnections({ sql }: Lab): () => Promise<number> {
  let going = true;
  const most = (async () => {
    let seen = 0;
    while (going) {
      const { rows } = await sql.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM pg_stat_activity
          WHERE application_name = 'laterbase' AND state = 'active'`,
      );
      seen = Math.max(seen, rows[0]?.n ?? 0);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return seen;
  })();
  return () => {
    going = false;
    return most;
  };
}
