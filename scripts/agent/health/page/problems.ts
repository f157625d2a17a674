import type { Check } from "../../../../contract/health/check";
import { duration } from "../../../../contract/health/figures";
import { guideOf } from "./guide";
import { html, type Html, named } from "./html";
import { bySeverity, shape, words } from "./states";
import type { Clock } from "./times";

/** What is not as it should be: since when, and what repairs it. The worst comes first. */
export function problemsPart(
  checks: readonly Check[],
  standbys: readonly string[],
  clock: Clock,
): Html {
  const bad = checks.filter(({ status }) => !["good", "pending"].includes(status));
  if (bad.length === 0) return html``;
  const title = bad.length === 1 ? "One thing to look at" : `${bad.length} things to look at`;
  return html`<section class="problems">
    <h2>${title}</h2>
    <ul>
      ${bySeverity(bad).map((check) => problem(check, standbys, clock))}
    </ul>
  </section>`;
}

function problem(
  { name, status, sentence, since, command }: Check,
  standbys: readonly string[],
  clock: Clock,
): Html {
  return html`<li>
    ${shape(status)}
    <div>
      <h3>${named(name)} <span class="word ${status}">${words[status]}</span></h3>
      <p>${sentence}</p>
      <p class="since">
        ${since && html`Since ${clock.at(since)}, ${duration(clock.age(since))}. `}See
        ${html`<span class="path">${guideOf(name, standbys)}</span>`}
      </p>
      ${command && html`<pre><code>${command}</code></pre>`}
    </div>
  </li>`;
}
