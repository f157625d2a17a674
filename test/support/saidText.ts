import type { Check } from "../../contract/health/check";
import type { HealthReport } from "../../contract/health/report";

/** What is wrong, as every way to ask has to say it. */
export interface Problem {
  name: string;
  status: string;
  sentence: string;
  command: string | undefined;
}

/** What is neither good nor pending, by the names. */
export function wrongIn({ checks }: { checks: readonly Check[] }): Problem[] {
  return checks
    .filter(({ status }) => status !== "good" && status !== "pending")
    .map(({ name, status, sentence, command }) => ({ name, status, sentence, command }))
    .sort(byName);
}

const byName = (one: Problem, other: Problem) => one.name.localeCompare(other.name);

/** What the page says in its title, and the sentence below. */
export function verdictOn(page: string): [string, string] {
  const [, verdict = "", sentence = ""] = /<h1>([^<]*)<\/h1>\s*<p>([^<]*)<\/p>/.exec(page) ?? [];
  return [verdict.toLowerCase(), plain(sentence)];
}

/** The problems that the page lists. */
export function problemsOn(page: string): Problem[] {
  const [, section = ""] = /<section class="problems">([^]*?)<\/section>/.exec(page) ?? [];
  return section
    .split("<li>")
    .slice(1)
    .map((item) => {
      const [, name = "", status = ""] = /<h3>([^<]*) <span class="word (\w+)">/.exec(item) ?? [];
      const sentence = /<p>([^<]*)<\/p>/.exec(item)?.[1] ?? "";
      const command = /<code>([^<]*)<\/code>/.exec(item)?.[1];
      return {
        ...{ name: plain(name), status, sentence: plain(sentence) },
        command: command === undefined ? undefined : plain(command),
      };
    })
    .sort(byName);
}

/** The lines by which `laterbase health` says a report. */
export function toldBy(report: HealthReport): string[] {
  return [
    `${report.status.toUpperCase()}: ${report.sentence}\n`,
    ...wrongIn(report).flatMap(({ name, status, sentence, command }) => [
      `${status.toUpperCase().padEnd(8)}  ${name}: ${sentence}\n`,
      ...(command === undefined ? [] : [`          next: ${command}\n`]),
    ]),
  ];
}

const entities: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

const plain = (text: string) => text.replace(/&(amp|lt|gt|quot|#39);/g, (one) => entities[one]!);
