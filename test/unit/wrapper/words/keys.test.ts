import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { asText, changeLines } from "../../../../scripts/wrapper/words";
import { parts } from "../../../../scripts/wrapper/words/place";
import { documentedKeys } from "../../../support/documentedKeys";
import {
  allChanges,
  previewedChanges,
  previewedWords,
  secretsOfChanges,
  wordsOf,
} from "../../../support/stackChanges";

// Every key of the stack file changes once. The trial `words` makes these steps again with the real program. To
// accept other words: LATERBASE_GOLDEN=write npx jest test/unit/wrapper/words/keys.test.ts
// What this does not prove: that the words are true. recorded.test.ts has previews of a real stack.
const all = previewedChanges().map(({ title, steps }) => ({
  title,
  steps,
  text: asText(changeLines(steps)),
}));

it("has a change of every documented key", () => {
  const tried = new Set(all.map(({ title }) => title));
  expect(all.map(({ title }) => title)).toEqual(allChanges.map(({ title }) => title));
  expect(tried.size).toBe(all.length);
  expect(documentedKeys().filter(({ path }) => !tried.has(path))).toEqual([]);
});

it("knows the part of every component", () => {
  const sources = execFileSync("git", [
    "grep",
    "-hoE",
    'super[(]"laterbase:index:[A-Za-z]+"',
    "components",
  ]);
  const known = [...sources.toString().matchAll(/index:(\w+)/g)].map(([, kind]) => kind!);
  expect(known).toContain("Laterbase");
  expect(known.filter((kind) => kind !== "Laterbase" && !(kind in parts))).toEqual([]);
});

it("says what each change does, as the golden text has it", () => {
  const text = wordsOf(all);
  if (process.env["LATERBASE_GOLDEN"] === "write") writeFileSync(previewedWords, text);
  expect(text).toBe(readFileSync(previewedWords, "utf8"));
});

it.each(all.filter(({ title }) => title !== "nothing"))(
  "is not silent about a change: $title",
  ({ steps, text }) => {
    expect(text).not.toBe("");
    const remade = steps.filter(
      ({ op, type }) => op === "replace" && type === "docker:index/container:Container",
    );
    for (const { name } of remade) {
      const part = name
        .replace(/-(container|proxy)$/, "")
        .replace("agent", "dumps")
        .replace("object-store", "object store")
        .replace("health", "monitor");
      expect(text.toLowerCase()).toContain(part);
    }
  },
);

it("says nothing where nothing changes", () => {
  expect(all.find(({ title }) => title === "nothing")!.text).toBe("");
});

it("shows no secret", () => {
  const text = all.map((one) => one.text).join("");
  expect(secretsOfChanges.filter((secret) => text.includes(secret))).toEqual([]);
});
