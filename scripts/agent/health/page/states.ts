import type { Check, CheckStatus, Verdict } from "../../../../contract/health/check";
import { html, type Html, raw } from "./html";

/** How something is, for people: a word, a colour and a shape. `none`: it says nothing of it. */
export type Look = CheckStatus | "none";

export const words: Readonly<Record<Look, string>> = {
  good: "good",
  pending: "not yet",
  unknown: "unknown",
  degraded: "degraded",
  failed: "failed",
  none: "",
};

/** A verdict looks as its worst checks do. */
export const lookOf: Readonly<Record<Verdict | "unknown", CheckStatus>> = {
  healthy: "good",
  degraded: "degraded",
  unhealthy: "failed",
  unknown: "unknown",
};

/** The shape of each: a disc, a dotted ring, a ring with a question, a triangle, an octagon. */
export const shapes = raw(`<svg class="shapes" aria-hidden="true" focusable="false">
<symbol id="is-good" viewBox="0 0 24 24"><circle cx="12" cy="12" r="11" class="body"/><path class="mark" d="M6.8 12.6l3.5 3.5 6.9-7.4"/></symbol>
<symbol id="is-pending" viewBox="0 0 24 24"><circle cx="12" cy="12" r="10" class="ring" stroke-dasharray="3.2 3.08"/><path class="line" d="M12 6.8V12l3.4 2.4"/></symbol>
<symbol id="is-unknown" viewBox="0 0 24 24"><circle cx="12" cy="12" r="10" class="ring"/><path class="line" d="M9.2 9.4a2.9 2.9 0 1 1 4.3 2.5c-1 .6-1.5 1.1-1.5 2.1"/><circle cx="12" cy="17.2" r="1.25" class="dot"/></symbol>
<symbol id="is-degraded" viewBox="0 0 24 24"><path class="body" d="M12 1.6 23.2 21a1 1 0 0 1-.9 1.5H1.7A1 1 0 0 1 .8 21Z"/><path class="mark" d="M12 9v6"/><circle class="point" cx="12" cy="18.6" r="1.3"/></symbol>
<symbol id="is-failed" viewBox="0 0 24 24"><path class="body" d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4Z"/><path class="mark" d="m8 8 8 8m0-8-8 8"/></symbol>
</svg>`);

/** The shape. Where no word stands beside it, its word is read out. */
export function shape(look: Look, { alone = false } = {}): Html {
  if (look === "none") return html``;
  const label = alone ? html`role="img" aria-label="${words[look]}"` : html`aria-hidden="true"`;
  return html`<svg class="shape ${look}" ${label}><use href="#is-${look}" /></svg>`;
}

const order: Record<CheckStatus, number> = {
  good: 0,
  pending: 1,
  unknown: 2,
  degraded: 3,
  failed: 4,
};

/** The worst of some checks. Nothing is known where there is none. */
export function worstOf(checks: readonly Check[]): CheckStatus {
  const statuses = checks.map(({ status }) => status);
  return statuses.toSorted((a, b) => order[b] - order[a])[0] ?? "unknown";
}

/** The worst first; otherwise as they came. */
export function bySeverity(checks: readonly Check[]): Check[] {
  return checks.toSorted((a, b) => order[b.status] - order[a.status]);
}
