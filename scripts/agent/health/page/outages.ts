import { duration } from "../../../../contract/health/figures";
import type { Outage } from "../history/queries";
import { html, type Html } from "./html";
import { type Look, shape, words } from "./states";
import { type Clock, isoOf } from "./times";

/** When something was not good, the newest first. */
export function outagesPart(outages: readonly Outage[], clock: Clock): Html {
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
