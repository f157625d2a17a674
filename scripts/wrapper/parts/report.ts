import type { Output } from "../output";
import type { Verdict } from "./verdict";

const heads: readonly [Verdict["judgement"], string][] = [
  ["failed", "Not everything works:"],
  ["waiting", "Not ready:"],
  ["degraded", "DEGRADED:"],
  ["pending", "Not there yet:"],
];

/**
 * Names each part that does not work, with the command that helps.
 *
 * @returns whether the stack is up
 */
export function reportParts(output: Pick<Output, "line">, verdicts: readonly Verdict[]): boolean {
  for (const [judgement, head] of heads) {
    const ones = verdicts.filter((one) => one.judgement === judgement);
    if (ones.length > 0) output.line(`\n${head}`);
    for (const { name, sentence, next } of ones) {
      output.line(`  ${name}: ${sentence.replace(/[.\s]*$/, "")}.`);
      if (next) output.line(`      next: ${next}`);
    }
  }
  return verdicts.every(({ judgement }) => judgement !== "failed" && judgement !== "waiting");
}
