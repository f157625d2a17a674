import type { History } from "../history/history";
import type { Snapshot } from "../kit/snapshot";
import { answersPart } from "./answers";
import { html, raw } from "./html";
import { lagPart } from "./lag";
import { lossAnswer } from "./loss";
import { nodesOf } from "./nodes";
import { narrow, wide } from "./picture";
import { problemsPart } from "./problems";
import { proofAnswer } from "./proof";
import { recoveryAnswer } from "./recovery";
import { shapes } from "./states";
import { style } from "./style";
import { checksPart, databasesPart, disksPart } from "./tables";
import { timelinePart } from "./timeline";
import { clockOf } from "./times";
import { titleOf, verdictPart } from "./verdict";

export { styleHash } from "./style";

export interface PageOptions {
  stack: string;
  /** The IANA time zone in which times are shown. */
  timeZone: string;
  /** When the page is read. Default: now. */
  now?: Date;
}

/** Seconds of lag from which a day is not good: those of the checks, otherwise the default. */
function lagLimit({ checks, facts }: Snapshot): number {
  return (
    checks.find(({ name, unit }) => name in facts.standbys && unit === "seconds")?.threshold ?? 60
  );
}

/**
 * The page, whole: no script, nothing from elsewhere. It does not load itself again, because that would close what a
 * person has opened, and lose the command that is being copied.
 */
export function pageOf(
  snapshot: Snapshot,
  history: History,
  { stack, timeZone, now = new Date() }: PageOptions,
): string {
  const clock = clockOf(now, timeZone);
  const { facts, checks } = snapshot;
  const nodes = nodesOf(snapshot, clock);
  const problem = history.problem();
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>${titleOf(snapshot, stack, clock)}</title>
        ${raw(`<style>${style}</style>`)}
      </head>
      <body>
        ${shapes} ${verdictPart(snapshot, stack, clock)}
        <main class="width">
          ${problemsPart(checks, Object.keys(facts.standbys), clock)}
          ${answersPart([lossAnswer(facts, clock), recoveryAnswer(facts, clock), proofAnswer(facts, clock)])}
          <section class="servers">
            <h2>Servers and what flows between them</h2>
            ${wide(nodes)}${narrow(nodes)}
          </section>
          ${lagPart(facts, (standby) => history.lag(standby, now), lagLimit(snapshot), clock)}
          ${timelinePart(history.days(now, timeZone), history.outages(now), lagLimit(snapshot), clock)}
          ${checksPart(checks, clock)} ${disksPart(facts, (disk) => history.growth(disk), clock)}
          ${databasesPart(facts, clock)}
        </main>
        <footer class="width">
          <p>Times are those of ${clock.zone}. ${problem && html`<strong>${problem}</strong>`}</p>
          <p>
            For programs: <a href="/health">/health</a> (JSON),
            <a href="/metrics">/metrics</a> (Prometheus)
          </p>
        </footer>
      </body>
    </html>`;
  return page.text;
}
