#!/usr/bin/env node
// "N passed, N failed" from jest's own records. A test file that could not run is a failure; so is
// a jest that left no record; and when nothing passed, nothing was proven.
import { existsSync, readFileSync } from "node:fs";

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) {
    console.log(`jest did not finish (${file.replace(/.*\//, "").replace(".json", "")} tests)`);
    failed += 1;
    continue;
  }
  const result = JSON.parse(readFileSync(file, "utf8"));
  passed += result.numPassedTests;
  failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
}
if (passed + failed === 0) console.log("no test ran");
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
