import "../patches/stubbedDockerode";
import { text } from "node:stream/consumers";
import type { Looked, Looks } from "../../contract/looks";
import { visible } from "../../contract/visible";
import { lookAt } from "./look/looks";
import { runProgram } from "./runProgram";

/**
 * `look.ts <project>-<stack>`: looks at what a change needs before anything is changed, and changes nothing. Standard
 * input is {@link Looks} as JSON. Fails with a sentence for each thing that would make the change fail, so that
 * everything that runs goes on running. Otherwise it prints {@link Looked} as JSON.
 */
async function main(): Promise<void> {
  const looks = JSON.parse(await text(process.stdin)) as Looks;
  const found = await lookAt(looks, process.env["PULUMI_COMMAND_STDOUT"]);
  const unseen = found.unseen.map((sentence) => visible(`${sentence}.`));
  if (found.refused.length > 0) {
    const set = ` (set in ${looks.file}).`;
    const refused = found.refused.map((sentence) => visible(`${sentence}${set}`));
    throw new Error([...refused, ...unseen].join("\n"));
  }
  const { archives } = found;
  const at = new Date().toISOString();
  const looked: Looked = { at, unseen, ...(archives ? { archives } : {}) };
  console.log(JSON.stringify(looked));
}

void runProgram("look.ts <project>-<stack>", main);
