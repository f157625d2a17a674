/** What the agent's code decides by. No decision reads a sentence. */
export type FailureCode =
  /** A dump is much smaller than the last one, and no rows explain it. */
  | "too-small"
  /** The primary has no database of this name. */
  | "not-on-primary"
  /** A database does not let the role that dumps connect. */
  | "no-connect"
  /** The agent cannot write its own files. */
  | "own-disk"
  /** A dump would leave less room on the agent's disk than `minFree`, or a drill has no room for the data. */
  | "no-room"
  /** The server has no room for the locks of a dump, or its clients would find none. */
  | "no-lock-room"
  /** Duplicati has no job of this name. */
  | "no-job";

/** Something that a person can act on: its message is one sentence. Any other error is a bug. */
export class Failure extends Error {
  override readonly name = "Failure";

  constructor(
    sentence: string,
    readonly code?: FailureCode,
  ) {
    super(sentence);
  }
}

/** The code of an error: of a failure of ours, an errno, or PostgreSQL's SQLSTATE. */
export function codeOf(error: unknown): string | undefined {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

/** An owner's code may raise an error of any length. Sentences of ours are as long as they have to be. */
const LONGEST = 2000;

/** Any error as one line for people. */
export function sentenceOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return sentenceOf(error.errors[error.errors.length - 1]);
  }
  const said = error instanceof Error ? error.message : String(error);
  const tooLong = said.length > LONGEST && !(error instanceof Failure);
  const message = tooLong ? `${said.slice(0, LONGEST)} …` : said;
  const sentence = message.replace(/\s+/g, " ").trim() || "it failed without a message";
  // What a server advises, such as which setting to raise.
  const hint = error instanceof Error ? (error as { hint?: unknown }).hint : undefined;
  if (typeof hint !== "string" || hint === "") return sentence;
  return `${withStop(sentence)} ${hint.slice(0, LONGEST).replace(/\s+/g, " ").trim()}`;
}

/** Ends a sentence with one full stop. */
export function withStop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/** What goes into the log for an error that is a bug: where it happened. */
export function stackOf(error: unknown): string {
  return (error as Error).stack ?? String(error);
}
