import { duration } from "../../../../contract/health/figures";
import type { Day } from "../history/days";
import type { Outage } from "../history/queries";
import { html, type Html } from "./html";
import { outagesPart } from "./outages";
import { lookOf, words } from "./states";
import { type Cell, fitted, lagCell, least, type Share, strip } from "./strip";
import type { Clock } from "./times";

/** A row of the timeline: for each day the shares of its bar, from below. */
interface Row {
  title: string;
  cells: Cell[];
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
    ? [{ title: "Lag", cells: days.map((day) => lagCell(day.lag, lagLimit)) }]
    : [];
  const seen = days.findIndex(({ verdicts }) => Object.keys(verdicts).length > 0);
  const first = seen < 0 ? days.length : seen;
  return [
    { title: "State", cells: days.map((day, i) => stateCell(day, i <= first, clock)) },
    ...lag,
    ...jobs,
  ];
}

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
