import { readFileSync } from "node:fs";
import {
  engineHosts,
  type ExportedState,
  kept,
  remainsOnPrimary,
  volumes,
  withoutPrimarySteps,
} from "../cli/stack/exportedState";

// What scripts/npm/destroy.sh asks of a stack's exported state:
//   destroyHelp.ts kept|hosts|volumes|remains|drop <export.json> <project> <stack>
const [question, file = "", project = "", stack = ""] = process.argv.slice(2);
const state = JSON.parse(readFileSync(file, "utf8")) as ExportedState;

const answers: Record<string, () => string[]> = {
  kept: () => {
    const { volumes: data, secrets } = kept(state);
    if (data.length === 0) return [];
    return [
      `Kept, with the data: ${data.join(", ")}`,
      `Kept, because it lives in the data: ${secrets.join(", ") || "no secret"}`,
    ];
  },
  hosts: () => engineHosts(state),
  volumes: () => volumes(state).map(({ host, name }) => `${name} ${host}`),
  remains: () => remainsOnPrimary(state, project, stack),
  drop: () => [JSON.stringify(withoutPrimarySteps(state))],
};

const answer = answers[question ?? ""];
if (!answer) throw new Error(`no such question: ${question}`);
for (const line of answer()) console.log(line);
