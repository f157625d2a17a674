/**
 * The environment variable of a step that says in one sentence what somebody changed outside of Pulumi.
 * The step's program does not read it. It is an input that people and the wrapper read, and its change
 * runs the step again.
 */
export const driftVariable = "LATERBASE_DRIFT";
