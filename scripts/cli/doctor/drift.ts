import { readFileSync } from "node:fs";
import { observedDrift } from "../../primary/observe/stackDrift";
import { readStackConfig } from "../stack/config";

/** What was changed on the primary since the last `up`, and what could not be compared. */
export interface DriftNow {
  /** A sentence by step. */
  changed: Record<string, string>;
  unseen: string[];
}

/** Compares the primary with what the last `up` left there, as a preview does. It changes nothing. */
export async function driftNow(stack: string): Promise<DriftNow> {
  const config = await readStackConfig(stack);
  const unseen: string[] = [];
  const project =
    /^name: *["']?([\w.-]+)/m.exec(readFileSync("Pulumi.yaml", "utf8"))?.[1] ?? "laterbase";
  const names = { project, stack: stack.split("/").at(-1)! };
  const changed = await observedDrift(config, names, (sentence) => unseen.push(sentence));
  return { changed, unseen };
}
