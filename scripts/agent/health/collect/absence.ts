import type { Unknown } from "../../../../contract/health/facts";
import { codeOf, sentenceOf, withStop } from "../../kit/failure";

/** No name of a network: its container is stopped, or in no network of the stack. */
const nameless = ["ENOTFOUND", "EAI_AGAIN"];
const unreached = ["EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN"];

/** Why something gave no answer, in a sentence. `address` is as the monitor reaches it. */
export function absenceOf(
  error: unknown,
  address: string,
): Required<Pick<Unknown, "unknown" | "down">> {
  const code = codeOf(error) ?? "";
  if (nameless.includes(code)) {
    const unknown = `The network has no ${address}: its container is stopped, or cut off from the stack's network.`;
    return { unknown, down: "stopped" };
  }
  if (code === "ECONNREFUSED")
    return { unknown: `Nothing listens at ${address}.`, down: "refused" };
  if (code === "ECONNRESET" || code === "EPIPE")
    return { unknown: `The connection to ${address} was lost.`, down: "silent" };
  if (unreached.includes(code)) return { unknown: `No way leads to ${address}.`, down: "silent" };
  if (code === "ETIMEDOUT" || !/^[0-9A-Z]{5}$/.test(code))
    return { unknown: `${address} does not answer.`, down: "silent" };
  // A server that starts, stops or has too many clients answers by a code of PostgreSQL.
  const unknown = `${address} answers: ${withStop(sentenceOf(error))}`;
  return { unknown, down: "refused" };
}

/**
 * Keeps the last answer over one look without an answer, because one that was lost is no outage. After the second it
 * is down.
 */
export class Patient<T extends object> {
  private last: T | undefined;
  private missed = 0;

  see(answer: T | Required<Pick<Unknown, "unknown" | "down">>): T | Unknown {
    if (!("down" in answer && "unknown" in answer)) {
      this.missed = 0;
      this.last = answer;
      return answer;
    }
    this.missed++;
    if (this.missed > 1) return answer;
    // At the start there is nothing to keep, and one look is not enough to call it down.
    return this.last ?? { unknown: answer.unknown };
  }
}
