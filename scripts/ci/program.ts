import { visible } from "../../contract/visible";

/** A program of a job: its exit code, or one sentence on standard error and 1. */
export function program(
  main: (words: string[], env: NodeJS.ProcessEnv) => number | Promise<number>,
): void {
  // Later: the rest of the program's file comes first.
  void Promise.resolve()
    .then(() => main(process.argv.slice(2), process.env))
    .then(
      (code) => process.exit(code),
      (error: Error) => {
        console.error(visible(error.message));
        process.exit(1);
      },
    );
}
