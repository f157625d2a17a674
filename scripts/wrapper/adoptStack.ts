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

/**
 * Takes over what a lost state left. `up` comes afterwards.
 *
 * @returns what could not be kept, for the end, and is said here too
 */
export async function adoptStack(
  { line, output }: { line: CommandLine; output: Output },
  found: readonly FoundThing[],
  steps: readonly StepEvent[],
): Promise<string[]> {
  const { stack, flags } = line;
  process.env["LATERBASE_STACK_FILE"] = stackFileOf(line);
  const config = await readStackConfig(stack);
  const say = (sentence: string) => output.line(sentence);
  const encrypted = repositoriesOf(config.backups, config.primary.version).find(
    ({ passphrase }) => passphrase === "generated",
  )?.number;
  const { kept, knowsOwner } = await adopt({
    ...{ project, stack: plainName(stack), config, encrypted, found, steps, say },
    pulumi: async ([command = "", ...words], input) => {
      const own = command === "up" ? flags : ["--stack", stack];
      const args = [command, ...words, ...own, "--non-interactive"];
      const { stdout } = await execa("pulumi", args, input === undefined ? {} : { input });
      return stdout;
    },
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
