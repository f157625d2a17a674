/**
 * The entries that pg_restore could not make, from its messages. It gives no code for them: each is tried
 * again, and then the server's SQLSTATE says why. A hostile error text may name other entries: one of the same
 * run is only tried again as well, and one of another run is not believed, because its rows would come twice.
 */
export class FailedEntries {
  readonly found = new Map<number, string>();
  private last: number | undefined;
  private outside = false;
  private ended = false;

  /** @param only the entries of the run. Default: every one of the archive */
  constructor(private readonly only?: ReadonlySet<number>) {}

  /** Whether pg_restore went through all entries, and every error belongs to one of them. */
  get complete(): boolean {
    return this.ended && !this.outside && this.found.size > 0;
  }

  read(line: string): void {
    const message = MESSAGE.exec(line)?.[1] ?? "";
    if (message === "") return;
    this.ended = /^warning: errors ignored on restore: \d+$/.test(message);
    if (message === "while INITIALIZING:") this.outside = true;
    const id = Number(/^from TOC entry (\d+); /.exec(message)?.[1] ?? NaN);
    if (this.only?.has(id) ?? !Number.isNaN(id)) {
      this.last = id;
      this.found.set(this.last, this.found.get(this.last) ?? "");
      return;
    }
    const error = /^error: (?:could not execute query: )?(?:ERROR: +)?(.*)/.exec(message)?.[1];
    if (error !== undefined && this.last !== undefined && !this.found.get(this.last)) {
      this.found.set(this.last, error);
    }
  }
}

/** Two jobs may write at the same time: then the prefixes stand side by side, and each message is whole. */
const MESSAGE = /^(?: *pg_restore:)* *(.*)$/;
