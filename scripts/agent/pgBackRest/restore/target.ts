import { inZone, inUtc, inBoth, type Micros, readIn } from "../../../../contract/pgTime";
import type { RestoreRefusal } from "../../../../contract/restorePlan";
import type { RestoreWish } from "../../../../contract/restoreTarget";
import type { ResolvedWish, StackFacts } from "./facts";

/** A plan, or a part of it, or why there is none. */
export type OrRefused<Result> = Result | { refused: RestoreRefusal };

/** Reads the time of a wish in the stack's zone. A time that means two moments, none, or one to come is refused. */
export function resolveWish(
  wish: RestoreWish,
  { timeZone, now }: Pick<StackFacts, "timeZone" | "now">,
): OrRefused<ResolvedWish> {
  const { target, ...rest } = wish;
  if (target.kind !== "time") return { ...rest, target };
  const reading = readIn(timeZone, target.time);
  if (reading.kind === "once") {
    const { moment } = reading;
    if (moment <= now) return { ...rest, target: { kind: "time", moment } };
    const sentence = `${inBoth(moment, timeZone)} is in the future: it is ${inBoth(now, timeZone)}.`;
    return { refused: { code: "future", sentence } };
  }
  const [first, second] = reading.moments.map((moment) => written(moment, timeZone));
  const [word, clocks] = reading.kind === "twice" ? ["twice", "back"] : ["never", "forward"];
  // Without the zone, as it was typed.
  const typed = inUtc(target.time.wall).replace(/ UTC$/, "");
  const sentence =
    `${typed} comes ${word} in ${timeZone}, because the clocks go ${clocks}: ` +
    `say ${first} or ${second}.`;
  return { refused: { code: `time-${reading.kind}`, sentence } };
}

const written = (moment: Micros, timeZone: string) =>
  `--to-time "${inZone(moment, timeZone)}" (${inUtc(moment)})`;
