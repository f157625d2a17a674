import type { RunningWork } from "../../../contract/agentOverview";
import { elapsed } from "../kit/clock";

/** What people call the commands that are work. The others only look. */
const names: Readonly<Record<string, string>> = {
  dump: "dump",
  upload: "upload",
  backup: "backup",
  drill: "drill",
  "restore-dump": "restore-dump",
  "verify-dump": "verify-dump",
  "check-backups": "check",
  "verify-backups": "verify",
  "maintain-backups": "maintenance",
  "restore-point": "restore-point",
};

/** What a clock gains by itself in a long run is less. */
const setMs = 60_000;

/** The work of the agent that is under way, or that waits for its turn. */
export class Running {
  private readonly all = new Set<RunningWork & { begun: number }>();

  /** @param clock milliseconds of a clock that nobody sets */
  constructor(private readonly clock: () => number = elapsed) {}

  /** Does a piece of work, and knows it until its end. */
  async during<T>(command: string, args: Record<string, unknown>, work: Promise<T>): Promise<T> {
    const name = names[command];
    if (name === undefined) return work;
    const type = typeof args["type"] === "string" ? ` ${args["type"]}` : "";
    const one = {
      ...{ name: `${name}${type}`, since: new Date().toISOString() },
      begun: this.clock(),
    };
    this.all.add(one);
    try {
      return await work;
    } finally {
      this.all.delete(one);
    }
  }

  /** The longest first. */
  list(now = Date.now()): RunningWork[] {
    return [...this.all].map((one) => {
      const since = now - (this.clock() - one.begun);
      // The machine's clock was set meanwhile, and its old time says nothing of how long the work takes.
      if (Math.abs(Date.parse(one.since) - since) > setMs)
        one.since = new Date(since).toISOString();
      return { name: one.name, since: one.since };
    });
  }
}
