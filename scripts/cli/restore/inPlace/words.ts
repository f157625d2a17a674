import type { InPlaceJournal } from "../../../../contract/restoreInPlace";
import type { RestorePlan } from "../../../../contract/restorePlan";
import type { RestoreOptions } from "../../../../contract/restoreTarget";
import { size } from "../../terminal/format";
import type { Refusal } from "./situation";

/** The target of a plan in a few words. */
export function targetWords({ target: { kind, value, words } }: RestorePlan): string {
  switch (kind) {
    case "latest":
      return "everything that is archived";
    case "immediate":
      return "the end of the backup";
    case "time":
      return words ?? value ?? "";
    case "xid":
      return `transaction ${words ?? value}`;
    case "lsn":
      return `the LSN ${value}`;
    case "name":
      return `the restore point "${value}"`;
  }
}

/** Commands of the operator for this stack. */
export type Command = (words: string) => string;

/** One sentence on why a wish is refused. */
export function refusalSentence(refusal: Refusal, command: Command): string {
  const [go, undo, accept] = ["--in-place", "--undo", "--accept"].map((option) =>
    command(`restore ${option}`),
  );
  switch (refusal) {
    case "not-accepted":
      return `The last restore is not accepted yet: '${accept}' deletes the data from before it, and '${undo}' puts them back.`;
    case "undoing":
      return `An undo is not finished: '${undo}' goes on with it.`;
    case "accepting":
      return `The last restore was accepted, and the data from before are not deleted yet: '${accept}' goes on with it.`;
    case "nothing":
      return "There is no restore in place to accept or undo.";
    case "not-done":
      return `The restore is not finished: '${go}' goes on with it, and '${undo}' puts the data from before back.`;
    case "nothing-kept":
      return `Nothing can be put back, because this restore keeps nothing: '${go}' goes on with it.`;
    case "lost":
      return "The primary's data are not where the journal of the restore says: look at the volume before anything else.";
  }
}

/** What a restore in place does, before it is confirmed. */
export function whatHappens(plan: InPlaceJournal["plan"], delta: boolean): string {
  return delta
    ? `This stops the primary and overwrites its data by ${plan.target}. NOTHING IS KEPT: what was written after that is lost for good, and a restore that fails cannot be put back.`
    : `This puts the primary back to ${plan.target}. What was written after that is gone from the primary. Its present data are kept beside the restored ones until 'restore --accept' or 'restore --undo'.`;
}

/** Where there is no room for both. */
export function noRoom(needed: number, free: number, delta: boolean, command: Command): string {
  const has = `The volume of the primary's data has ${size(free)}`;
  return delta
    ? `${has} with the present data, and the restored ones need ${size(needed)}: make room on it first.`
    : `${has} free, and the restored data need ${size(needed)} beside the present ones. '${command("restore --in-place --delta")}' overwrites the present data, and keeps nothing.`;
}

/** One line on a restore that waits for somebody. Undefined: there is none. */
export function unfinishedLine(
  journal: InPlaceJournal | "unreadable" | undefined,
  command: Command,
): string | undefined {
  if (journal === undefined) return undefined;
  const go = command("restore --in-place");
  const [accept, undo] = [command("restore --accept"), command("restore --undo")];
  if (journal === "unreadable") {
    return `A restore in place left a journal that cannot be read: '${undo}' puts the data from before back.`;
  }
  const { phase, startedAt, plan, delta, problem } = journal;
  const restore = `restore in place of ${day(startedAt)} to ${plan.target}`;
  switch (phase) {
    case "restored-and-kept":
      return `The ${restore} is not accepted yet: '${accept}' deletes the data from before it, and '${undo}' puts them back.`;
    case "accepting":
      return `The ${restore} is accepted, and the data from before are not deleted yet: '${accept}' goes on with it.`;
    case "undoing":
    case "tidying":
      return `The undo of the ${restore} is not finished: '${undo}' goes on with it.`;
    default:
      if (problem !== undefined) {
        return `The ${restore} did not come to that state: ${problem} ${delta ? `'${go} --delta' with another target overwrites the data again` : `'${undo}' puts the data from before back`}.`;
      }
      return `The ${restore} is not finished: '${go}' goes on with it${delta ? "" : `, and '${undo}' takes it back`}.`;
  }
}

const day = (iso: string) => `${iso.slice(0, 19).replace("T", " ")} UTC`;

/** Whether another call asks for something else than the restore that is under way. Without options it goes on. */
export function asksForAnother(
  journal: InPlaceJournal,
  asked: InPlaceJournal["options"],
  delta: boolean,
): boolean {
  if (delta && !journal.delta) return true;
  const keys = Object.keys(asked);
  if (keys.length === 0) return false;
  const same = (key: string) => asked[key] === journal.options[key];
  return !(keys.every(same) && Object.keys(journal.options).every(same));
}

/** The options that name the state to restore, as the journal keeps them. */
export function optionsOf(
  options: Omit<RestoreOptions, "inPlace"> & { repo?: number },
): InPlaceJournal["options"] {
  const { set, toTime, toXid, toLsn, toName, immediate, timeline, repo } = options;
  const all = { set, toTime, toXid, toLsn, toName, immediate, timeline, repo };
  return Object.fromEntries(
    Object.entries(all).filter(([, value]) => value !== undefined && value !== false),
  ) as InPlaceJournal["options"];
}

/** The plan as the journal keeps it. */
export function journalPlan(plan: RestorePlan): InPlaceJournal["plan"] {
  const { target, repository, set, timeline, wal, reaches } = plan;
  return {
    target: targetWords(plan),
    kind: target.kind,
    ...(target.value === undefined ? {} : { value: target.value }),
    repository: repository.number,
    set: set.label,
    timeline,
    bytes: set.bytes,
    wal: wal.to,
    ...(reaches?.lsn === undefined ? {} : { reaches: reaches.lsn }),
    words: plan.arguments,
  };
}
