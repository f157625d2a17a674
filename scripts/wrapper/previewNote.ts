import "../patches/stubbedDockerode";
import { visible } from "../../contract/visible";
import { listenForInterruption } from "./interruption";
import { Plan } from "./plan";
import { runPulumi } from "./pulumiRun";
import { asMarkdown, changeLines } from "./words";

// The program of `npm run preview-note`: previewNote.ts <stack> [pulumi's arguments…]. It runs a preview and
// prints what it would change as Markdown. Nothing else is on standard output.
async function main([stack = "", ...args]: string[]): Promise<number> {
  const plan = new Plan();
  const said = { error: new Set<string>(), warning: new Set<string>() };
  const ran = await runPulumi(
    ["preview", "--stack", stack, ...args],
    (event) => {
      plan.take(event);
      if (event.kind !== "message" || event.ephemeral) return;
      const { severity } = event;
      if (severity !== "error" && severity !== "warning") return;
      for (const line of sentences(event.text)) said[severity].add(line);
    },
    listenForInterruption(),
  );
  const failed = ran.code !== 0;
  // Pulumi's own words come without an event where no preview began: no login, no stack, no passphrase.
  const errors = failed ? [...said.error, ...sentences(ran.said)] : [];
  if (failed && errors.length === 0) errors.push(`pulumi ended with ${ran.code}`);
  const lines = changeLines(plan.steps);
  process.stdout.write(asMarkdown(lines, { stack, warnings: [...said.warning], errors }));
  return failed ? 1 : 0;
}

const sentences = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => visible(line.trim()))
    .filter(Boolean);

void main(process.argv.slice(2)).then((code) => process.exit(code));
