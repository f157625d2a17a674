import type { Props } from "../../scripts/providers/protocol/provider";

export const LOG = "echo $0 $A $(cat) >> log-$NAME; echo out-$A";

/** One resource for each change, with its new inputs. All start with the same inputs. */
export const CHANGES: Record<string, Props> = {
  none: {},
  create: { create: `: new; ${LOG}` },
  update: { update: "cat; echo update $PULUMI_COMMAND_STDOUT >> log-$NAME" },
  delete: { delete: "cat; echo another delete >> log-$NAME" },
  environment: { environment: { NAME: "environment", A: "second" } },
  stdin: { stdin: "second" },
  logging: { logging: "none" },
  previous: {
    addPreviousOutputInEnv: false,
    create: "cat; echo $PULUMI_COMMAND_STDOUT >> log-$NAME",
  },
  element: { triggers: ["b"] },
  longer: { triggers: ["a", { b: [1] }] },
  shorter: { triggers: [] },
  without: { triggers: undefined },
};

export const LOCAL_ONLY: Record<string, Props> = {
  interpreter: { interpreter: ["/bin/sh", "-e", "-c"] },
  directory: { dir: "/tmp", create: "pwd" },
};

export const FAILURES: Record<string, Props> = {
  status: { create: 'printf "%s\\n" "a\tü\u0001"; exit 3' },
  signal: { create: "kill -9 $$" },
  directory: { create: "true", dir: "/nowhere" },
  interpreter: { create: "true", interpreter: ["no-such-program"] },
  tooLong: { create: "true", environment: { A: "x".repeat(200_000) } },
};

/** The first inputs and the new ones. */
export type Turns = Record<string, [before: Props, after: Props]>;

const RANDOM_CHANGES: Turns = {
  none: [{}, {}],
  keepers: [{ keepers: { a: "1" } }, { keepers: { a: "2" } }],
  keepersGone: [{ keepers: { a: "1" } }, {}],
  keepersEmpty: [{}, { keepers: {} }],
};

export const PASSWORD_CHANGES: Turns = {
  ...RANDOM_CHANGES,
  length: [{}, { length: 21 }],
  defaults: [{}, { special: true, numeric: true, minLower: 0 }],
  numeric: [{}, { numeric: false }],
  minUpper: [{}, { minUpper: 3 }],
  special: [{}, { overrideSpecial: "_" }],
  specialEmptied: [{}, { overrideSpecial: "" }],
  specialGone: [{ overrideSpecial: "" }, {}],
};

export const ID_CHANGES: Turns = {
  ...RANDOM_CHANGES,
  byteLength: [{}, { byteLength: 5 }],
  prefix: [{}, { prefix: "x-" }],
  prefixEmptied: [{}, { prefix: "" }],
};
