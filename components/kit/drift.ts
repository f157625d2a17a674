import { driftVariable } from "../../contract/drift";

/** What a drift adds to the environment of a step that repairs it. */
export function driftEnvironment(drift: string | undefined): Record<string, string> {
  return drift ? { [driftVariable]: drift } : {};
}

/**
 * What a step without a drift ignores. The state keeps the sentence of a drift that was repaired, and the
 * command that repaired it. Without this both would look like a change.
 */
export function ignoredDrift(drift: string | undefined): string[] {
  return drift ? [] : ["update", ...ignoredSentence(drift)];
}

/** The same for a step that repairs by the command that it always runs. */
export function ignoredSentence(drift: string | undefined): string[] {
  return drift ? [] : [`environment.${driftVariable}`];
}
