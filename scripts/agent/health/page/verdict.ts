import { duration } from "../../../../contract/health/figures";
import type { Snapshot } from "../kit/snapshot";
import { html, type Html } from "./html";
import { lookOf, shape } from "./states";
import type { Clock } from "./times";

/** After this time without a new look, the page does not know how everything is: six looks. */
const stale = 60;

/** The verdict in one word, or unknown where the monitor does not look any more. */
export function verdictOf({ judged, at }: Snapshot, clock: Clock) {
  return clock.age(at) > stale ? "unknown" : judged.verdict;
}

const titles = {
  healthy: "Healthy",
  degraded: "Degraded",
  unhealthy: "Unhealthy",
  unknown: "Unknown",
} as const;

export function titleOf(snapshot: Snapshot, stack: string, clock: Clock): string {
  return `${titles[verdictOf(snapshot, clock)]} · ${stack} · Laterbase`;
}

/** What a tired person reads first. */
export function verdictPart(snapshot: Snapshot, stack: string, clock: Clock): Html {
  const verdict = verdictOf(snapshot, clock);
  const look = lookOf[verdict];
  const sentence =
    verdict === "unknown"
      ? `The monitor has not looked for ${duration(clock.age(snapshot.at))}. What follows is what it saw then.`
      : snapshot.judged.sentence;
  return html`<header class="top ${look}">
    <div class="width">
      <p class="bar">
        <span><b>Laterbase</b> <span class="stack">${stack}</span></span>
        <span class="looked"
          >Looked at ${clock.exactly(snapshot.at)} <a href="">Look again</a></span
        >
      </p>
      <div class="verdict">
        ${shape(look)}
        <div>
          <h1>${titles[verdict]}</h1>
          <p>${sentence}</p>
        </div>
      </div>
    </div>
  </header>`;
}
