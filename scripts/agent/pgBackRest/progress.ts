import type { Say } from "../kit/context";

/** How far a backup is, at the end of a line about a file: `…, 34.56%) checksum …`. */
const percent = /\b(\d{1,3})(?:\.\d+)?%\)/;
const step = 10;

/** Says how far a backup is, from pgBackRest's lines about the files that it copied. */
export class Progress {
  private said = 0;

  constructor(private readonly say: Say) {}

  take(line: string): void {
    const [, digits] = percent.exec(line) ?? [];
    const reached = digits === undefined ? 0 : Math.floor(Number(digits) / step) * step;
    if (reached <= this.said || reached >= 100) return;
    this.said = reached;
    this.say(`${reached} %`);
  }
}
