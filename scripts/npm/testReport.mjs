#!/usr/bin/env node
// A table of the time of each test file, longest first, and then "N passed, N failed", both from jest's
// own records. With --each, a row is a test instead. A test file that could not run is a failure, and so is a
// jest that left no record. When nothing passed, nothing was proven.
import { existsSync, readFileSync } from "node:fs";
import { basename, relative } from "node:path";
import { parseArgs } from "node:util";
import Table from "cli-table3";

const { values, positionals: records } = parseArgs({
  options: { each: { type: "boolean", default: false } },
  allowPositionals: true,
});
const { each } = values;

let passed = 0;
let failed = 0;
const rows = [];
for (const record of records) {
  if (!existsSync(record)) {
    console.log(`jest did not finish (${basename(record, ".json")} tests)`);
    failed += 1;
    continue;
  }
  const result = JSON.parse(readFileSync(record, "utf8"));
  passed += result.numPassedTests;
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  for (const file of result.testResults) rows.push(...rowsOf(file));
}
if (rows.length > 0) console.log(render(rows.sort((a, b) => b.seconds - a.seconds)));
if (passed + failed === 0) console.log("no test ran");
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

function rowsOf({ name, startTime, endTime, status, assertionResults }) {
  const file = relative(process.cwd(), name);
  if (!each || assertionResults.length === 0)
    return [{ test: file, seconds: (endTime - startTime) / 1000, result: status }];
  return assertionResults
    .filter((test) => test.status === "passed" || test.status === "failed")
    .map(({ fullName, duration, status: result }) => ({
      test: `${basename(file, ".test.ts")}: ${fullName}`,
      seconds: (duration ?? 0) / 1000,
      result,
    }));
}

function render(list) {
  const table = new Table({
    head: ["test", "time", "result"],
    colAligns: ["left", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const { test, seconds, result } of list)
    table.push([test, `${seconds.toFixed(1)} s`, result]);
  return table.toString();
}
