import { bytes, duration } from "../../../../contract/health/figures";
import { isUnknown, type StackFacts } from "../../../../contract/health/facts";
import type { Answer, Line } from "./answers";
import { html } from "./html";
import type { Clock } from "./times";

/** From this growth on, what a drill measured is no longer what a restore takes. */
const grown = 1.2;

/** How long a restore takes, by the drills that measured it. */
export function recoveryAnswer({ agent, primary }: StackFacts, clock: Clock): Answer {
  const question = "Time until it is back";
  const none = { question, look: "unknown" as const, lines: [] };
  if (agent === undefined)
    return {
      ...none,
      look: "none",
      short: "Not measured",
      sentence: "This stack makes no backups.",
    };
  if (isUnknown(agent))
    return {
      ...none,
      short: "Unknown",
      sentence: "The agent, which knows it, could not be asked.",
    };
  const repositories = agent.repositories ?? [];
  const measured = repositories.flatMap(({ repository, lastDrill }) =>
    lastDrill?.restore ? [{ repository, at: lastDrill.at, ...lastDrill.restore }] : [],
  );
  const [best] = measured.toSorted((a, b) => a.seconds - b.seconds);
  if (!best) {
    return repositories.length > 0
      ? {
          ...none,
          look: "pending",
          short: "Not measured yet",
          sentence: "The first drill measures it.",
        }
      : {
          ...none,
          look: "none",
          short: "Not measured",
          sentence: "Drills measure it, and this stack has no backups.",
        };
  }
  const databases = isUnknown(primary) ? null : primary.databases;
  const size = (databases ?? []).reduce((sum, one) => sum + one.bytes, 0);
  const factor = best.bytes > 0 && size > best.bytes * grown ? size / best.bytes : 1;
  const restored = html`A drill restored ${bytes(best.bytes)} from repository ${best.repository},
  ${clock.at(best.at)}`;
  const sentence =
    factor === 1
      ? html`${restored}.`
      : html`${restored}, in ${duration(best.seconds)}. There are ${bytes(size)} now.`;
  const short = `${factor === 1 ? "" : "about "}${duration(best.seconds * factor)}`;
  const lines = measured.map(({ repository, seconds, bytes: of }): Line => ({
    what: `repository ${repository}`,
    how: `${duration(seconds)} for ${bytes(of)}`,
    look: "none",
  }));
  return { question, look: "good", short, sentence, lines };
}
