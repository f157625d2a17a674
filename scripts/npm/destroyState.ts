import { readFileSync } from "node:fs";
import {
  engineHosts,
  type ExportedState,
  kept,
  remainsOnPrimary,
  volumes,
  withoutPrimarySteps,
} from "../cli/stack/exportedState";
import { backendFolder } from "../cli/stack/backend";
import { lockedBy } from "../cli/stack/lock";
import { putBack } from "../cli/stack/putBack";
import { keptLogins, staysOnMachines, withoutOutputs } from "../cli/stack/stays";

// Answers the questions of scripts/npm/destroy.sh about a stack's exported state:
//   destroyState.ts busy|kept|logins|stays|silent|hosts|volumes|remains|drop <export.json> <project> <stack>
//   destroyState.ts back <export.json> <project> <stack> <export.json of before>
const [question, file = "", project = "", stack = "", fileBefore = ""] = process.argv.slice(2);
const read = (name: string) => JSON.parse(readFileSync(name, "utf8")) as ExportedState;
const state = read(file);

const answers: Record<string, () => string[]> = {
  kept: () => {
    const { volumes: data, secrets } = kept(state);
    if (data.length === 0) return [];
    return [
      `Kept volumes with data: ${data.join(", ")}`,
      `Kept secrets that are stored in the data: ${secrets.join(", ") || "none"}`,
      "Kept logins: those of 'npm run laterbase -- credentials' are the same after the next up.",
    ];
  },
  busy: () => [lockedBy(backendFolder(), project, stack) ?? []].flat(),
  logins: () => keptLogins(state),
  stays: () => staysOnMachines(state),
  silent: () => [JSON.stringify(withoutOutputs(state))],
  hosts: () => engineHosts(state),
  volumes: () => volumes(state).map(({ host, name }) => `${name} ${host}`),
  remains: () => remainsOnPrimary(state, project, stack),
  drop: () => [JSON.stringify(withoutPrimarySteps(state))],
  back: () => [JSON.stringify(putBack(state, read(fileBefore)))],
};

const answer = answers[question ?? ""];
if (!answer) throw new Error(`destroyState.ts has no question ${question}`);
for (const line of answer()) console.log(line);
