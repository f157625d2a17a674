import type { Check, CheckStatus } from "../../../../contract/health/check";
import { worstOf } from "./states";

/** A part of the stack in the picture. */
export interface Node {
  id: string;
  /** From left to right: the pooler, the primary, what it feeds, what that feeds. */
  column: 0 | 1 | 2 | 3;
  title: string;
  status: CheckStatus;
  lines: string[];
  /** What reaches it: from which node, and what. */
  from?: { id: string; what: string; flows: boolean };
}

/** The worst of the checks with these names; a part without a check is as well as its answer. */
export function statusOf(
  checks: readonly Check[],
  names: readonly string[],
  answers: boolean,
): CheckStatus {
  const own = checks.filter(({ name }) => names.includes(name));
  return own.length > 0 ? worstOf(own) : answers ? "good" : "unknown";
}

export const noAnswer = ["no answer"];
