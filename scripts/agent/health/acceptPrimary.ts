import type { Reply } from "../../../contract/agentReplies";
import { historyFolder } from "../../../contract/health/config";
import { visibleJson } from "../../../contract/visible";
import { sentenceOf, withStop } from "../kit/failure";
import { acceptSeen } from "./history/acceptance";

/** `laterbase-agent accept-primary`, in the monitor's container: one line of JSON with what became of it. */
export function printAcceptance(folder = historyFolder): number {
  const print = (reply: Reply) => process.stdout.write(`${visibleJson(reply)}\n`);
  try {
    print({ result: acceptSeen(folder) });
    return 0;
  } catch (error) {
    print({ error: withStop(sentenceOf(error)) });
    return 1;
  }
}
