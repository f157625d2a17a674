/**
 * `good`: it works. `pending`: it works, and a first result is not there yet. `degraded`: it works as far as it
 * can, until its primary wakes up or a person ends a pause. `waiting`: it starts or is cloned, and nothing is
 * wrong. `failed`: a person has to act. The stack is not up with one of the last two.
 */
export type Judgement = "good" | "pending" | "degraded" | "waiting" | "failed";

/** What is said of one part. */
export interface Verdict {
  name: string;
  judgement: Judgement;
  /** Empty for a good one that needs no words. */
  sentence: string;
  /** The command that helps, or shows more. */
  next?: string;
  /** How old the sentence may be, in milliseconds. What it says may be over by now. Default: it is new. */
  ageMs?: number;
}

/** What the verdicts need to know of the stack. */
export interface Stack {
  name: string;
  /** Absent where Laterbase runs the primary itself. */
  external?: { host: string; port: number };
  /** Why the primary does not let the superuser in. Absent: it does, or nobody has asked. */
  refused?: string;
  /** The server that dumps read. Absent: there are none. */
  dumpsFrom?: "standby" | "primary";
  /** Whether there are physical backups. */
  backsUp?: boolean;
}

/** The operator's command of a stack. */
export const operator = (words: string, stack: string) =>
  `npm run laterbase -- ${words}${stack === "dev" ? "" : ` --stack ${stack}`}`;
