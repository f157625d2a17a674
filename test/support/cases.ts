/**
 * The cases that a file of test/integration is run with. `npm test` takes the first list. A file of
 * test/trials that imports the test file takes the second one: what costs minutes and seldom fails alone.
 */
export function cases<Case>(test: readonly Case[], trials: readonly Case[]): readonly Case[] {
  return inTrials() ? trials : test;
}

/** Whether the file that runs is one of test/trials. */
export const inTrials = (): boolean => /[\\/]test[\\/]trials[\\/]/.test(testPath());

const testPath = () => expect.getState().testPath ?? "";
