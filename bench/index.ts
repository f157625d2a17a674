import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { backup } from "./backup";
import { catchUp } from "./catchUp";
import { clone } from "./clone";
import { coldImages } from "./coldImages";
import { collationCheck } from "./collationCheck";
import { dump } from "./dump";
import { type Figure, holds, type Measurement, value } from "./figure";
import { health } from "./health";
import { healthPage } from "./healthPage";
import { idle } from "./idle";
import { imageChange } from "./imageChange";
import { lag } from "./lag";
import { latency } from "./latency";
import { operatorCommand } from "./operatorCommand";
import { pgAdmin } from "./pgAdmin";
import { pipeline } from "./pipeline";
import { pooler } from "./pooler";
import { preflight } from "./preflight";
import { preview } from "./preview";
import { restore } from "./restore";
import { start } from "./start";
import { renderTable } from "./table";

const measurements: readonly Measurement[] = [
  preview,
  start,
  operatorCommand,
  preflight,
  clone,
  collationCheck,
  lag,
  catchUp,
  idle,
  dump,
  latency,
  backup,
  restore,
  pooler,
  pgAdmin,
  health,
  healthPage,
  pipeline,
  coldImages,
  imageChange,
];

/** `npm run bench [-- [--quick] <name>…]`. Resolves to true when every figure is within its limit. */
async function main(): Promise<boolean> {
  const { values, positionals: names } = parseArgs({
    options: { quick: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const { quick } = values;
  const known = measurements.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `Unknown measurement ${unknown.join(", ")}. The known ones are ${known.join(", ")}.`,
    );
  }
  const chosen = measurements.filter(({ name }) => names.length === 0 || names.includes(name));

  const figures: Figure[] = [];
  const failures: string[] = [];
  // The signal also stops the current measurement, which removes what it made. No other one starts.
  let interrupted = false;
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => (interrupted = true));
  for (const { name, run } of chosen) {
    if (interrupted) break;
    const say = (line: string) => console.log(`${name}: ${line}`);
    const began = performance.now();
    try {
      figures.push(...(await run({ quick, say })));
    } catch (error) {
      // The others go on, because their results took long to measure.
      const why = error instanceof Error ? error.message : String(error);
      failures.push(`${name}: ${why}`);
      say(`FAILED: ${why}`);
    }
    say(`took ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  if (figures.length > 0) {
    console.log(`\n${renderTable(figures)}\n\n${save(figures, quick)}`);
  }
  if (quick) console.log("Quick run: it shows that the bench works; its figures prove nothing.");
  failures.forEach((failure) => console.error(`FAILED ${failure}`));
  return failures.length === 0 && figures.every(holds);
}

/** Writes the results of all runs and the machine's data, so that benches can be compared later. */
function save(figures: readonly Figure[], quick: boolean): string {
  const directory = join(__dirname, "results");
  mkdirSync(directory, { recursive: true });
  const at = new Date().toISOString();
  const file = join(directory, `${at.replace(/[:.]/g, "-")}.json`);
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryMB: Math.round(totalmem() / 2 ** 20),
    kernel: release(),
    node: process.version,
  };
  const results = figures.map((figure) => ({
    ...figure,
    value: value(figure),
    holds: holds(figure),
  }));
  writeFileSync(file, `${JSON.stringify({ at, quick, machine, figures: results }, null, 2)}\n`);
  return `Written to ${file}`;
}

main().then(
  (kept) => (process.exitCode = kept ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
