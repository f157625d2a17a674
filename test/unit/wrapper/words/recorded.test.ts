import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asText, changeLines } from "../../../../scripts/wrapper/words";
import { recorded, recordedTitles, stepsOf } from "../../../support/recordedPreviews";
import { secretsOfPreviews } from "../../../support/wordsStack";

// Lines for real previews of a whole stack. How to record them again, for example after a component has changed:
//   LATERBASE_GOLDEN=write npm run trials -- words
//   LATERBASE_GOLDEN=write npx jest test/unit/wrapper/words/recorded.test.ts
// What this does not prove: that today's program still has these previews. The trial compares.
const golden = join(__dirname, "../fixtures/previews.txt");
const titles = recordedTitles();

it("says what twenty real changes do, as the golden text has it", () => {
  expect(titles.length).toBeGreaterThanOrEqual(20);
  const text = titles
    .map((title) => `# ${title}\n${asText(changeLines(stepsOf(recorded(title))))}`)
    .join("\n");
  if (process.env["LATERBASE_GOLDEN"] === "write") writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, "utf8"));
});

it("has no secret in the recordings", () => {
  const all = titles.map(recorded).join("");
  expect(all).toContain("[secret]");
  expect(secretsOfPreviews.filter((secret) => all.includes(secret))).toEqual([]);
});
