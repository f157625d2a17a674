import { elapsed } from "../kit/clock";

const PROGRESS_MS = 2000;

/** Says how far a restore is. */
export class EntryProgress {
  private readonly ids: ReadonlySet<number>;
  private readonly done = new Set<number>();
  private said = elapsed();

  /** @param entries all entries of the archive */
  constructor(
    entries: readonly { id: number }[],
    private readonly say: (progress: string) => void,
    private readonly everyMs = PROGRESS_MS,
  ) {
    this.ids = new Set(entries.map(({ id }) => id));
  }

  /** An entry is done, whether or not it could be made. What an owner's code prints may name any number. */
  add(id: number, entry?: string): void {
    if (this.ids.has(id)) this.done.add(id);
    if (entry === undefined || elapsed() - this.said < this.everyMs) return;
    this.said = elapsed();
    this.say(`processed ${this.done.size} of ${this.ids.size} entries, the last one: ${entry}`);
  }
}
