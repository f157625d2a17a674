import type { InPlaceJournal, InPlacePhase } from "../../../../contract/restoreInPlace";

/** A data directory: complete, begun and not complete, or not there. */
export type Directory = "whole" | "half" | "none";

/** The folders beside each other on the volume of the primary's data. */
export interface Folders {
  live: Directory;
  restoring: Directory;
  before: boolean;
  leaving: boolean;
}

/** What the volume shows. The journal is "unreadable" where the file is there and makes no sense. */
export interface Seen {
  folders: Folders;
  journal: Pick<InPlaceJournal, "phase" | "delta"> | "unreadable" | undefined;
}

/** What the operator asks for. */
export type Wish = "restore" | "undo" | "accept";

/** What is done next. Each of them can be done twice. */
export type Step =
  /** Plan a new restore. */
  | "plan"
  /** Restore the files beside the primary's data. */
  | "files"
  /** Stop the primary, and let the restored data take its place. */
  | "swap"
  /** Stop the primary, and overwrite its data. */
  | "overwrite"
  /** Start the primary and wait until it takes writes. */
  | "replay"
  /** Let the standbys follow. */
  | "follow"
  /** Delete the data from before. */
  | "delete"
  /** Delete what was restored: the primary's data are as they were. */
  | "abandon"
  /** Put the data from before back. */
  | "put-back"
  /** Let standbys and repositories follow the data that were put back. */
  | "tidy";

/** Why a wish is refused. */
export type Refusal =
  /** A restore waits for an answer. */
  | "not-accepted"
  /** An undo is under way. */
  | "undoing"
  /** An accept is under way. */
  | "accepting"
  /** There is nothing to undo or to accept. */
  | "nothing"
  /** The restore is not done, so nobody can accept it. */
  | "not-done"
  /** The data were overwritten. */
  | "nothing-kept"
  /** The data are missing that the journal names. */
  | "lost";

/** What a wish comes to. */
export type Next = { step: Step } | { refused: Refusal };

/**
 * What comes next, by what is on the volume. The folders say what was done, because a process may have been killed
 * between a rename and its note. The journal says what was meant.
 */
export function nextStep(wish: Wish, seen: Seen): Next {
  const phase = phaseOf(seen);
  const delta = seen.journal !== "unreadable" && seen.journal?.delta === true;
  if (phase === "lost") return { refused: "lost" };
  if (wish === "restore") return onRestore(phase, delta, seen.folders);
  return wish === "undo" ? onUndo(phase, delta, seen.folders) : onAccept(phase);
}

/** The phase as the folders have it. Undefined: there is no restore. */
export function phaseOf({ folders, journal }: Seen): InPlacePhase | "lost" | undefined {
  const { live, restoring, before } = folders;
  const noted = journal === "unreadable" ? undefined : journal?.phase;
  if (noted === "overwriting") return noted;
  if (live === "none") {
    // Between two renames.
    if (noted === "undoing" || noted === "tidying") return before ? "undoing" : "lost";
    if (restoring === "whole" && noted !== undefined && noted !== "restoring") return "swapping";
    if (before) return "undoing";
    // Only a primary that had no data is restored without any.
    return noted === "restoring" ? noted : noted === undefined ? undefined : "lost";
  }
  switch (noted) {
    case undefined:
      // Without a journal nobody knows what was meant: the data from before decide.
      return before ? "restored-and-kept" : undefined;
    case "restoring":
      return noted;
    case "restored":
      return restoring === "whole" ? noted : "restoring";
    case "swapping":
      // After the second rename the spool may not be empty yet, so the step is done again.
      return before || restoring !== "half" ? noted : "restoring";
    case "restored-and-kept":
      return before ? noted : "accepting";
    case "accepting":
      return noted;
    default:
      return noted;
  }
}

function onRestore(phase: InPlacePhase | undefined, delta: boolean, folders: Folders): Next {
  switch (phase) {
    case undefined:
      return { step: "plan" };
    case "restoring":
      return { step: delta ? "overwrite" : "files" };
    case "restored":
    case "swapping":
      return { step: "swap" };
    case "overwriting":
      return { step: "overwrite" };
    case "replaying":
      return folders.live === "whole" ? { step: "replay" } : { refused: "lost" };
    case "following":
      return { step: "follow" };
    case "restored-and-kept":
      return { refused: "not-accepted" };
    case "accepting":
      return { refused: "accepting" };
    case "undoing":
    case "tidying":
      return { refused: "undoing" };
  }
}

function onUndo(phase: InPlacePhase | undefined, delta: boolean, folders: Folders): Next {
  const { before, restoring } = folders;
  switch (phase) {
    case undefined:
      return { refused: "nothing" };
    case "restoring":
    case "restored":
      return { step: "abandon" };
    case "overwriting":
      return { refused: "nothing-kept" };
    case "tidying":
      return { step: "tidy" };
    case "accepting":
      return { refused: "accepting" };
    case "undoing":
      return { step: "put-back" };
    case "swapping":
      if (!before && restoring !== "none") return { step: "abandon" };
      return before ? { step: "put-back" } : { refused: "nothing-kept" };
    default:
      return delta || !before ? { refused: "nothing-kept" } : { step: "put-back" };
  }
}

function onAccept(phase: InPlacePhase | undefined): Next {
  switch (phase) {
    case undefined:
      return { refused: "nothing" };
    case "restored-and-kept":
    case "accepting":
      return { step: "delete" };
    case "undoing":
    case "tidying":
      return { refused: "undoing" };
    default:
      return { refused: "not-done" };
  }
}
