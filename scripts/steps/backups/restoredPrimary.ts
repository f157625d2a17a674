import { readRestoredPlan, restoredPlanFile } from "../../../contract/restoredPlan";
import { stepWarning } from "../../../contract/stepWarning";
import { visible } from "../../../contract/visible";
import type { LocalPrimary } from "../../primary/localPrimary";
import { notReached, recoveryEnd, recoveryQuery, type Said } from "../../primary/recovered";

/** What reads the file and asks the server. */
export type RestoredPrimary = Pick<LocalPrimary, "json" | "read" | "remove">;

/**
 * Compares the data of a primary that was lost and restored with the plan of that restore: one line. Undefined: the
 * primary is no restored one, or was compared already.
 */
export async function comparedWithPlan(primary: RestoredPrimary): Promise<string | undefined> {
  const text = await primary.read(restoredPlanFile);
  if (text === "") return undefined;
  const plan = readRestoredPlan(text);
  if (!plan) {
    return warning(
      `The plan in ${restoredPlanFile} cannot be read, so nothing says whether the restored primary is at the state that was planned.`,
    );
  }
  const reached = recoveryEnd(await primary.json<Said>(recoveryQuery));
  const problem = notReached({ plan }, reached);
  if (problem !== undefined) return warning(`${problem} ${again}`);
  if (reached.lsn === undefined) {
    return warning(
      "The server does not say where its recovery ended, so nothing says whether the restored primary is at the state that was planned.",
    );
  }
  const last = reached.at === undefined ? "" : `, with the last transaction of ${reached.at}`;
  return visible(
    `The recovery of the restored primary ended at ${reached.lsn}${last}, as planned.`,
  );
}

/** Removes the plan: what it was for is done. */
export const forgetPlan = (primary: RestoredPrimary): Promise<void> =>
  primary.remove(restoredPlanFile);

const again =
  "So the restored primary is not at the state that was planned. The repositories have what they had: " +
  "docs/total-loss.md#restore-again shows how to restore again.";

const warning = (sentence: string) => `${stepWarning}${visible(sentence)}`;
