import { Argument } from "commander";
import type { OperatorCommand } from "../operatorCommand";
import type { CompletionResult } from "../results";
import type { Session } from "../session";
import type * as Places from "../completion/place";
import { bashScript, zshScript } from "../completion/scripts";

export const completion: OperatorCommand = {
  name: "completion",
  description: "print what makes your shell complete this command, and a shorter way to call it",
  example: "completion bash",
  documented: "docs/command.md#completion",
  arguments: [new Argument("<shell>", "the shell").choices(["bash", "zsh"])],
  run: printScript,
};

async function printScript(session: Session, shell: "bash" | "zsh"): Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded late: no other command needs YAML
  const { placeOf } = require("../completion/place") as typeof Places;
  const place = placeOf(process.cwd());
  const script = (shell === "bash" ? bashScript : zshScript)(session.words(), place);
  session.show({ shell, script } satisfies CompletionResult, () => script.trimEnd());
  return Promise.resolve();
}
