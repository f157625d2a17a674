import type { EngineEvent, Operation } from "../../../scripts/wrapper/events";
import { duration, Progress } from "../../../scripts/wrapper/progress";

class Screen {
  lines: string[] = [];
  shown: string[] = [];
  constructor(readonly live: boolean) {}
  line = (text: string) => void this.lines.push(text);
  error = (text: string) => void this.lines.push(`stderr: ${text}`);
  now = (text: string) => void this.shown.push(text);
}

let clock = 0;
const at = (ms: number) => (clock = ms);
const step = (
  phase: "begin" | "end" | "failed",
  op: Operation,
  name: string,
  custom = true,
): EngineEvent => {
  const state = { id: "", parent: "", provider: "", protect: false, retainOnDelete: false };
  return {
    kind: "step",
    phase,
    step: {
      ...{ op, urn: `urn::${name}`, type: "t", name, keys: [], diffs: [], detailedDiff: {} },
      new: { ...state, custom, inputs: {}, outputs: {} },
    },
  };
};
const message = (
  severity: "info" | "warning" | "error",
  text: string,
  urn = "",
  ephemeral = false,
): EngineEvent => ({ kind: "message", severity, text, urn, ephemeral });

function shown(live: boolean, act: (progress: Progress) => void, options = {}): Screen {
  const screen = new Screen(live);
  const progress = new Progress(screen, options, () => clock);
  at(0);
  act(progress);
  progress.end();
  return screen;
}

it("shows a line with the duration for each step that a provider has ended", () => {
  const { lines } = shown(false, (progress) => {
    progress.take(step("begin", "create", "laterbase", false));
    progress.take(step("begin", "same", "network"));
    progress.take(step("begin", "create", "standby-container"));
    at(3200);
    progress.take(step("end", "create", "standby-container"));
    progress.take(step("end", "create", "laterbase", false));
    progress.take(step("begin", "delete-replaced", "pgadmin-container"));
    at(3700);
    progress.take(step("end", "delete-replaced", "pgadmin-container"));
    progress.take(step("begin", "replace", "pgadmin-container"));
    progress.take(step("begin", "create-replacement", "pgadmin-container"));
    at(16_000);
    progress.take(step("end", "create-replacement", "pgadmin-container"));
    progress.take(step("end", "replace", "pgadmin-container"));
  });
  expect(lines).toEqual([
    "  created    standby-container                   3.2 s",
    "  removed    pgadmin-container                   0.5 s",
    "  made anew  pgadmin-container                    12 s",
  ]);
});

it("shows a step's own output only when it fails, and never more than its end", () => {
  const build = (progress: Progress, end: "end" | "failed") => {
    progress.take(step("begin", "create", "image"));
    for (let line = 1; line <= 40; line++)
      progress.take(message("info", `Step ${line}/40 : RUN something\n`, "urn::image"));
    progress.take(message("info", "pulling 3 %", "urn::image", true));
    progress.take(step(end, "create", "image"));
  };
  expect(shown(false, (progress) => build(progress, "end")).lines).toHaveLength(1);
  const { lines } = shown(false, (progress) => build(progress, "failed"));
  expect(lines).toHaveLength(31);
  expect([lines[0], lines[1], lines[30]]).toEqual([
    "  FAILED     image                               0.0 s",
    "      Step 11/40 : RUN something",
    "      Step 40/40 : RUN something",
  ]);
});

it("does not repeat what the error says", () => {
  const { lines } = shown(false, (progress) => {
    progress.take(step("begin", "create", "role"));
    progress.take(message("info", "The port is taken.", "urn::role"));
    progress.take(message("error", "exit status 1: running x:\nThe port is taken.", "urn::role"));
    progress.take(step("failed", "create", "role"));
  });
  expect(lines).toEqual(["  FAILED     role                                0.0 s"]);
});

it("says each warning once in a whole run, and keeps the errors", () => {
  const warned = new Set<string>();
  const act = (progress: Progress) => {
    progress.take(message("warning", "the primary sleeps"));
    progress.take(message("error", "the port is taken", "urn::a"));
    expect(progress.errors).toEqual(["the port is taken"]);
  };
  expect(shown(false, act, { warned, planning: true }).lines).toEqual([
    "warning: the primary sleeps",
  ]);
  expect(shown(false, act, { warned }).lines).toEqual([]);
});

it("says the warnings of a step that succeeds, and each of them once", () => {
  const { lines } = shown(
    false,
    (progress) => {
      progress.take(step("begin", "update", "configuration"));
      progress.take(
        message("info", "a line\nwarning: Repository 2 cannot be reached.", "urn::configuration"),
      );
      progress.take(
        message("info", "warning: Repository 2 cannot be reached.", "urn::configuration"),
      );
      progress.take(step("end", "update", "configuration"));
    },
    { warned: new Set<string>() },
  );
  expect(lines).toEqual([
    "warning: Repository 2 cannot be reached.",
    expect.stringContaining("changed    configuration"),
  ]);
});

it("says without a terminal now and then how far a long step is", () => {
  const { lines, shown: live } = shown(false, (progress) => {
    progress.take(step("begin", "create", "standby-ready"));
    progress.take(message("info", "cloning: 12 %", "urn::standby-ready", true));
    for (const ms of [5000, 10_000, 20_000, 25_000, 41_000, 45_000]) {
      at(ms);
      progress.tick();
    }
  });
  expect(lines).toEqual([
    "  creating standby-ready, 20 s: cloning: 12 %",
    "  creating standby-ready, 41 s: cloning: 12 %",
  ]);
  expect(live).toEqual([""]);
});

it("shows on a terminal what is waited for", () => {
  const { shown: live } = shown(true, (progress) => {
    progress.take(step("begin", "create", "standby-ready"));
    at(1500);
    progress.take(step("begin", "update", "role"));
    progress.take(message("info", "cloning: 12 %", "urn::standby-ready", true));
  });
  expect(live.at(-2)).toBe("  creating standby-ready, 1.5 s: cloning: 12 % (and 1 more)");
  expect(live.at(-1)).toBe("");
});

it("shows no steps of a preview, in which nothing happens", () => {
  const act = (progress: Progress) => {
    progress.take(step("begin", "create", "a"));
    progress.take(step("end", "create", "a"));
  };
  expect(shown(false, act, { planning: true }).lines).toEqual([]);
});

it.each([
  [40, "0.0 s"],
  [9949, "9.9 s"],
  [9950, "10 s"],
  [119_400, "119 s"],
  [245_000, "4 min 5 s"],
])("%i ms are %s", (ms, text) => expect(duration(ms)).toBe(text));
