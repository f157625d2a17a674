// Writes a history until it is killed, and prints the number of each look that it has noted.
import { writeSync } from "node:fs";
import { openHistory } from "../../scripts/agent/health/history/history";
import { healthy, snapshotOf } from "./healthSnapshots";

const [folder, first] = process.argv.slice(2);
const history = openHistory(folder!, (sentence) => writeSync(2, `${sentence}\n`));
for (let i = Number(first); ; i++) {
  const at = new Date(i * 10_000).toISOString();
  const check = { name: "one", status: i % 2 ? "good" : "failed", sentence: `${i}` } as const;
  const { judged } = snapshotOf(healthy.facts, [check]);
  void history.note({ at, facts: { ...healthy.facts, at }, checks: [check], judged }, undefined);
  writeSync(1, `${i}\n`);
}
