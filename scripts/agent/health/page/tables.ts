import type { Check } from "../../../../contract/health/check";
import { disksTogether } from "../../../../contract/health/checks";
import { bytes, duration, percentOf } from "../../../../contract/health/figures";
import { isUnknown, type StackFacts } from "../../../../contract/health/facts";
import { html, type Html, named } from "./html";
import { bySeverity, shape, words } from "./states";
import type { Clock } from "./times";

export function checksPart(checks: readonly Check[], clock: Clock): Html {
  const rows = bySeverity(checks).map(
    ({ name, status, sentence, since }) =>
      html`<tr>
        <th scope="row">${shape(status)} ${named(name)}</th>
        <td class="word ${status}">${words[status]}</td>
        <td class="sentence">${sentence}</td>
        <td class="figure">
          ${since ? [html`<span class="only-narrow">since </span>`, clock.at(since)] : "unknown"}
        </td>
      </tr>`,
  );
  return table("All checks", ["Check", "State", "What was seen", "Since"], rows, "checks");
}

/** A table with its heading. On narrow screens its cells stand below each other, so its roles are named. */
function table(
  title: string,
  columns: readonly string[],
  rows: readonly Html[],
  name: string,
): Html {
  if (rows.length === 0) return html``;
  return html`<section class="${name}">
    <h2 id="${name}">${title}</h2>
    <table aria-labelledby="${name}">
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </section>`;
}

/** How full each disk is, and when it will be full if it grows as in the last week. */
export function disksPart(
  facts: StackFacts,
  growth: (disk: string) => number | undefined,
  clock: Clock,
): Html {
  const rows = disksTogether(facts).map(({ holds, bytes: all, free }) => {
    const used = all - free;
    const percent = percentOf(used, all);
    const daily = growth(holds);
    return html`<tr>
      <th scope="row">${holds}</th>
      <td class="fill">
        <svg class="meter" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
          <rect class="ground" width="100" height="6" />
          <rect class="used" width="${percent}" height="6" />
        </svg>
        <span>${percent} % used, ${bytes(free)} of ${bytes(all)} free</span>
      </td>
      <td class="figure">
        <span class="only-narrow">growth: </span
        >${daily === undefined ? "unknown yet" : daily <= 0 ? "does not grow" : `${bytes(daily)} a day`}
      </td>
      <td class="figure"><span class="only-narrow">full: </span>${fullAt(daily, free, clock)}</td>
    </tr>`;
  });
  return table("Disks", ["Holds", "Room", "Growth", "Full"], rows, "disks");
}

function fullAt(daily: number | undefined, free: number, clock: Clock): string {
  if (daily === undefined) return "unknown yet";
  const days = daily > 0 ? free / daily : Infinity;
  if (days > 365) return "not within a year";
  return `about ${clock.day(clock.now + days * 86_400)}, in ${duration(days * 86_400)}`;
}

/** How many databases are shown before one has to ask for the rest. */
const mostShown = 10;

/** The databases, the largest first, with the newest dump of each. Dumps are shown also while the primary is down. */
export function databasesPart({ primary, agent }: StackFacts, clock: Clock): Html {
  const known = isUnknown(primary) ? [] : (primary.databases ?? []);
  const dumps = agent && !isUnknown(agent) ? agent.dumps?.newest : undefined;
  const others = (dumps ?? []).filter(
    ({ database }) => !known.some(({ name }) => name === database),
  );
  const shown = [
    ...known
      .toSorted((a, b) => b.bytes - a.bytes)
      .map(({ name, bytes: size, clients }) => ({
        name,
        size: bytes(size),
        clients: `${clients} ${clients === 1 ? "client" : "clients"}`,
      })),
    ...others.map(({ database }) => ({
      name: database,
      size: "unknown size",
      clients: "unknown clients",
    })),
  ];
  const rows = shown.map(({ name, size, clients }) => {
    const dump = dumps?.find(({ database }) => database === name);
    return html`<tr>
      <th scope="row">${named(name)}</th>
      <td class="figure">${size}</td>
      <td class="figure">${clients}</td>
      ${dumps && html`<td>${dump ? [html`<span class="only-narrow">dump </span>`, clock.ago(dump.takenAt), ", ", bytes(dump.bytes)] : html`<span class="muted">no dump</span>`}</td>`}
    </tr>`;
  });
  const columns = ["Database", "Size", "Clients", ...(dumps ? ["Newest dump"] : [])];
  const all = table("Databases", columns, rows, "databases");
  if (rows.length <= mostShown) return all;
  return html`<details class="many">
    <summary>${rows.length} databases</summary>
    ${all}
  </details>`;
}
