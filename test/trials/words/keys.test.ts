import { writeFileSync } from "node:fs";
import type { StepEvent } from "../../../scripts/wrapper/events";
import { keptSteps } from "../../support/keptSteps";
import type { Made } from "../../support/mocks";
import { previewedSteps } from "../../support/previewedSteps";
import {
  allChanges,
  type PreviewedChange,
  previewedChanges,
  previewedFile,
  previewedWords,
  secretsOfChanges,
  type StackChange,
  wordsOf,
} from "../../support/stackChanges";
import { declared } from "../../support/stackProgram";

// The steps that test/unit/wrapper/words reads, made again: every key of the stack file changes once, with the real
// program under Pulumi's mocks and the decisions of the embedded providers. LATERBASE_GOLDEN=write keeps them.
// What this does not prove: that the engine and the official providers decide so. words.test.ts asks the engine.
jest.setTimeout(600_000);

const quiet = () => undefined;
const before = new Map<string, Promise<Made[]>>();

async function steps({ stack, from, to = quiet, less, more }: StackChange): Promise<StepEvent[]> {
  const id = `${stack} ${String(from)} ${JSON.stringify(less)}`;
  const old = before.get(id) ?? declared(stack, quiet, from, less);
  before.set(id, old);
  const was = await old;
  const now = await declared(stack, quiet, (keys) => (from?.(keys), to(keys)), more);
  return previewedSteps(was, now);
}

it("has the steps of each change, and no secret in them", async () => {
  const made: PreviewedChange[] = [];
  for (const change of allChanges) {
    made.push({ title: change.title, steps: keptSteps(await steps(change)) });
  }
  const text = made.map((one) => `${JSON.stringify(one)}\n`).join("");
  expect(secretsOfChanges.filter((secret) => text.includes(secret))).toEqual([]);
  if (process.env["LATERBASE_GOLDEN"] === "write") {
    writeFileSync(previewedFile, text);
    writeFileSync(previewedWords, wordsOf(previewedChanges()));
  }
  expect(JSON.parse(JSON.stringify(made))).toEqual(previewedChanges());
});
