import { Percents } from "../../../contract/pgBackRestLog";
import type { Say } from "../kit/context";

/** Says how far a backup is, from pgBackRest's lines about the files that it copied. */
export class Progress {
  private readonly percents = new Percents();

  constructor(private readonly say: Say) {}

  take(line: string): void {
    const reached = this.percents.take(line);
    if (reached !== undefined) this.say(`${reached} %`);
  }
}
