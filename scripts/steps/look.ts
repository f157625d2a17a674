import { text } from "node:stream/consumers";
import type { Looks } from "../../contract/looks";
import { visible } from "../../contract/visible";
import { lookAt } from "./look/looks";
import { runProgram } from "./runProgram";

/**
 * `look.ts <project>-<stack>`: looks at what a change needs before anything is changed, and changes nothing. Standard
 * input is {@link Looks} as JSON. Fails with a sentence for each thing that would make the change fail, so that
 * everything that runs goes on running. Prints what the next looks compare with, as JSON.
 */
async function main(): Promise<void> {
  const looks = JSON.parse(await text(process.stdin)) as Looks;
  const { refused, unseen, record } = await lookAt(looks, process.env["PULUMI_COMMAND_STDOUT"]);
  for (const sentence of unseen) console.error(visible(`${sentence}.`));
  if (refused.length > 0) {
    throw new Error(
      refused.map((sentence) => visible(`${sentence} (set in ${looks.file}).`)).join("\n"),
    );
  }
  console.log(JSON.stringify(record));
}

void runProgram("look.ts <project>-<stack>", main);
