import { visible } from "../../../../contract/visible";
import { sentenceOf, withStop } from "../../kit/failure";

/** A server repeats what an owner made it say, of any length. */
const saidAtMost = 300;

/** What a server said, for a record. */
export function short(text: string): string {
  const seen = visible(text);
  return seen.length <= saidAtMost ? withStop(seen) : `${seen.slice(0, saidAtMost)}…`;
}

/** What an error says, for a record. */
export const saidBy = (error: unknown): string => short(sentenceOf(error));
