import { duration } from "../../../../contract/health/figures";
import type { Day } from "../history/days";
import type { Outage } from "../history/queries";
import { html, type Html, type Part } from "./html";
import { lookOf, type Look, shape, words } from "./states";
import { type Clock, isoOf } from "./times";

/** A row of the timeline: for each day the shares of its bar, from below. */
interface Row {
  title: string;
  cells: Cell[];
}

interface Share {
  look: Look;
  share: number;
}

interface Cell {
  shares: Share[];
  said: string;
}

const jobRows = [
  { title: "Dumps", is: (job: string) => job === "dump" },
  { title: "Backups", is: (job: string) => job.startsWith("backup ") },
  { title: "Drills", is: (job: string) => job === "drill" },
  { title: "Off-site", is: (job: string) => job === "upload" },
];

/** Thirty days in a picture, in a table, and as a list of what was not good. */
export function timelinePart(
  days: readonly Day[],
  outages: readonly Outage[],
  lagLimit: number,
  clock: Clock,
): Html {
  const rows = rowsOf(days, lagLimit, clock);
  const [first] = days;
  return html`<section class="timeline">
    <h2>The last ${days.length} days</h2>
    <div class="rows" aria-hidden="true">
      ${rows.map(({ title, cells }) => [html`<span>${title}</span>`, strip(cells)])}
      <span></span>
      <p class="axis"><span>${first && clock.day(first.from + 43_200)}</span><span>today</span></p>
    </div>
    <p class="key" aria-hidden="true">
      ${(["good", "degraded", "failed", "unknown"] as const).map((look) => html`<span><i class="swatch ${look}"></i>${words[look]}</span>`)}
      <span><i class="swatch none"></i>nothing</span>
    </p>
    ${outagesPart(outages, clock)}
    <details>
      <summary>The same as a table</summary>
      <div
        class="scrolls"
        tabindex="0"
        role="region"
        aria-label="The last ${days.length} days as a table"
      >
        <table class="plain">
          <thead>
            <tr>
              <th scope="col">Day</th>
              ${rows.map(({ title }) => html`<th scope="col">${title}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${days
              .map(
                (day, i) =>
                  html`<tr>
                    <th scope="row">${clock.day(day.from + 43_200)}</th>
                    ${rows.map(({ cells }) => html`<td>${cells[i]!.said}</td>`)}
                  </tr>`,
              )
              .toReversed()}
          </tbody>
        </table>
      </div>
    </details>
  </section>`;
}

function rowsOf(days: readonly Day[], lagLimit: number, clock: Clock): Row[] {
  const jobs = jobRows.flatMap(({ title, is }) => {
    const cells = days.map((day) => jobCell(day, is));
    return cells.some(({ shares }) => shares.length > 0) ? [{ title, cells }] : [];
  });
  const lag = days.some((day) => day.lag !== undefined)
    ? [{ title: "Lag", cells: days.map((day) => lagCell(day, lagLimit)) }]
    : [];
  const seen = days.findIndex(({ verdicts }) => Object.keys(verdicts).length > 0);
  const first = seen < 0 ? days.length : seen;
  return [
    { title: "State", cells: days.map((day, i) => stateCell(day, i <= first, clock)) },
    ...lag,
    ...jobs,
  ];
}

/** What lasted for minutes of a day would not be seen, so it takes at least this share. */
const least = 0.28;

/** What lies before the first look is nothing; a gap after it is unknown. */
function stateCell({ verdicts, from, to }: Day, early: boolean, clock: Clock): Cell {
  const all = Math.min(to, clock.now) - from;
  const order = ["unhealthy", "degraded", "healthy"] as const;
  const found = order.flatMap((verdict) => {
    const seconds = verdicts[verdict] ?? 0;
    return seconds > 0 ? [{ verdict, seconds }] : [];
  });
  const watched = found.reduce((sum, { seconds }) => sum + seconds, 0);
  // A restart of the monitor is not worth a gap.
  const unknown = !early && all - watched > 900 ? all - watched : 0;
  const said = [
    ...found.map(({ verdict, seconds }) => `${verdict} ${duration(seconds)}`),
    ...(unknown > 0 ? [`unknown ${duration(unknown)}`] : []),
  ];
  const shares: Share[] = found.map(({ verdict, seconds }) => {
    const share = seconds / (watched + unknown);
    return { look: lookOf[verdict], share: verdict === "healthy" ? share : Math.max(least, share) };
  });
  const gap: Share[] = unknown > 0 ? [{ look: "unknown", share: 1 }] : [];
  return { shares: fitted([...shares, ...gap]), said: said.join(", ") || "nothing" };
}

function jobCell({ jobs }: Day, is: (job: string) => boolean): Cell {
  const runs = Object.entries(jobs).filter(([job]) => is(job));
  const sum = (of: "success" | "failed") => runs.reduce((all, [, one]) => all + one[of], 0);
  const [good, failed] = [sum("success"), sum("failed")];
  if (good + failed === 0) return { shares: [], said: "none" };
  const share = failed === 0 ? 0 : Math.max(least, failed / (good + failed));
  const shares = [
    ...(failed > 0 ? [{ look: "failed" as const, share }] : []),
    ...(good > 0 ? [{ look: "good" as const, share: 1 - share }] : []),
  ];
  return { shares: fitted(shares), said: `${good} good${failed > 0 ? `, ${failed} failed` : ""}` };
}

/** A tenth of a second has the least bar, an hour the largest. */
function lagCell({ lag }: Day, limit: number): Cell {
  if (lag === undefined) return { shares: [], said: "unknown" };
  const share = Math.min(
    1,
    Math.max(0.08, Math.log10(Math.max(lag, 0.1) * 10) / Math.log10(36_000)),
  );
  return {
    shares: [{ look: lag >= limit ? "degraded" : "good", share }],
    said: `at most ${duration(lag)}`,
  };
}

/** Shares that are together at most one: the last one, what was good, gives way. */
function fitted(shares: Share[]): Cell["shares"] {
  let left = 1;
  return shares.map(({ look, share }) => {
    const own = Math.min(share, left);
    left -= own;
    return { look, share: own };
  });
}

const [step, tall] = [10, 30];

function strip(cells: readonly Cell[]): Html {
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

function outagesPart(outages: readonly Outage[], clock: Clock): Html {
  if (outages.length === 0) return html``;
  const lines = outages.map(
    ({ name, status, sentence, began, ended }) =>
      html`<li>
        ${shape(status as Look)}
        <p>
          <b>${name}</b> ${words[status as Look]} ${ended === undefined ? "since" : "at"}
          ${clock.at(isoOf(began))}${ended !== undefined && html`, for ${duration(ended - began)}`}.
          <span class="muted">${sentence}</span>
        </p>
      </li>`,
  );
  return html`<details>
    <summary>
      ${outages.length === 1 ? "One time" : `The last ${outages.length} times`} when something was
      not good
    </summary>
    <ul class="outages">
      ${lines}
    </ul>
  </details>`;
}
