import { type InPlacePhase, inPlacePhases } from "../../../../contract/restoreInPlace";
import {
  type Directory,
  type Folders,
  nextStep,
  phaseOf,
  type Seen,
} from "../../../../scripts/cli/restore/inPlace/situation";

const usual: Folders = { live: "whole", restoring: "none", before: false, leaving: false };

function seen(folders: Partial<Folders>, phase?: InPlacePhase | "unreadable", delta = false): Seen {
  const journal = phase === undefined || phase === "unreadable" ? phase : { phase, delta };
  return { folders: { ...usual, ...folders }, journal };
}

const answers = (one: Seen) =>
  (["restore", "undo", "accept"] as const).map((wish) => {
    const next = nextStep(wish, one);
    return "step" in next ? next.step : `(${next.refused})`;
  });

/** Every state that a run passes, and every one that a kill leaves, with the answers to restore, undo and accept. */
const states: [string, Seen, [string, string, string]][] = [
  ["nothing", seen({}), ["plan", "(nothing)", "(nothing)"]],
  ["an empty volume", seen({ live: "none" }), ["plan", "(nothing)", "(nothing)"]],
  ["leftovers", seen({ leaving: true }), ["plan", "(nothing)", "(nothing)"]],
  ["files without a journal", seen({ restoring: "half" }), ["plan", "(nothing)", "(nothing)"]],

  ["noted, no file yet", seen({}, "restoring"), ["files", "abandon", "(not-done)"]],
  [
    "half of the files",
    seen({ restoring: "half" }, "restoring"),
    ["files", "abandon", "(not-done)"],
  ],
  [
    "all files, not noted",
    seen({ restoring: "whole" }, "restoring"),
    ["files", "abandon", "(not-done)"],
  ],
  ["all files", seen({ restoring: "whole" }, "restored"), ["swap", "abandon", "(not-done)"]],
  ["the files went", seen({ restoring: "half" }, "restored"), ["files", "abandon", "(not-done)"]],
  [
    "no primary's data before",
    seen({ live: "none", restoring: "whole" }, "restored"),
    ["swap", "abandon", "(not-done)"],
  ],
  [
    "a damaged primary",
    seen({ live: "half", restoring: "whole" }, "restored"),
    ["swap", "abandon", "(not-done)"],
  ],

  [
    "before the first rename",
    seen({ restoring: "whole" }, "swapping"),
    ["swap", "abandon", "(not-done)"],
  ],
  [
    "between the renames",
    seen({ live: "none", restoring: "whole", before: true }, "swapping"),
    ["swap", "put-back", "(not-done)"],
  ],
  [
    "after the second rename",
    seen({ before: true }, "swapping"),
    ["swap", "put-back", "(not-done)"],
  ],
  [
    "after the second rename, nothing before",
    seen({}, "swapping"),
    ["swap", "(nothing-kept)", "(not-done)"],
  ],
  ["replaying", seen({ before: true }, "replaying"), ["replay", "put-back", "(not-done)"]],
  ["replaying, nothing before", seen({}, "replaying"), ["replay", "(nothing-kept)", "(not-done)"]],
  ["following", seen({ before: true }, "following"), ["follow", "put-back", "(not-done)"]],

  ["done", seen({ before: true }, "restored-and-kept"), ["(not-accepted)", "put-back", "delete"]],
  ["done, the journal went", seen({ before: true }), ["(not-accepted)", "put-back", "delete"]],
  [
    "done, a strange journal",
    seen({ before: true }, "unreadable"),
    ["(not-accepted)", "put-back", "delete"],
  ],
  ["accepting", seen({ before: true }, "accepting"), ["(accepting)", "(accepting)", "delete"]],
  [
    "accepted, half deleted",
    seen({ leaving: true }, "accepting"),
    ["(accepting)", "(accepting)", "delete"],
  ],
  ["the old data went", seen({}, "restored-and-kept"), ["(accepting)", "(accepting)", "delete"]],

  [
    "undoing, nothing renamed",
    seen({ before: true }, "undoing"),
    ["(undoing)", "put-back", "(undoing)"],
  ],
  [
    "undoing, one renamed",
    seen({ live: "none", before: true, leaving: true }, "undoing"),
    ["(undoing)", "put-back", "(undoing)"],
  ],
  [
    "undoing, both renamed",
    seen({ leaving: true }, "undoing"),
    ["(undoing)", "put-back", "(undoing)"],
  ],
  ["put back", seen({ leaving: true }, "tidying"), ["(undoing)", "tidy", "(undoing)"]],
  [
    "no data, no journal",
    seen({ live: "none", before: true }),
    ["(undoing)", "put-back", "(undoing)"],
  ],

  ["delta, nothing touched", seen({}, "restoring", true), ["overwrite", "abandon", "(not-done)"]],
  [
    "delta, half overwritten",
    seen({ live: "half" }, "overwriting", true),
    ["overwrite", "(nothing-kept)", "(not-done)"],
  ],
  [
    "delta, overwritten",
    seen({}, "overwriting", true),
    ["overwrite", "(nothing-kept)", "(not-done)"],
  ],
  ["delta, replaying", seen({}, "replaying", true), ["replay", "(nothing-kept)", "(not-done)"]],
  ["delta, following", seen({}, "following", true), ["follow", "(nothing-kept)", "(not-done)"]],

  ["all data gone", seen({ live: "none" }, "following"), ["(lost)", "(lost)", "(lost)"]],
  ["all data gone in an undo", seen({ live: "none" }, "tidying"), ["(lost)", "(lost)", "(lost)"]],
  [
    "half of the data while replaying",
    seen({ live: "half", before: true }, "replaying"),
    ["(lost)", "put-back", "(not-done)"],
  ],
];

it.each(states)("%s: restore, undo and accept", (_, state, wanted) => {
  expect(answers(state)).toEqual(wanted);
});

/** Every combination, so that no forgotten one does harm. */
const directories: Directory[] = ["whole", "half", "none"];
const flags = [false, true];
const all = directories.flatMap((live) =>
  directories.flatMap((restoring) =>
    flags.flatMap((before) =>
      flags.flatMap((leaving) =>
        [undefined, "unreadable" as const, ...inPlacePhases].flatMap((phase) =>
          flags.map((delta) => seen({ live, restoring, before, leaving }, phase, delta)),
        ),
      ),
    ),
  ),
);

it("covers every combination of folders and phases", () => {
  expect(all).toHaveLength(3 * 3 * 2 * 2 * 12 * 2);
});

it.each([
  [
    "never plans another restore while data from before are kept",
    (one: Seen) =>
      one.folders.before && "step" in nextStep("restore", one) && phaseOf(one) === undefined,
  ],
  [
    "never deletes the data from before unless the primary has data",
    (one: Seen) => {
      const next = nextStep("accept", one);
      return (
        one.folders.live === "none" &&
        one.folders.before &&
        "step" in next &&
        phaseOf(one) !== "accepting"
      );
    },
  ],
  [
    "never accepts a restore that is not done",
    (one: Seen) =>
      "step" in nextStep("accept", one) &&
      !["restored-and-kept", "accepting"].includes(String(phaseOf(one))),
  ],
  [
    "never goes on with the restore of data that are being put back",
    (one: Seen) =>
      one.journal !== "unreadable" &&
      ["undoing", "tidying"].includes(String(one.journal?.phase)) &&
      "step" in nextStep("restore", one),
  ],
  [
    "never starts a server on half of the data",
    (one: Seen) => {
      const next = nextStep("restore", one);
      return one.folders.live === "half" && "step" in next && next.step === "replay";
    },
  ],
])("%s", (_, wrong) => {
  expect(all.filter(wrong)).toEqual([]);
});
