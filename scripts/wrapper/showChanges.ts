import type { CommandLine } from "./commandLine";
import type { Guard } from "./guard";
import type { Output } from "./output";
import type { Plan } from "./plan";
import { asText, changeLines } from "./words";

/** What this needs of a run. */
interface Shown {
  line: CommandLine;
  output: Output;
}

/** The changes that a preview found, before they are made. */
export function showChanges({ output, line }: Shown, plan: Plan, guard?: Guard): void {
  if (plan.isEmpty) return output.line(`Nothing changes in stack ${line.stack}.`);
  if (guard?.look.adopts) {
    return output.line(
      `Stack ${line.stack} takes its volumes over: every container is made anew on them, all data stay, every client reconnects, and there are new passwords.`,
    );
  }
  output.line(`Changes of stack ${line.stack}:`);
  const lines = asText(changeLines(plan.steps)).split("\n").filter(Boolean);
  for (const text of lines) output.line(`  ${text}`);
  if (lines.length === 0) output.line("  only outputs of the stack: nothing restarts");
}

/** Whether the changes may be made. */
export async function agreed({ line, output }: Shown, question: string): Promise<boolean> {
  if (line.yes || !output.ask) return true;
  const answer = await output.ask(`${question} [y/N] `);
  if (/^y(es)?$/i.test(answer)) return true;
  output.line("Nothing was changed.");
  return false;
}
