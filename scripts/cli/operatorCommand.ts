import type { Argument, Option } from "commander";
import type { Session } from "./session";

/** Everything about one of the operator's commands. */
export interface OperatorCommand {
  name: string;
  /** Names of earlier versions: they still work, and the help does not show them. */
  hiddenAliases?: readonly string[];
  description: string;
  arguments?: readonly Argument[];
  options?: readonly Option[];
  /** What the operator may type after `npm run laterbase --`. The help shows it. */
  example: string;
  /** Where it is documented: a page and its heading, such as `docs/dumps.md#by-hand`. */
  documented: string;
  /** Exit codes that say more here than for every command. The help shows them. */
  exits?: Readonly<Partial<Record<1 | 3 | 4, string>>>;
  /**
   * What set-up makes ready for this command before it starts: the Pulumi CLI, or that, a Docker engine and the base
   * images. scripts/npm/laterbase.sh lists these commands too, so that it starts Node once; a test compares. Default:
   * nothing. A command that then needs the CLI after all is started again.
   */
  needs?: "pulumi" | "images";
  /** Why the words do not go together. The command line is then refused, and nothing is asked. */
  misuse?(...input: never[]): string | undefined;
  /** Gets the arguments in their order, and then the options. */
  run(session: Session, ...input: never[]): Promise<void>;
}
