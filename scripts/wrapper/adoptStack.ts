import { execa } from "execa";
import { repositoriesOf } from "../../components/pgBackRest/repositories";
import { readStackConfig } from "../cli/stack/config";
import { adopt, losses } from "./adopt";
import type { FoundThing } from "./engines/found";
import type { StepEvent } from "./events";
import type { CommandLine } from "./commandLine";
import { plainName } from "./guard";
import type { Output } from "./output";
import { stackFileOf } from "./passphrase";

const project = "laterbase";

/** What a lost state left, and the steps of the preview. */
interface Left {
  found: readonly FoundThing[];
  steps: readonly StepEvent[];
}

/**
 * Takes over what a lost state left. `up` comes afterwards.
 *
 * @param up brings up these resources alone, and throws when that fails
 * @returns what could not be kept, for the end, and is said here too
 */
export async function adoptStack(
  { line, output }: { line: CommandLine; output: Output },
  { found, steps }: Left,
  up: (urns: readonly string[]) => Promise<void>,
): Promise<string[]> {
  const { stack } = line;
  process.env["LATERBASE_STACK_FILE"] = stackFileOf(line);
  const config = await readStackConfig(stack);
  const say = (sentence: string) => output.line(sentence);
  const encrypted = repositoriesOf(config.backups, config.primary.version).find(
    ({ passphrase }) => passphrase === "generated",
  )?.number;
  const { kept, knowsOwner } = await adopt({
    ...{ project, stack: plainName(stack), config, encrypted, found, steps, say, up },
    rotations: config.rotations,
    pulumi: (words, input) => onState(words, stack, input),
  });
  const lost = losses({ ...config, encrypted: encrypted !== undefined }, kept);
  for (const loss of lost) say(loss);
  if (!knowsOwner) {
    say(
      "The primary did not say which owner it has recorded for this stack. If 'up' refuses a role as an earlier stack's, its sentence names the command that takes the primary over.",
    );
  }
  return lost;
}

/** Reads or writes the state. An error holds nothing of what was read: secrets are in it. */
async function onState(words: readonly string[], stack: string, input?: string): Promise<string> {
  const args = [...words, "--stack", stack, "--non-interactive"];
  const options = { reject: false, ...(input === undefined ? {} : { input }) } as const;
  const { stdout, stderr, exitCode } = await execa("pulumi", args, options);
  if (exitCode === 0) return stdout;
  throw new Error(`'pulumi ${words.slice(0, 2).join(" ")}' failed: ${stderr.trim()}`);
}
