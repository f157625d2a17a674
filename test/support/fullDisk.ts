// Writes a history under a limit of its file's size, and prints what was said.
import { openHistory } from "../../scripts/agent/health/history/history";
import { healthy, moment, snapshotOf } from "./healthSnapshots";

const sentences: string[] = [];
const history = openHistory(process.argv[2]!, (sentence) => sentences.push(sentence));
for (let i = 0; i < 500; i++) {
  const at = new Date(Date.parse(moment) + i * 60_000).toISOString();
  const check = {
    name: "one",
    status: i % 2 ? "good" : "failed",
    sentence: "x".repeat(500),
  } as const;
  const { judged } = snapshotOf(healthy.facts, [check]);
  void history.note({ at, facts: { ...healthy.facts, at }, checks: [check], judged }, undefined);
}
console.log(JSON.stringify({ sentences, since: history.sinceOf("one", "good") }));
