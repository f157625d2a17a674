import { duration } from "../../../../contract/health/figures";
import type { StackFacts } from "../../../../contract/health/facts";
import type { Point } from "../history/tables";
import { lagOfStandby } from "../kit/lag";
import { html, type Html, named } from "./html";
import { lagShare } from "./strip";
import type { Clock } from "./times";

const quarter = 900;
const count = 96;

/** The lag of each standby in the last day: whether it grows is what a person asks next. */
export function lagPart(
  facts: StackFacts,
  lagOf: (standby: string) => readonly Point[],
  limit: number,
  clock: Clock,
): Html {
  const rows = Object.keys(facts.standbys).map((name) => {
    const points = new Map(lagOf(name).map(({ at, value }) => [at, value]));
    const last = clock.now - (clock.now % quarter);
    const values = Array.from({ length: count }, (_, i) =>
      points.get(last - (count - 1 - i) * quarter),
    );
    const most =
      points.size === 0 ? "unknown" : `at most ${duration(Math.max(...points.values()))}`;
    const now = lagOfStandby(facts, name);
    return html`<div>
      <dt>${named(name)}</dt>
      <dd class="bars" aria-hidden="true">${curve(values, limit)}</dd>
      <dd>${most}, now ${now === undefined ? "unknown" : duration(now)}</dd>
    </div>`;
  });
  if (rows.length === 0) return html``;
  return html`<section>
    <h2>Lag in the last 24 hours</h2>
    <dl class="lags">${rows}</dl>
  </section>`;
}

const tall = 30;

/** Bars without gaps: one path for what is good and one for what is not, because there are many. */
function curve(values: readonly (number | undefined)[], limit: number): Html {
  const bars = values.flatMap((value, i) =>
    value === undefined ? [] : [{ i, height: lagShare(value) * tall, late: value >= limit }],
  );
  const path = (late: boolean) =>
    bars
      .filter((one) => one.late === late)
      .map(({ i, height }) => `M${i} ${tall}v-${height.toFixed(1)}h1v${height.toFixed(1)}z`)
      .join("");
  return html`<svg class="strip" viewBox="0 0 ${values.length} ${tall}" preserveAspectRatio="none">
    <rect class="ground" width="${values.length}" height="${tall}" />
    <path class="good" d="${path(false)}" />
    <path class="degraded" d="${path(true)}" />
  </svg>`;
}
