import { parseArgs } from "node:util";

/** What the wrapper does. `start` is `up` of stack dev, without a question. */
export const commands = ["start", "up", "preview", "destroy"] as const;

export type Command = (typeof commands)[number];

/** A command line of the wrapper, with Pulumi's own flags. */
export interface CommandLine {
  command: Command;
  stack: string;
  /** Pulumi's flags for `up` or `destroy`, as they were typed, without those of the question. */
  flags: string[];
  /** The same for the preview, which does not know all of them. */
  previewFlags: string[];
  /** Asks nothing. */
  yes: boolean;
  /** Shows no changes before it makes them. */
  skipPreview: boolean;
  /** Takes over what a lost state left on the engines. */
  adopt: boolean;
  /** Pulumi shows itself what it does: its output has another form, or a program reads it. */
  plain: boolean;
}

/** Pulumi's flags with a value, which may be a word of its own. All others are read as a switch. */
const withValue = {
  ...Object.fromEntries(
    [
      ...["stack", "config", "config-file", "exclude", "message", "parallel", "target", "replace"],
      ...["target-replace", "policy-pack", "policy-pack-config", "plan", "save-plan", "client"],
      ...["output", "exec-kind", "exec-agent", "cwd", "color", "tracing", "profiling", "verbose"],
    ].map((name) => [name, { type: "string", multiple: true } as const]),
  ),
};
const short: Record<string, string> = {
  ...{ stack: "s", config: "c", exclude: "x", message: "m", parallel: "p", target: "t" },
  ...{ cwd: "C", verbose: "v" },
};

/** With one of these, the output is not ours. */
const ownOutput = new Set([
  ...["json", "j", "diff", "output", "help", "h", "plan", "save-plan", "strict"],
  ...["attach-debugger", "neo", "copilot", "show-config", "preview-only", "event-log"],
]);
const isRemote = (name: string) => name.startsWith("remote");

/** What only the question is about. */
const asking = new Set(["yes", "y", "skip-preview", "f", "non-interactive"]);

/** What the wrapper itself does. */
const own = new Set(["adopt"]);

/** What `pulumi preview` does not know. */
const notOfPreview = new Set(["continue-on-error", "exclude-protected", "remove"]);

/**
 * Reads a command line: `up --stack prod --target …`.
 *
 * @param env has Pulumi's own variables for the stack and the question
 */
export function readCommandLine(
  [command = "", ...args]: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): CommandLine {
  if (!isCommand(command)) throw new Error(`the wrapper has no command "${command}"`);
  const options = Object.fromEntries(
    Object.entries(withValue).map(([name, option]) => [
      name,
      short[name] ? { ...option, short: short[name] } : option,
    ]),
  );
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  const flags: string[] = [];
  const previewFlags: string[] = [];
  const seen = new Set<string>();
  let stack = "";
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    const name = token.kind === "option" ? token.name : "";
    const words =
      token.kind === "positional"
        ? [token.value]
        : token.value === undefined
          ? [token.rawName]
          : token.inlineValue
            ? [`${token.rawName}=${token.value}`]
            : [token.rawName, token.value];
    const on = token.kind === "option" && token.value !== "false";
    if (token.kind === "positional") seen.add("positional");
    else if (on) seen.add(name);
    if (name === "stack" && token.kind === "option") stack = token.value ?? "";
    if (asking.has(name) || own.has(name)) continue;
    flags.push(...words);
    if (!notOfPreview.has(name)) previewFlags.push(...words);
  }
  const has = (...names: string[]) => names.some((name) => seen.has(name));
  return {
    command,
    stack: stack || env["PULUMI_STACK"] || "dev",
    flags,
    previewFlags,
    yes: command === "start" || has("yes", "y") || env["PULUMI_SKIP_CONFIRMATIONS"] === "true",
    // To adopt means to know what the program wants.
    skipPreview: has("skip-preview", "f") && !has("adopt"),
    adopt: has("adopt"),
    plain: has("positional") || [...seen].some((name) => ownOutput.has(name) || isRemote(name)),
  };
}

function isCommand(word: string): word is Command {
  return (commands as readonly string[]).includes(word);
}

/** Whether it looks at what exists before it compares. */
export const refreshes = ({ flags }: CommandLine): boolean => flags.some(isRefresh);

/** Pulumi's flags for a run with targets that the state does not have yet: a refresh would look for them there. */
export const withoutRefresh = ({ flags }: CommandLine): string[] =>
  flags.filter((flag) => !isRefresh(flag));

const isRefresh = (flag: string): boolean => /^(--refresh|-r)(=true)?$/.test(flag);

/** What Pulumi is called with when its output is its own. */
export function plainArguments({ command, flags, yes, skipPreview }: CommandLine): string[] {
  const asking =
    command === "preview"
      ? []
      : [...(yes ? ["--yes"] : []), ...(skipPreview ? ["--skip-preview"] : [])];
  return [command === "start" ? "up" : command, ...flags, ...asking];
}
