import { meaningOf } from "./pgBackRestExits";
import { visible } from "./visible";

const errorLine = /(?:^|\s)ERROR: (?:\[\d+\]: )?(.+)/;
const warningLine = /(?:^|\s)WARN: (.+)/;

/** The first error of pgBackRest's log, or its last warning. For people only: the exit code decides. */
export class Complaints {
  private first: string | undefined;
  private warning: string | undefined;

  take(line: string): void {
    this.first ??= errorLine.exec(line)?.[1];
    this.warning = warningLine.exec(line)?.[1] ?? this.warning;
  }

  error(): string | undefined {
    return this.first ?? this.warning;
  }
}

/** A run that failed, as sentences: what its exit code means, what to do next, and pgBackRest's own words. */
export function failureSentence(code: number, error?: string): string {
  const { means, next } = meaningOf(code);
  const own = error === undefined ? "" : ` pgBackRest says: ${withStop(visible(error.trim()))}`;
  return `${withStop(means)}${next ? ` ${withStop(next)}` : ""}${own} [${code}]`;
}

/** How far a backup or a restore is, at the end of a line about a file: `…, 34.56%) checksum …`. */
const percent = /\b(\d{1,3})(?:\.\d+)?%\)/;
const step = 10;

/** Reads from the lines about files how far pgBackRest is: every ten percent, and never the end. */
export class Percents {
  private said = 0;

  /** Undefined: nothing new. */
  take(line: string): number | undefined {
    const [, digits] = percent.exec(line) ?? [];
    const reached = digits === undefined ? 0 : Math.floor(Number(digits) / step) * step;
    if (reached <= this.said || reached >= 100) return undefined;
    this.said = reached;
    return reached;
  }
}

const withStop = (sentence: string) => (/[.!?]$/.test(sentence) ? sentence : `${sentence}.`);
