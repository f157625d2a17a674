/** What an operator reads: one sentence, and the exit code. Without one, the result has said it. */
export class CliError extends Error {
  constructor(
    message: string,
    /** 1: it failed; 2: it was asked for wrongly. */
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
