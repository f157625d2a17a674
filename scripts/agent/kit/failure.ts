/** Something that a person can act on: its message is one sentence. Anything else thrown is a bug. */
export class Failure extends Error {
  override readonly name = "Failure";
}

/** What to tell a person of anything thrown: one line, whatever it was. */
export function sentenceOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return sentenceOf(error.errors[error.errors.length - 1]);
  }
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s+/g, " ").trim() || "it failed without a word";
}

/** A sentence's end: one full stop, whatever stood there. */
export function withStop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
