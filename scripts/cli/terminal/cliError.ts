/** An error that the operator reads: one sentence. It is empty where the printed result says everything. */
export class CliError extends Error {
  constructor(
    message: string,
    /**
     * 1: the command failed; 2: the command line is wrong; 3: it did what it could; 4: it refuses, and
     * has changed nothing. Any other one is that of a program that the command ran.
     */
    readonly exitCode: number = 1,
  ) {
    super(message);
  }
}
