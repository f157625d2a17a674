import { driftVariable } from "../../../contract/drift";
import { visible } from "../../../contract/visible";
import { isObject } from "./keys";
import type { Located } from "./located";

/**
 * What somebody changed outside of Pulumi, where this run repairs it: the sentence of a step. A new step repairs
 * nothing: a new primary has no data.
 */
export function driftOf({ fate, old, new: now }: Located): string | undefined {
  if (fate === "kept" || fate === "removed" || fate === "made") return undefined;
  const sentence = sentenceIn(now?.inputs);
  // The state keeps the last one, which was repaired then.
  return sentence === undefined || sentence === sentenceIn(old?.inputs)
    ? undefined
    : visible(sentence);
}

function sentenceIn(inputs: Record<string, unknown> | undefined): string | undefined {
  const environment = inputs?.["environment"];
  const sentence = isObject(environment) ? environment[driftVariable] : undefined;
  return typeof sentence === "string" ? sentence : undefined;
}

/** What the step does about it. */
export function repairOf({ place: { part, step = "" } }: Located): string[] {
  if (part === "applications") return [`role ${step} is set again`, "nothing restarts"];
  if (step.startsWith("slot-")) {
    return ["the slot is made again", "a standby that misses WAL clones again"];
  }
  return repairs[step] ?? ["the step runs again"];
}

const repairs: Readonly<Record<string, string[]>> = {
  role: ["the role is set again", "nothing restarts"],
  dumps: ["the role that dumps is set again", "nothing restarts"],
  pgAdmin: ["the role that pgAdmin connects by is set again", "nothing restarts"],
  backups: ["the role that backs up is set again", "nothing restarts"],
  configuration: ["the configuration is written again, a reload", "nothing restarts"],
  cap: ["set again by a reload", "nothing restarts"],
  hba: ["the block in pg_hba.conf is written again, a reload", "nobody is cut"],
  settings: ["the stack's values are in force again, by a reload", "nothing restarts"],
  login: ["set again on the running server", "nothing restarts"],
  order: ["amcheck reads every text index of the standby once", "nothing restarts"],
};
