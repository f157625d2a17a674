/** An error that the operator reads: one sentence. It is empty where the printed result says everything. */
export class CliError extends Error {
  constructor(
    message: string,
    /** 1: the command failed; 2: the command line is wrong. */
    readonly exitCode: 1 | 2 = 1,
  ) {
    super(message);
  }
}
