import { duration } from "../../../../contract/health/figures";
import { html, type Html, type Part } from "./html";
import type { Look } from "./states";

export interface Share {
  look: Look;
  share: number;
}

/** A bar: its shares from below, and what is said of it. */
export interface Cell {
  shares: Share[];
  said: string;
}

/** What lasted for minutes of a day would not be seen, so it takes at least this share. */
export const least = 0.28;

/** How high lag is: a tenth of a second has the least bar, an hour the largest. */
export function lagShare(seconds: number): number {
  const share = Math.log10(Math.max(seconds, 0.1) * 10) / Math.log10(36_000);
  return Math.min(1, Math.max(0.08, share));
}

export function lagCell(lag: number | undefined, limit: number): Cell {
  if (lag === undefined) return { shares: [], said: "unknown" };
  const look = lag >= limit ? "degraded" : "good";
  return { shares: [{ look, share: lagShare(lag) }], said: `at most ${duration(lag)}` };
}

/** Shares that are together at most one: the last one, what was good, gives way. */
export function fitted(shares: Share[]): Cell["shares"] {
  let left = 1;
  return shares.map(({ look, share }) => {
    const own = Math.min(share, left);
    left -= own;
    return { look, share: own };
  });
}

const [step, tall] = [10, 30];

/** Bars beside each other, as wide as there is room. */
export function strip(cells: readonly Cell[]): Html {
  return html`<svg
    class="strip"
    viewBox="0 0 ${cells.length * step} ${tall}"
    preserveAspectRatio="none"
  >
    ${cells.map((cell, i) => bar(cell, i * step))}
  </svg>`;
}

function bar({ shares, said }: Cell, x: number): Html {
  let below = tall;
  const parts: Part[] = shares.map(({ look, share }) => {
    const height = share * tall;
    below -= height;
    // A line of background parts what stands on something.
    const gap = below + height < tall ? 1.5 : 0;
    return html`<rect
      class="${look}"
      x="${x + 1}"
      y="${round(below)}"
      width="${step - 2}"
      height="${round(Math.max(0, height - gap))}"
    />`;
  });
  return html`<g
    ><title>${said}</title
    ><rect class="ground" x="${x + 1}" y="0" width="${step - 2}" height="${tall}" />${parts}</g
  >`;
}

const round = (number: number) => Math.round(number * 100) / 100;
