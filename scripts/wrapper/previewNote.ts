import "../patches/stubbedDockerode";
import { visible } from "../../contract/visible";
import { exportedState } from "./guard";
import { listenForInterruption } from "./interruption";
import { movedEngines } from "./movedEngines";
import { lossSentences, lostVolumes } from "./lostVolumes";
import { plainErrors } from "./plainErrors";
import { Plan } from "./plan";
import { protectedParts } from "./protectedParts";
import { runPulumi, stackNotFound } from "./pulumiRun";
import { asMarkdown, changeLines } from "./words";

/** Sentences about what this preview could not look at, a line each, from the script that started it. */
const unseenVariable = "LATERBASE_UNSEEN";

/** The commit of a pipeline. */
const commitVariable = "NOTE_COMMIT";

// The program of `npm run preview-note`: previewNote.ts <stack> [pulumi's arguments…]. It runs a preview and
// prints what it would change as Markdown. Nothing else is on standard output.
async function main([stack = "", ...args]: string[]): Promise<number> {
  const plan = new Plan();
  const warnings = new Set(sentences(process.env[unseenVariable] ?? ""));
  const complaints: { urn: string; text: string }[] = [];
  const ran = await runPulumi(
    ["preview", "--stack", stack, ...args],
    (event) => {
      plan.take(event);
      if (event.kind !== "message" || event.ephemeral) return;
      const { severity, urn, text } = event;
      if (severity === "warning") for (const line of sentences(text)) warnings.add(line);
      if (severity === "error") complaints.push({ urn, text });
    },
    listenForInterruption(),
  );
  const failed = ran.code !== 0;
  const urns = complaints.map(({ urn }) => urn);
  const lost = lostVolumes(plan.steps, failed ? urns : []);
  const moved = await movedEngines(plan.steps, stack);
  // A job that reaches no engine cannot know whether it is another address of the same one.
  for (const { sentence, unseen } of moved) if (unseen) warnings.add(sentence);
  const dangers = [
    ...lossSentences(lost),
    ...moved.flatMap((one) => (one.unseen ? [] : one.sentence)),
  ];
  let errors: string[] = [];
  if (failed) {
    const about = complaints.map(({ text }) => text);
    const parts = lost.length > 0 ? protectedParts(about, await exportedState(stack), stack) : [];
    dangers.push(...parts);
    const isOther = ({ urn }: { urn: string }) => !lost.some((volume) => volume.urn === urn);
    const rest = lost.length > 0 ? complaints.filter(isOther).map(({ text }) => text) : about;
    // Pulumi's own words come without an event where no preview began: no login, no stack, no passphrase.
    errors = [...new Set(plainErrors([...rest, ran.said]).flatMap(sentences))];
    if (lost.length > 0) errors = errors.filter((line) => !onlyFailed.test(line));
    else if (errors.length === 0) errors.push(`pulumi ended with ${ran.code}`);
  }
  const lines = changeLines(plan.steps);
  const commit = process.env[commitVariable] ?? "";
  const note = { stack, commit, dangers, warnings: [...warnings], errors };
  process.stdout.write(asMarkdown(lines, note));
  if (ran.code === stackNotFound) return stackNotFound;
  return failed || dangers.length > 0 ? 1 : 0;
}

/** What Pulumi adds to an error that is already said. */
const onlyFailed = /^(error: )?preview failed$/;

const sentences = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => visible(line.trim()))
    .filter(Boolean);

void main(process.argv.slice(2)).then((code) => process.exit(code));
