import type { Output } from "../output";
import type { Verdict } from "../../cli/parts/judgement";

const heads: readonly [Verdict["judgement"], string][] = [
  ["failed", "Not everything works:"],
  ["waiting", "Not ready:"],
  ["degraded", "DEGRADED:"],
  ["pending", "Not there yet:"],
];

/** Names each part that does not work, with the command that helps. */
export function reportParts(output: Pick<Output, "line">, verdicts: readonly Verdict[]): void {
  for (const [judgement, head] of heads) {
    const ones = verdicts.filter((one) => one.judgement === judgement);
    if (ones.length > 0) output.line(`\n${head}`);
    for (const { name, sentence, next } of ones) {
      output.line(`  ${name}: ${sentence.replace(/[.\s]*$/, "")}.`);
      if (next) output.line(`      next: ${next}`);
    }
  }
}

/** The names of the parts without which the stack is not up. */
export function brokenParts(verdicts: readonly Verdict[]): string[] {
  const broken = verdicts.filter(
    ({ judgement }) => judgement === "failed" || judgement === "waiting",
  );
  return broken.map(({ name }) => name);
}
